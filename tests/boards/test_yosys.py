"""Yosys in a process of its own: what goes wrong there is one line that names the log."""

import time

import pytest

from boards import yosys
from boards.errors import BoardError


def test_steps_are_told(tmp_path):
    told = []
    seconds = yosys.run(
        [("first", ["log one"]), ("second", ["log two"])], tmp_path, tmp_path / "log", limit=60,
        tell=lambda label, _: told.append(label),
    )
    assert 0 < seconds < 60
    assert list(dict.fromkeys(told)) == ["start", "first", "second"]
    said = (tmp_path / "log").read_text()
    assert "\none\n" in said
    assert "\ntwo\n" in said


def test_a_failing_pass_ends_it(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(BoardError) as error:
        yosys.run([("one", ["read_rtlil none.il"]), ("two", ["log never"])], tmp_path, log, limit=60)
    assert str(error.value) == f"yosys failed at one: ERROR: File `none.il' not found or is a directory; see {log}"
    assert "never" not in log.read_text()


def test_a_crash_is_told(tmp_path, monkeypatch):
    program = tmp_path / "program.py"
    program.write_text("import os, sys\nsys.stdin.read()\nprint('deep', flush=True)\nos.abort()\n")
    monkeypatch.setattr(yosys, "_PROGRAM", program)
    with pytest.raises(BoardError) as error:
        yosys.run([("deep", [])], tmp_path, tmp_path / "log", limit=60)
    assert str(error.value) == f"yosys failed at deep: ended by signal 6 (SIGABRT); see {tmp_path / 'log'}"


def test_the_time_limit_ends_it(tmp_path, monkeypatch):
    program = tmp_path / "program.py"
    program.write_text("import sys, time\nsys.stdin.read()\nprint('long', flush=True)\ntime.sleep(60)\n")
    monkeypatch.setattr(yosys, "_PROGRAM", program)
    started = time.perf_counter()
    with pytest.raises(BoardError) as error:
        yosys.run([("long", [])], tmp_path, tmp_path / "log", limit=1.5)
    assert str(error.value) == f"yosys must end within 2 s, was still at long; see {tmp_path / 'log'}"
    assert time.perf_counter() - started < 30


def test_without_pyosys(tmp_path, monkeypatch):
    monkeypatch.setattr(yosys, "find_spec", lambda name: None)
    with pytest.raises(BoardError) as error:
        yosys.run([], tmp_path, tmp_path / "log", limit=1)
    assert str(error.value) == "pyosys must be installed, is not; `make synth` installs it, or: pip install pyosys"
