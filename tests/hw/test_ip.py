"""`make ip`: the files are there and true, FuseSoC and Verilator's linter accept them, the document has the map."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hw.ip import main, top_name
from sim.toolchain import find_verilator
from sw.common.process import environment
from sw.design.files import load
from sw.design.hashes import circuit_hash
from sw.design.registers import constants, table

ROOT = Path(__file__).parents[2]
TOP = "clashfree_tiny"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("ip") / "tiny"
    assert main(["--design", "designs/tiny.toml", "--out", str(made)]) == 0
    return made


def fusesoc(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess:
    """In a home of its own, so that it meets no libraries of the user."""
    command = [sys.executable, "-m", "fusesoc.main", "--cores-root", str(folder), *words]
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment() | home | variables, capture_output=True, text=True)


def test_files(folder):
    assert {file.name for file in folder.iterdir()} >= {f"{TOP}.v", f"{TOP}.h", f"{TOP}.core", "ports.json"}
    assert f"module {TOP}(" in (folder / f"{TOP}.v").read_text()
    facts = json.loads((folder / "ports.json").read_text())
    assert facts["circuit_hash"] == circuit_hash(load("designs/tiny.toml"))
    assert facts["tdata_bits"] == {"s_axis_slots_tdata": 48, "m_axis_results_tdata": 16}


def test_the_header_compiles_and_is_true(folder, tmp_path):
    checks = "".join(
        f"_Static_assert({TOP.upper()}_{name}_VALUE == {value}u, \"{name}\");\n"
        for name, value in constants(load("designs/tiny.toml")).items()
    )
    program = f'#include "{TOP}.h"\n{checks}_Static_assert({TOP.upper()}_VALUE == 44, "offset");\n'
    done = subprocess.run(["gcc", "-fsyntax-only", "-Wall", "-Werror", f"-I{folder}", "-x", "c", "-"], input=program,
                          env=environment(), text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.verilator
def test_fusesoc_runs_the_linter_on_it(folder):
    verilator = find_verilator()
    done = fusesoc(folder, "run", "--target=lint", TOP, PATH=verilator.env["PATH"])
    assert done.returncode == 0, done.stderr + done.stdout
    # elaborated, not only found
    assert list(folder.glob(f"build/{TOP}_*/lint/*.vc"))


def test_fusesoc_refuses_a_core_that_is_none(folder, tmp_path):
    text = (folder / f"{TOP}.core").read_text().replace("filesets: [rtl]", "filesets: [none]")
    (tmp_path / f"{TOP}.core").write_text(text)
    assert fusesoc(tmp_path, "run", "--setup", "--target=lint", TOP).returncode != 0


def test_the_document_has_the_register_map():
    assert table() in (ROOT / "docs" / "ip.md").read_text()


def test_names_of_designs_become_names_of_modules():
    assert top_name(load("designs/mnist-arty.toml")) == "clashfree_mnist_arty"


def test_nothing_is_left_of_a_design_that_is_none(tmp_path, capsys):
    assert main(["--design", os.devnull, "--out", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "none").exists()
