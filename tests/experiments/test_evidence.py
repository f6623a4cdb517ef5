"""The kept records: judged anew they say the same, pages show them, and running them again is compared."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from sw.experiments.__main__ import main
from sw.experiments.again import figures_again, record_again
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.claims import CLAIMS, PAGE, README, page, readme
from sw.experiments.kept import MEASURED, judged_again, kept
from sw.experiments.record import Record
from sw.experiments.shown import figures, shown
from sw.experiments.statistics import Estimate
from sw.sparse.errors import SparseError
from tests.experiments.refused import assert_refused

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
    assert "| morse, draw 2 |" in page(MEASURED)
    assert readme(README.read_text(), MEASURED) == README.read_text(), "python -m sw.experiments claims"
    for claim in CLAIMS.values():
        assert claim.text in PAGE.read_text()


def test_how_much_better_seeds_are_that_went_on_for_longer():
    """docs/experiments.md: 0.2 to 0.5 points for ten epochs."""
    slopes = []
    for _, report in REPORTS:
        rows = [row for row in report["rows"] if row.get("kept_epochs")]
        epochs, accuracies = (np.concatenate([np.subtract(row[name], np.mean(row[name])) for row in rows] or [[]])
                              for name in ("kept_epochs", "test_accuracies"))
        if report["data"]["name"] == "morse" and rows:
            slopes.append(10 * (epochs @ accuracies) / (epochs @ epochs))
    assert len(slopes) >= 9
    assert (round(min(slopes), 1), round(max(slopes), 1)) == (0.2, 0.5)


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
    path = kept_record(tmp_path, ("--train", "200", "--test", "100", "--epochs", "1", "--seeds", "5"))
    assert evidence(tmp_path) == 0
    said = capsys.readouterr()
    assert ("histogram-digits: 2 configurations, 12 findings, 12 with the kept verdict; "
            "as kept, 2 of 2 figures exactly\n") in said.out
    assert "about 0 min left" in said.err
    assert evidence(tmp_path, "--seeds", "1") == 0
    report = json.loads(path.read_text())
    for row in report["rows"]:
        row["test_accuracies"] = [accuracy + 1 for accuracy in row["test_accuracies"]]
        row["test_interval"] = 0.9
    path.write_text(json.dumps(report))
    capsys.readouterr()
    assert evidence(tmp_path) == 1
    said = capsys.readouterr()
    assert "kept verdict; 2 differ\n" in said.out
    assert said.out.count(" of the weights, %: ") == 2
    assert "were run before" in said.err  # it goes on where it was


ROW = {"neurons": "64-16-10", "out_degrees": "4 5", "density": 0.5, "weights": 100, "l2": 0.0,
       "pattern": "type 1", "test_interval": 1.0, "seeds": [1, 2, 3, 4, 5],
       "test_accuracies": [90.0, 90.5, 91.0, 89.5, 89.0], "correct": "a"}


@pytest.mark.parametrize(("change", "content", "said"), [
    ({"weights": 99}, "a", "64-16-10, out-degrees 4 5, 50 % of the weights: weights 100, kept 99"),
    ({"out_degrees": "5 4", "l2": 0.1}, "a", "out_degrees 4 5, kept 5 4; l2 0.0, kept 0.1"),
    ({"pattern": "type 2"}, "a", "pattern type 1, kept type 2"),
    ({"seeds": [2, 1, 3, 4, 5]}, "a", "seeds [1, 2, 3, 4, 5], kept [2, 1, 3, 4, 5]"),
    ({}, "b", "the data are others: b, kept a"),
    ({"test_accuracies": [80.0, 80.5, 81.0, 79.5, 79.0]}, "a",
     "64-16-10, out-degrees 4 5, 50 % of the weights, %: 90.00 ± 0.98, kept 80.00 ± 0.98"),
    ({"test_accuracies": [90.9, 90.0, 90.3, 89.9, 91.5]}, "a", None),
    ({"test_interval": 0.3, "test_accuracies": [90.9, 90.0, 90.3, 89.9, 91.5]}, "a", "90.00 ± 0.98, kept 90.52 ± 0.83"),
])
def test_differences_are_told(change, content, said):
    compared = record_again({"data": {"content": "a"}, "rows": [Record(ROW | change)]}, [Record(ROW)], content)
    assert (said is None) == (not compared.lines) == str(compared).startswith("as kept")
    assert not said or said in compared.lines[0]


def test_the_same_accuracies_of_other_samples_are_not_the_same():
    rows = [Record(ROW | {"correct": text}) for text in ("a", "b")]
    for new, same in (rows[0], 1), (rows[1], 0):
        assert f"as kept, {same} of 1" in str(record_again({"data": {}, "rows": rows[:1]}, [new], None))


def test_other_networks_hide_no_other_accuracies():
    kept_rows = [Record(ROW | {"weights": 99}), Record(ROW | {"test_accuracies": [80.0, 80.5, 81.0, 79.5, 79.0]})]
    assert len(record_again({"data": {}, "rows": kept_rows}, [Record(ROW)] * 2, None).lines) == 2


def test_other_configurations_are_told():
    compared = record_again({"data": {}, "rows": [Record(ROW)]}, [], None)
    assert compared.lines == ["0 configurations, kept 1"]


def test_a_few_seeds_are_compared_with_the_same_ones():
    """The first seed's with the first seed's, the spread being that of all."""
    def alone(accuracy, rows):
        new = [Record(ROW | {"test_accuracies": [accuracy], "seeds": [1]})] * rows
        return record_again({"data": {}, "rows": [Record(ROW)] * rows}, new, None)

    assert str(alone(90.0, 1)) == "as kept, 1 of 1 figures exactly"
    assert str(alone(90.5, 25)).startswith("as kept, 0 of 25 figures exactly; the largest difference is 64-16-10")
    assert len(alone(91.2, 25).lines) == 25  # each could be by chance, not all


def test_integers_must_be_the_same():
    old, new = {"a": Estimate(90.0, 1.0)}, {"a": Estimate(90.01, 1.0)}
    assert figures_again(old, new).lines == []
    assert figures_again(old, new, exact=True).lines == ["a: 90.01 ± 1.00, kept 90.00 ± 1.00"]
    assert figures_again(old, dict(old), exact=True).lines == []


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


def test_all_that_docs_show_is_run_again():
    """Every record, page and table of experiments, but for a search of hours that is no record."""
    listed = {one.kept for one in shown(MEASURED)}
    records = {folder / "report.json" for folder, report in REPORTS if report["arguments"][0] not in EXPERIMENTS}
    assert listed == records | set(MEASURED.parent.glob("*.json")) | {MEASURED.parent / "morse-study.csv"}
    assert {path.parent for path in MEASURED.glob("*/table.csv")} - {folder for folder, _ in REPORTS} == {
        MEASURED / "search-mnist-wc"}
    for one in shown(MEASURED):
        assert bool(figures(one.kept)) == ("loader" not in one.name)  # of which a busy machine gave no interval
        assert not figures_again(figures(one.kept), figures(one.kept), exact=True).lines


def test_the_file_of_mnist_is_given_to_pages(monkeypatch):
    (narrow,) = (one for one in shown(MEASURED) if one.arguments[0] == "narrow")
    monkeypatch.setenv("CLASHFREE_MNIST", "a/b.npz")
    assert narrow.given(False) == ["narrow", "--mnist", "a/b.npz"]
    monkeypatch.delenv("CLASHFREE_MNIST")
    assert narrow.given(False) is None
    assert narrow.given(True) == ["narrow", "--designs", "designs/tiny.toml", "--short"]


def test_figures_that_changed_are_told(tmp_path):
    """Of a study's table one accuracy is moved by its interval, then by a little more; then its row is gone."""
    kept = MEASURED.parent / "morse-study.csv"
    header, first, *rest = kept.read_text().splitlines()
    at = header.split(",").index("test_accuracy")
    was, half = map(float, first.split(",")[at : at + 2])
    path = tmp_path / "table.csv"

    def lines(*rows):
        path.write_text("\n".join([header, *rows, *rest]) + "\n")
        return figures_again(figures(kept), figures(path)).lines

    def moved(by):
        cells = first.split(",")
        return ",".join([*cells[:at], f"{was + by:.4f}", *cells[at + 1 :]])

    name = f"700 small baseline 1.0: {{}}kept {was:.2f} ± {half:.2f}"
    assert lines(moved(half)) == []
    assert lines(moved(half + 0.001)) == [name.format(f"{was + half + 0.001:.2f} ± {half:.2f}, ")]
    assert lines() == [name.format("") + ", and not found now"]


