"""Training in few bits: what changes with the width, what is kept, and faults that are planted."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sw.design.files import load
from sw.design.slots import Slots
from sw.experiments.narrow import command, runs
from sw.experiments.narrow.findings import BITS, CLAIMS, ROUNDING, findings
from sw.experiments.narrow.runs import WIDTHS, Task, narrowed, rows, trained
from sw.experiments.record import Record, packed
from sw.golden.network import GoldenNetwork
from sw.golden.train import train
from sw.sources import load_for
from sw.sparse.errors import SparseError
from tests.experiments.refused import assert_refused


@pytest.fixture(scope="module")
def task():
    design = load("designs/tiny.toml")
    return Task(design, load_for(design, train=200, test=100), 1, (1, 2))


def test_the_claim_names_the_least_width_that_is_tried():
    assert CLAIMS[ROUNDING].startswith(f"in {min(WIDTHS)} to 10 bits")


@pytest.mark.parametrize("file", ["mnist", "digits", "morse"])
@pytest.mark.parametrize("width", [7, 14])
def test_each_bit_less_is_a_bit_less_of_fraction(file, width):
    design = load(f"designs/{file}.toml")
    found = narrowed(design, width, "nearest", 3)
    arithmetic, own = found.arithmetic, design.arithmetic
    assert (arithmetic.width, arithmetic.rounding) == (width, "nearest")
    assert arithmetic.integer_bits == own.integer_bits
    assert arithmetic.number.fraction_bits == own.number.fraction_bits + width - own.width
    assert found.training.rate_shift == design.training.rate_shift
    assert [j.pattern.left_of.shape for j in found.junctions] == [j.pattern.left_of.shape for j in design.junctions]


@pytest.mark.parametrize("rounding", runs.ROUNDINGS)
def test_it_is_what_the_golden_model_learns(task, rounding):
    design, data = narrowed(task.design, 8, rounding, 2), task.data
    golden = GoldenNetwork(design)
    train(golden, data.xtr, data.ytr, 0, len(data.xtr))
    golden.run(golden.flush())
    due = golden.run(Slots.infer(data.xte, data.yte)).correct
    np.testing.assert_array_equal(trained(design, data, 1)[0], due)


def test_what_was_trained_is_not_trained_again(task, tmp_path, monkeypatch):
    first = list(rows([task], tmp_path, (8, 10)))
    assert [(row["rounding"], row["width"]) for row in first] == [
        ("stochastic", 8), ("stochastic", 10), ("nearest", 8), ("nearest", 10)]
    assert {row["weights"] for row in first} == {336}
    assert first[0]["test_accuracies"] != first[2]["test_accuracies"]
    monkeypatch.setattr(runs, "trained", lambda *_: pytest.fail("trained again"))
    assert list(rows([task], tmp_path, (8, 10))) == first
    labels = replace(task.data, ytr=(task.data.ytr + 1) % 10)  # other data of the same name
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        list(rows([replace(task, data=labels)], tmp_path, (8, 10)))


def test_seeds_that_draw_the_same_are_refused(task, tmp_path):
    with pytest.raises(SparseError, match="two have drawn the same"):  # the fault: a seed twice
        list(rows([replace(task, seeds=(1, 1))], tmp_path, (8,)))


def test_the_kept_findings_follow_from_the_kept_records():
    report = json.loads(Path("docs/narrow-training.json").read_text())
    found = findings([Record(row) for row in report["rows"]])
    assert [one.record() for one in found] == report["findings"]
    # stated in README
    text = Path("README.md").read_text()
    eight = [row for row in report["rows"] if (row["design"], row["width"]) == ("mnist", 8)]
    for row in eight:
        shown = Record(row).accuracy
        assert f"{shown.mean:.1f} % ± {shown.half:.1f}" in text


def record(width, rounding, accuracies, weights=336):
    right = np.array([np.arange(1000) < 10 * a for a in accuracies])
    return Record(design="d", width=width, rounding=rounding, weights=weights, test_accuracies=accuracies,
                  correct=packed(right.sum(axis=0)))


def test_verdicts():
    found = findings([record(14, "stochastic", [90, 90.2]), record(14, "nearest", [90, 90.2]),
                      record(10, "stochastic", [89.9, 90.1]), record(10, "nearest", [60, 60.2])])
    said = {one.claim: one.verdict for one in found if one.claim}
    assert said == {ROUNDING: "reproduced", BITS: "reproduced"}
    # a tie at 14 bits and a loss of 30 points by rounding to nearest are figures, not claims
    assert sum(1 for one in found if not one.claim) == 2


def test_networks_of_unequal_size_are_not_compared():
    with pytest.raises(SparseError, match="equally many weights"):
        findings([record(8, "stochastic", [90, 91], weights=400), record(8, "nearest", [80, 81])])


def test_the_short_form_writes_all_files(tmp_path, capsys):
    arguments = ["--designs", "designs/tiny.toml", "--short", "--out", str(tmp_path), "--page", str(tmp_path / "n.md")]
    assert command.main(arguments) == 0
    assert "points that stochastic rounding has more" in capsys.readouterr().out
    report = json.loads((tmp_path / "n.json").read_text())
    assert len(report["rows"]) == 4
    assert all(row["content"] and row["train_accuracies"] and row["seeds"] == [1, 2] for row in report["rows"])
    assert len(list(csv.DictReader((tmp_path / "n.csv").read_text().splitlines()))) == 4
    text = (tmp_path / "n.md").read_text()
    assert "Only a short form" in text
    assert "(narrow-training.svg)" in text
    assert (tmp_path / "narrow-training.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(("arguments", "message"), [
    (["--seeds", "1"], "--seeds must be 2 to 255, as one has no interval, got 1"),
    (["--seeds", "256"], "--seeds must be 2 to 255, as one has no interval, got 256"),
    (["--page", "there/is/none.md"], "--page must be a .md file in a folder that exists"),
    (["--designs", "designs/mnist.toml"], "which --mnist must name"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, capsys):
    assert_refused(command.main, [*arguments, "--out", str(tmp_path / "out")], message, capsys)
    assert not (tmp_path / "out").exists()
