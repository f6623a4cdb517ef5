"""`make faults`: what it prints and writes, and when it fails."""

import json

from tests.faults import __main__ as command
from tests.faults import where
from tests.faults.designs import BALANCED, QUICK
from tests.faults.fault import Fault
from tests.faults.table import FAULTS
from tests.faults.test_plant import FLUSH

BIAS = "golden model: a bias shares the number of its last weight"


def test_a_caught_fault(tmp_path, capsys):
    report = tmp_path / "sub" / "report.json"
    assert command.main(["--fault", "C_i < C", "--report", str(report)]) == 0
    out = capsys.readouterr().out
    assert "    planted in  hw.sequencer.JunctionSequencer.elaborate\n" in out
    assert "    design      quick: D 2, 1; C_i 4, 2 of C 5; rows back after 1\n" in out
    assert "    comparison  result " in out
    assert "    elsewhere   unnoticed on balanced: D 3, 6; C_i 6, 6 of C 6; rows back after never\n" in out
    assert f"1 faults, 1 runs: all caught by the comparison; 1 runs where a fault must pass unnoticed; {report}" in out
    written = json.loads(report.read_text())
    assert (written["faults"], written["wrong"]) == (1, [])
    assert [(r["expected"], r["right"]) for r in written["runs"]] == [("caught", True), ("unnoticed", True)]
    assert written["runs"][0]["comparison"] in out


def test_a_fault_that_is_not_caught(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "FAULTS", (Fault("harmless", FLUSH, BALANCED, where.ANY),))
    assert command.main(["--report", str(tmp_path / "report.json")]) == 1
    out = capsys.readouterr().out
    assert "comparison  NOT CAUGHT: all words equal" in out
    assert "NOT all caught" in out
    assert out.endswith("WRONG: harmless\n")
    assert json.loads((tmp_path / "report.json").read_text())["wrong"] == ["harmless"]


def test_a_fault_that_is_seen_where_it_cannot_be(tmp_path, capsys, monkeypatch):
    fault = next(f for f in FAULTS if f.name == BIAS)
    never = where.Where("a thing that no design has", lambda design: design is QUICK)
    other = Fault("seen", fault.plant, QUICK, never, only=True, without=(BALANCED,))
    monkeypatch.setattr(command, "FAULTS", (other,))
    assert command.main(["--report", str(tmp_path / "report.json")]) == 1
    out = capsys.readouterr().out
    assert "    elsewhere   SEEN: " in out
    assert "which has not: a thing that no design has\n" in out


def test_an_unknown_fault(tmp_path, capsys):
    assert command.main(["--fault", "nothing like it", "--report", str(tmp_path / "report.json")]) == 2
    error = capsys.readouterr().err.splitlines()
    assert error[0] == "error: --fault must be part of a fault's name, got 'nothing like it'; the names are:"
    assert len(error) == 1 + len(FAULTS)
    assert not list(tmp_path.iterdir())