def test_a_search_that_finds_something_else_fails(tmp_path, capsys):
    folder = tmp_path / "docs" / "experiments"
    arguments = ["search", "ensembling", "--scale", "short", "--seeds", "2"]
    assert main([*arguments, "--out", str(folder)]) == 0
    assert evidence(folder) == 0
    said = capsys.readouterr().out
    assert "search-ensembling-digits-mlp-short, 1 of 1 that are no networks\n" in said
    assert "search-ensembling-digits-mlp-short: as kept, " in said
    path = folder / "search-ensembling-digits-mlp-short" / "report.json"
    report = json.loads(path.read_text())
    report["findings"][0] |= {"estimate": report["findings"][0]["estimate"] + 1, "interval": 0.9}
    path.write_text(json.dumps(report))
    assert evidence(folder) == 1
    assert "search-ensembling-digits-mlp-short: 1 differ\n" in capsys.readouterr().out


def test_an_experiment_that_is_none_is_one_line(tmp_path, capsys):
    assert_refused(main, ["evidence", "density", "densty", "--out", str(tmp_path / "out")], "got densty", capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_every_command_runs_short(tmp_path, capsys, monkeypatch):
    """That of every record, page and table: each runs and finds something."""
    monkeypatch.delenv("CLASHFREE_MNIST", raising=False)
    assert main(["evidence", "--short", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.endswith("not compared") for line in lines) == sum(
        report["arguments"][0] in EXPERIMENTS for _, report in REPORTS) + len(list(shown(MEASURED)))
    assert Path(tmp_path / "results").is_dir()


def _of_each():
    """The quickest record of each experiment."""
    by_name = {}
    for folder, report in REPORTS:
        if report["arguments"][0] in EXPERIMENTS:
            by_name.setdefault(report["experiment"], []).append((folder, report))
    for found in by_name.values():
        yield min(found, key=lambda one: sum(row["seconds"] for row in one[1]["rows"]) / len(one[1]["seeds"]))


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "report"), list(_of_each()), ids=lambda one: getattr(one, "name", ""))
def test_one_seed_of_each_experiment(folder, report, tmp_path, capsys):
    """Trained as long as the record says: accuracies differ by no more than chance."""
    if report["arguments"][2].endswith(".npz") and not os.environ.get("CLASHFREE_MNIST"):
        pytest.skip("needs CLASHFREE_MNIST")
    only = tmp_path / "measured" / folder.name
    only.mkdir(parents=True)
    (only / "report.json").write_text((folder / "report.json").read_text())
    assert evidence(only.parent, "--seeds", "1") == 0
    assert "as kept, " in capsys.readouterr().out
