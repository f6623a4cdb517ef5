"""`make faults`: what it prints and writes, and when it fails."""

import json

import pytest

from tests.faults import __main__ as command
from tests.faults.designs import BALANCED, QUICK
from tests.faults.fault import Outcome, Unsound
from tests.faults.plant import PlantError
from tests.faults.runs import SEEDS
from tests.faults.table import FAULTS

IDLE = "work goes on after C_i (C_i < C)"
STALE = "a stale weight read"


@pytest.fixture
def answers(monkeypatch):
    """Outcomes that the command gets in place of real runs: the words of comparison and rehearsal, by design."""
    said = {"quick": ("word 3 differs", "slot 2 overwrites it")}

    def run(fault, design, seeds):
        comparison, rehearsal = said.get(design.name, (None, None))
        return Outcome(fault, design, seeds[-1], comparison, rehearsal if fault.listed else None, 1.25)

    monkeypatch.setattr(command, "run", run)
    return said


def call(tmp_path, name: str) -> tuple[int, dict]:
    report = tmp_path / "sub" / "report.json"
    status = command.main(["--fault", name, "--report", str(report)])
    return status, json.loads(report.read_text())


def test_a_real_run(tmp_path, capsys):
    status, report = call(tmp_path, "number of its last weight")
    assert (status, report["wrong"]) == (0, [])
    (run,) = report["runs"]
    assert run["comparison"].startswith("slot ")
    assert f"    comparison  {run['comparison']}\n" in capsys.readouterr().out


def test_a_caught_fault(tmp_path, capsys, answers):
    status, report = call(tmp_path, IDLE)
    assert capsys.readouterr().out == (
        f"{IDLE:<75}   1.2 s\n"
        "    planted in  hw.sequencer.JunctionSequencer.elaborate\n"
        "    design      quick: D 2, 1; C_i 4, 2 of C 6; rows back after 1\n"
        "    comparison  word 3 differs\n"
        "    elsewhere   unnoticed on balanced: D 3, 6; C_i 6, 6 of C 6; rows back after never\n"
        "                which has not: C_i < C\n"
        "\n"
        "1 faults, 1 runs: all caught by the comparison; 1 runs where a fault must pass unnoticed; "
        f"{tmp_path / 'sub' / 'report.json'}\n"
    )
    assert (status, report["faults"], report["wrong"]) == (0, 1, [])
    assert [(r["expected"], r["right"]) for r in report["runs"]] == [("caught", True), ("unnoticed", True)]
    assert (report["runs"][0]["comparison"], report["runs"][1]["comparison"]) == ("word 3 differs", None)


def test_a_fault_that_the_rehearsal_finds_too(tmp_path, capsys, answers):
    assert call(tmp_path, STALE)[0] == 0
    assert "    rehearsal   slot 2 overwrites it\n" in capsys.readouterr().out


@pytest.mark.parametrize(("found", "words"), [
    ((None, "slot 2"), "    comparison  NOT CAUGHT: all words equal\n"),
    (("word 3", None), "    rehearsal   NOT CAUGHT: every access in order\n"),
])
def test_a_fault_that_is_not_caught(tmp_path, capsys, answers, found, words):
    answers["quick"] = found
    status, report = call(tmp_path, STALE)
    out = capsys.readouterr().out
    assert words in out
    assert "NOT all caught" in out
    assert out.endswith(f"WRONG: {STALE}\n")
    assert (status, report["wrong"]) == (1, [STALE])


def test_a_fault_that_is_seen_where_it_cannot_be(tmp_path, capsys, answers):
    answers["balanced"] = ("word 4", None)
    status, report = call(tmp_path, IDLE)
    assert "    elsewhere   SEEN: word 4 on balanced: " in capsys.readouterr().out
    assert (status, report["wrong"]) == (1, [IDLE])


def test_an_unknown_fault(tmp_path, capsys):
    assert command.main(["--fault", "nothing like it", "--report", str(tmp_path / "report.json")]) == 2
    error = capsys.readouterr().err.splitlines()
    assert error[0] == "error: --fault must be part of a fault's name, got 'nothing like it'; the names are:"
    assert len(error) == 1 + len(FAULTS)


@pytest.mark.parametrize(("error", "status"), [(Unsound("a word"), 1), (PlantError("a text"), 2)])
def test_runs_that_cannot_be_made(tmp_path, capsys, monkeypatch, error, status):
    def run(fault, design, seeds):
        raise error

    monkeypatch.setattr(command, "run", run)
    assert command.main(["--report", str(tmp_path / "report.json")]) == status
    assert capsys.readouterr().err == f"error: {error}\n"
    assert not list(tmp_path.iterdir())


def test_the_short_run_of_a_fault_is_what_the_tests_run():
    fault = next(f for f in FAULTS if f.name == IDLE)
    assert command.short_runs(fault) == [(QUICK, SEEDS[:1]), (BALANCED, SEEDS[:1])]
