"""The Verilog: the same bytes every time, no latches, and a port list that is true; errors in one line."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hw.verilog import write
from sw.common.errors import FileError
from sw.design.errors import DesignError
from sw.design.hashes import circuit_hash, network_hash
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from tests.hw.designs import quick

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write(quick(), tmp_path_factory.mktemp("verilog") / "new" / "folder")


def generated_by(python: str) -> subprocess.CompletedProcess:
    program = (
        "import sys\nfrom hw.verilog import generate\nfrom tests.hw.designs import quick\n"
        "sys.stdout.write(generate(quick()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    return subprocess.run([python, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_same_bytes_in_another_process_with_other_hashes(written):
    other = generated_by(sys.executable)
    assert other.stdout == written.read_text(), other.stderr


def test_same_bytes_in_another_python(written):
    """In those that CLASHFREE_PYTHONS names; without, in those of PATH that have the packages."""
    given = [python for python in os.environ.get("CLASHFREE_PYTHONS", "").split(os.pathsep) if python]
    others = given or [f"python3.{minor}" for minor in range(11, 15) if minor != sys.version_info.minor]
    compared = 0
    for python in filter(shutil.which, others):
        other = generated_by(python)
        if other.returncode and not given:
            continue
        assert other.stdout == written.read_text(), (python, other.stderr)
        compared += 1
    if not compared:
        pytest.skip("no other Python has the packages; CLASHFREE_PYTHONS can name some")


def test_no_latch_and_no_machine_path(written):
    """Every process is clocked, or begins by giving each signal that it drives a value."""
    text = written.read_text()
    assert "latch" not in text
    assert str(ROOT) not in text
    processes = re.findall(r"always @(\*|\(.*?\)|\*) ?begin\n(.*?)\n  end\n", text, re.S)
    assert sum("posedge" not in head for head, _ in processes) > 10
    for head, body in processes:
        driven = set(re.findall(r"^ *(\\?[\w.\[\] ]+?) = ", body, re.M))
        started = set(re.findall(r"^    (?! )(\\?[\w.\[\] ]+?) = ", body, re.M))
        assert "posedge" in head or driven <= started, (head, driven - started)


def test_the_ports_of_the_top_module_are_those_of_ports_json(written):
    facts = json.loads((written.parent / "ports.json").read_text())
    design = quick()
    schedule = Schedule.of(design)
    assert facts["design"] == "quick"
    assert (facts["network_hash"], facts["circuit_hash"]) == (network_hash(design), circuit_hash(design))
    assert (facts["clocks"], facts["beats"], facts["lags"]) == (schedule.clocks, schedule.beats, list(schedule.lags))
    assert facts["streams"] == json.loads(json.dumps(Ports.of(design).as_json()))

    top = re.search(r"^module top\((.*?)\);(.*?)^endmodule", written.read_text(), re.M | re.S)
    assert top
    declared = re.findall(r"^  (input|output) (?:reg )?(?:\[(\d+):0\] )?(\w+);", top[2], re.M)
    ports = {name: (way, int(high or 0) + 1) for way, high, name in declared}
    due = {"clk": ("input", 1), "rst": ("input", 1)} | dict.fromkeys(facts["counters"], ("output", 32))
    for stream, fields in facts["streams"].items():
        there, back = ("output", "input") if stream in ("results", "readback") else ("input", "output")
        due[f"{stream}__payload"] = (there, sum(f["width"] * f["count"] for f in fields))
        due[f"{stream}__valid"], due[f"{stream}__ready"] = (there, 1), (back, 1)
    assert ports == due


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"file.*cannot be made: (Not a directory|File exists)$"):
        write(quick(), tmp_path / "file")


def test_nothing_is_left_where_the_verilog_cannot_be_written(tmp_path):
    (tmp_path / "top.v").mkdir()
    with pytest.raises(FileError, match=r"top\.v: cannot be written: "):
        write(quick(), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ports.json", "top.v"]


def test_a_schedule_that_is_wrong_makes_no_verilog(tmp_path, monkeypatch):
    """A set of left activations too few; the rehearsal finds the slot whose value is gone."""
    schedule = Schedule.of(quick())
    few = (schedule.activation_sets[0] - 1, *schedule.activation_sets[1:])
    monkeypatch.setattr(Schedule, "of", lambda design: replace(schedule, activation_sets=few))
    with pytest.raises(DesignError, match=r"^junction 1: left activations for UP: slot \d+ reads .* overwrites it"):
        write(quick(), tmp_path / "new")
    assert not (tmp_path / "new").exists()
