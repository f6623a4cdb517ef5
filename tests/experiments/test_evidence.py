"""The kept records: judged anew they say the same, pages show them, and running them again is compared."""

import json
from pathlib import Path

import pytest

from sw.experiments.__main__ import main
from sw.experiments.claims import CLAIMS, PAGE, README, page, readme
from sw.experiments.evidence import differences
from sw.experiments.kept import MEASURED, judged_again, kept
from sw.experiments.record import Record
from sw.sparse.errors import SparseError

REPORTS = list(kept(MEASURED))


@pytest.mark.parametrize(("folder", "report"), REPORTS, ids=[folder.name for folder, _ in REPORTS])
def test_records_say_what_their_rows_say(folder, report):
    assert report["findings"] == [finding.record() for finding in judged_again(report)]
    assert "/" not in " ".join(report["arguments"])
    if report["arguments"][0] != "search":
        for row in report["rows"]:
            assert len(row["test_accuracies"]) == len(row["seeds"]) == len(set(row["seeds"])) >= 5
            assert row["weights"] > 0
            assert row["epochs"] >= 1
            assert 0 < row["train_accuracy"] <= 100
            assert row["test_accuracy"] == pytest.approx(sum(row.accuracies) / len(row.accuracies), abs=1e-3)


def test_pages_are_those_of_the_records():
    assert page(MEASURED) == PAGE.read_text(), "python -m sw.experiments claims"
    assert readme(README.read_text(), MEASURED) == README.read_text(), "python -m sw.experiments claims"
    for claim in CLAIMS.values():
        assert claim.text in PAGE.read_text()


def test_a_page_without_marks_is_refused():
    with pytest.raises(SparseError, match="must have the marks"):
        readme("text", MEASURED)


def kept_record(folder, arguments=("--train", "200", "--test", "100", "--epochs", "1", "--seeds", "2")):
    """A record of the digits, as the command writes it."""
    assert main(["histogram", "--dataset", "digits", *arguments, "--out", str(folder)]) == 0
    return folder / "histogram-digits" / "report.json"


def evidence(folder, *options):
    return main(["evidence", "--measured", str(folder), "--out", str(folder / "again"), *options])


def test_what_is_run_again_is_as_kept(tmp_path, capsys):
    path = kept_record(tmp_path)
    assert evidence(tmp_path) == 0
    said = capsys.readouterr()
    assert "histogram-digits: 2 configurations, 8 findings; as kept\n" in said.out
    assert "about 0 min left" in said.err
    assert evidence(tmp_path, "--seeds", "1") == 0
    report = json.loads(path.read_text())
    row = report["rows"][0]
    row["test_accuracies"] = [accuracy + 1 for accuracy in row["test_accuracies"]]
    row["test_interval"] = 0.9
    path.write_text(json.dumps(report))
    capsys.readouterr()
    assert evidence(tmp_path) == 1
    said = capsys.readouterr()
    assert "histogram-digits: 2 configurations, 8 findings; 1 differ\n" in said.out
    assert "were run before" in said.err  # it goes on where it was
    row["test_interval"] = 1.1
    path.write_text(json.dumps(report))
    assert evidence(tmp_path) == 0


@pytest.mark.parametrize(("change", "content", "said"), [
    ({"weights": 99}, "a", "100 weights, kept 64-16-10 with 99"), ({}, "b", "the data are others: b, kept a"),
    ({"test_accuracies": [80.0]}, "a", "90.00 %, kept 80.00 ± 1.00 %"), ({}, "a", None),
    ({"test_accuracies": [90.9]}, "a", None),
])
def test_differences_are_told(change, content, said):
    row = {"neurons": "64-16-10", "out_degrees": "4 5", "density": 0.5, "weights": 100, "test_accuracies": [90.0],
           "test_interval": 1.0}
    report = {"data": {"content": "a"}, "rows": [Record(row | change)]}
    found = list(differences(report, [Record(row)], content))
    assert (said is None) == (not found)
    assert not found or said in found[0]
    assert list(differences(report, [], content))[-1] == "0 configurations, kept 1"


def test_data_that_are_not_at_hand_are_left_out(tmp_path, capsys, monkeypatch):
    path = kept_record(tmp_path)
    path.write_text(path.read_text().replace('"digits",', '"mnist.npz",'))
    monkeypatch.delenv("CLASHFREE_MNIST", raising=False)
    assert evidence(tmp_path) == 2
    said = capsys.readouterr()
    assert "histogram-digits: left out, as CLASHFREE_MNIST names no file for mnist.npz\n" in said.out
    assert said.err.count("error: ") == 1
    assert evidence(tmp_path, "--short") == 0
    assert "not compared" in capsys.readouterr().out


@pytest.mark.slow
def test_one_seed_of_each_experiment(tmp_path, capsys, monkeypatch):
    """Every kept record's command, short: each runs and finds something."""
    monkeypatch.delenv("CLASHFREE_MNIST", raising=False)
    assert main(["evidence", "--short", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(report["arguments"][0] != "search" for _, report in REPORTS)
    assert Path(tmp_path / "results").is_dir()
