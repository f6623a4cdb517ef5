"""Yosys in a process of its own: nothing of it is printed, and what goes wrong there is one line."""

import time

import pytest

from hw import yosys
from hw.yosys import YosysError
from sw.common.errors import UserError

SOURCE = "module top(input a, output y); assign y = ~a; endmodule\n"
READ, WRITE = "read_verilog top.v", "write_json out.json"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "top.v").write_text(SOURCE)
    return tmp_path


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Other programs in the place of the one that runs yosys."""

    def replace(text: str) -> None:
        (tmp_path / "program.py").write_text(text)
        monkeypatch.setattr(yosys, "_PROGRAM", tmp_path / "program.py")

    return replace


def test_output_is_there_and_nothing_is_printed(folder, capfd):
    yosys.run([("one", [READ]), ("two", [WRITE])], folder, outputs=["out.json"])
    assert '"$not"' in (folder / "out.json").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["out.json", "top.v"]
    assert capfd.readouterr() == ("", "")


def test_steps_are_told(tmp_path):
    told = []
    seconds = yosys.run(
        [("first", ["log one"]), ("second", ["log two"])], tmp_path, log=tmp_path / "log", limit=60,
        tell=lambda label, _: told.append(label),
    )
    assert 0 < seconds < 60
    assert list(dict.fromkeys(told)) == ["start", "first", "second"]
    said = (tmp_path / "log").read_text()
    assert "\none\n" in said
    assert "\ntwo\n" in said


@pytest.mark.parametrize(
    ("passes", "message"),
    [
        (["read_verilog none.v"], r"^yosys failed at only: ERROR: .*none\.v"),
        ([READ, "frobnicate"], r"^yosys failed at only: ERROR: .*frobnicate"),
        ([READ, "hierarchy -check -top absent"], r"^yosys failed at only: ERROR: .*absent"),
        ([READ], r"^yosys must write out\.json, has not$"),
    ],
)
def test_a_failure_is_one_line(folder, capfd, passes, message):
    with pytest.raises(YosysError, match=message) as raised:
        yosys.run([("only", passes)], folder, outputs=["out.json"])
    assert "\n" not in str(raised.value)
    assert isinstance(raised.value, UserError)
    assert capfd.readouterr() == ("", "")


def test_a_failing_pass_ends_it(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(YosysError) as error:
        yosys.run([("one", ["read_rtlil none.il"]), ("two", ["log never"])], tmp_path, log=log, limit=60)
    assert str(error.value) == f"yosys failed at one: ERROR: File `none.il' not found or is a directory; see {log}"
    assert "never" not in log.read_text()


def test_a_missing_output_names_the_log(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(YosysError) as error:
        yosys.run([("one", ["log words"])], tmp_path, outputs=["out.json"], log=log)
    assert str(error.value) == f"yosys must write out.json, has not; see {log}"


def test_a_crash_is_told(tmp_path, program):
    program("import os, sys\nsys.stdin.read()\nprint('deep', flush=True)\nos.abort()\n")
    with pytest.raises(YosysError) as error:
        yosys.run([("deep", [])], tmp_path, log=tmp_path / "log", limit=60)
    assert str(error.value) == f"yosys failed at deep: ended by signal 6 (SIGABRT); see {tmp_path / 'log'}"


def test_what_python_says_is_told(tmp_path, program):
    program("import nothing_like_it\n")
    with pytest.raises(YosysError) as error:
        yosys.run([("one", [])], tmp_path)
    assert str(error.value) == "yosys failed at start: ModuleNotFoundError: No module named 'nothing_like_it'"


def test_the_time_limit_ends_it(tmp_path, program):
    program("import sys, time\nsys.stdin.read()\nprint('long', flush=True)\ntime.sleep(60)\n")
    started = time.perf_counter()
    with pytest.raises(YosysError) as error:
        yosys.run([("long", [])], tmp_path, log=tmp_path / "log", limit=1.5)
    assert str(error.value) == f"yosys must end within 2 s, was still at long; see {tmp_path / 'log'}"
    assert time.perf_counter() - started < 30


def test_without_pyosys(tmp_path, monkeypatch):
    monkeypatch.setattr(yosys, "find_spec", lambda name: None)
    with pytest.raises(YosysError) as error:
        yosys.run([], tmp_path)
    assert str(error.value) == "pyosys must be installed, is not; `make sim` installs it, or: pip install pyosys"
