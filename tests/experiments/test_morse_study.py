"""The Morse study: what is trained, what is said of made-up results, and the command in its short form."""

import json
import math
import re
from itertools import chain, product

import numpy as np
import pytest

from sw.experiments.__main__ import main
from sw.experiments.measured import Measured
from sw.experiments.morse import command
from sw.experiments.morse.ladder import DENSE, LADDER, LARGE, SHORT, SPARSE, cases
from sw.experiments.morse.measures import measures
from sw.experiments.morse.page import answers, page
from sw.experiments.morse.pair import CEILING, PAIR, confused
from sw.experiments.morse.results import gathered
from sw.experiments.morse.tables import tables
from sw.experiments.record import packed
from sw.morse.codebook import CODES
from sw.morse.variants import VARIANTS
from tests.experiments.refused import assert_refused

CLASSES = 64
TESTS = 640


def confusion(accuracy, samples=100):
    """Errors go to the next class but those of the pair, which are guessed."""
    right = round(accuracy * samples)
    found = np.diag(np.full(CLASSES, right)) + np.roll(np.diag(np.full(CLASSES, samples - right)), 1, axis=1)
    found[np.ix_(PAIR, PAIR)] = samples // 2
    found[PAIR, (PAIR[0] + 1, PAIR[1] + 1)] = 0
    return found


def made(part, accuracy, seeds=(1, 2), densities=(DENSE, SPARSE)):
    """Results with the share that is right as a function of variant, density and seed."""
    found = []
    for case in chain.from_iterable(cases(part, "small", density, seeds) for density in densities):
        shares = [accuracy(case.labels["variant"], case.labels["wished"], seed) for seed in seeds]
        right = np.sum([np.arange(TESTS) < share * TESTS for share in shares], axis=0)
        found.append(Measured(case.labels, case.point, {
            "density": case.labels["wished"], "weights": case.point.weights, "test_accuracy": shares,
            "train_accuracy": [1.0] * len(seeds), "validation_accuracy": None, "seconds": 1.0,
            "correct": packed(right), "confusion": sum(map(confusion, shares)).tolist()}))
    return found


@pytest.fixture(scope="module")
def metrics():
    return {name: measures(SHORT, name) for name in SHORT.variants}


def test_the_ladder_is_all_variants_and_sizes_scale():
    assert LADDER.variants == tuple(VARIANTS)
    assert len(LARGE.variants) == 10
    assert LADDER.counts(VARIANTS["baseline"]) == (500, 100, 100)
    assert LADDER.counts(VARIANTS["size-250"]) == (25, 100, 100)
    assert LARGE.counts(VARIANTS["size-250"]) == (250, 1000, 1000)
    # as many updates for all
    seen = {LADDER.counts(found)[0] * LADDER.epochs_of(found) for found in VARIANTS.values()}
    assert seen == {10_000}


def test_the_seeds_of_a_network_are_trained_together():
    found = [case for network, density in product(["small", "large"], [DENSE, SPARSE])
             for case in cases(LADDER, network, density, (1, 2, 3))]
    assert len({case.point.identity for case in found}) == 52 * 2 * 2
    for case in found:
        assert case.point.seeds == (1, 2, 3)
        assert case.point.neurons[1] == {"small": 256, "large": 1024}[case.labels["network"]]
        if case.labels["wished"] == SPARSE:
            full = sum(a * b for a, b in zip(case.point.neurons, case.point.neurons[1:], strict=False))
            assert 0.19 < case.point.weights / full < 0.215


def test_the_pair_and_the_ceiling():
    assert CODES[PAIR[0]] == CODES[PAIR[1]]
    # a perfect classifier that guesses these two
    matrix = confusion(1.0)
    assert np.trace(matrix) / matrix.sum() == CEILING == 63 / 64


def test_the_pair_in_results():
    (trained,) = gathered(made(SHORT, lambda *_: 0.9, seeds=(1,)))
    found = confused(trained.full["baseline"])
    assert (found.samples, found.right, found.other, found.third) == (200, 0.5, 0.5, 0)
    errors = 62 * 10 + 100
    assert found.of_errors == pytest.approx(100 / errors)
    assert found.without == pytest.approx(found.accuracy + 100 * 100 / 6400)


def test_intervals_are_over_seeds_and_test_samples(metrics):
    """Two seeds that agree still have the error of their test samples; a drop is of the two networks together."""
    (trained,) = gathered(made(SHORT, lambda v, density, seed: 0.7 if density < 1 else 0.8))
    np.testing.assert_allclose(trained.drop(["baseline", "difficult"]), 10)
    full, sparse = (row for row in trained.rows(metrics) if row["variant"] == "baseline")
    assert (full["seeds"], full["test_accuracy"], full["drop"], full["drop_interval"]) == (2, 80, None, None)
    assert full["test_interval"] == pytest.approx(196 * math.sqrt(0.8 * 0.2 / TESTS), abs=1e-4)
    # the samples that only one of them has right are a tenth
    assert (sparse["test_accuracy"], sparse["drop"]) == (70, 10)
    assert sparse["drop_interval"] == pytest.approx(196 * math.sqrt(0.1 * 0.9 / TESTS), abs=1e-4)
    # seeds that are 2 points apart: Student's t with 1 degree of freedom, and Welch's with 2 of two networks
    (apart,) = gathered(made(SHORT, lambda v, density, seed: 0.78 + 0.02 * (seed - 1) - 0.1 * (density < 1)))
    assert apart.full["baseline"].accuracy.half == pytest.approx(math.hypot(12.706, 196 * math.sqrt(
        0.78 * 0.22 / TESTS)), abs=0.05)
    assert apart.lost("baseline").half == pytest.approx(math.hypot(4.3027 * math.sqrt(2), 2.3), abs=0.1)


def test_one_seed_has_no_interval(metrics):
    (trained,) = gathered(made(SHORT, lambda *_: 0.8, seeds=(1,)))
    assert {(row["test_interval"], row["drop_interval"]) for row in trained.rows(metrics)} == {(None, None)}


def test_a_relation_is_found_and_said(metrics):
    def accuracy(name, density, seed):
        return 0.7 - 0.2 * metrics[name]["score"] - (0.1 * metrics[name]["V_lower"] if density < 1 else 0)

    (trained,) = gathered(made(SHORT, accuracy))
    found = tables(trained, metrics)
    assert found.accuracy["score"].r == pytest.approx(-1)
    assert found.drop["V_lower"].r == pytest.approx(1)
    assert found.lost[1] > 0
    lines = answers([found])
    assert "tell how many? Well: points against V_lower r = 1.00" in lines[0]
    assert "98.44 % is the most" in lines[1]
    text = page([trained], [found], lines, {"short": metrics}, short=True, pictures="x-")
    assert "| score |  | −1.00 (−1.00 to −1.00) |" in text
    assert "Only a short form" in text
    assert "a network of the other size" in text


def test_no_relation_is_said_too(metrics):
    random = np.random.Generator(np.random.PCG64(2))
    (trained,) = gathered(made(SHORT, lambda *_: float(random.uniform(0.4, 0.6))))
    found = tables(trained, metrics)
    assert all(r.low < r.r < r.high for r in found.drop.values())


def test_a_part_without_sparse_networks(metrics):
    (trained,) = gathered(made(SHORT, lambda *_: 0.5, densities=(DENSE,)))
    found = tables(trained, metrics)
    assert (found.drop, found.relative, found.lost) == ({}, {}, None)
    assert found.accuracy["score"].r is None
    assert "sparse networks" in page([trained], [found], [], {"short": metrics}, short=False, pictures="")


@pytest.mark.parametrize(("arguments", "message"), [
    (["--seeds", "0"], "--seeds must be 1 to 255, got 0"),
    (["--seeds", "256"], "--seeds must be 1 to 255, got 256"),
    (["--jobs", "0"], "--jobs must be at least 1, got 0"),
    (["--page", "there/is/none.md"], "--page must be a .md file in a folder that exists"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, capsys):
    assert_refused(main, ["morse", *arguments, "--out", str(tmp_path / "out")], message, capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_short_form_goes_on_where_it_was_stopped(tmp_path, capsys, monkeypatch):
    arguments = ["morse", "--short", "--out", str(tmp_path / "out"), "--page", str(tmp_path / "s.md")]
    monkeypatch.setattr(command, "_write", _stopped)
    assert main(arguments) == 130
    monkeypatch.undo()
    capsys.readouterr()
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert "9 of 18 configurations were run before" in captured.err
    report = json.loads((tmp_path / "out" / "morse-short" / "report.json").read_text())
    assert (report["short"], report["complete"], report["networks_trained"]) == (True, True, 18)
    assert all(sentence in captured.out for sentence in report["findings"])
    assert len((tmp_path / "out" / "morse-short" / "table.csv").read_text().splitlines()) == 19
    assert {path.name for path in tmp_path.glob("*.svg")} == {
        f"s-small-short-{name}.svg" for name in ("metrics", "knobs", "pair", "drop")}
    assert (tmp_path / "s.csv").read_bytes() == (tmp_path / "out" / "morse-short" / "table.csv").read_bytes()
    text = (tmp_path / "s.md").read_text()
    shown = re.findall(r"\]\((.*\.svg)\)", text)
    assert len(shown) == 4
    assert all((tmp_path / name).exists() for name in shown)


def _stopped(*_):
    raise KeyboardInterrupt
