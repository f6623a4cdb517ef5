"""What experiments find, of records made up so that the answer is known."""

import math

import pytest

from sw.experiments.baselines import BASELINES, FIXED
from sw.experiments.classifier import CLASSIFIER
from sw.experiments.density import DENSITY
from sw.experiments.histogram import HISTOGRAM
from sw.experiments.inputs import INPUTS
from sw.experiments.junctions import JUNCTIONS, LEANS
from sw.experiments.kinds import KINDS
from sw.experiments.l2 import L2
from sw.experiments.large_sparse import LARGE_SPARSE
from sw.experiments.point import default_z
from sw.experiments.record import only
from sw.experiments.redundancy import PLAIN, REDUNDANCY
from sw.experiments.statistics import CONTRADICTED, NOT_SHOWN, REPRODUCED
from sw.experiments.task import base_network
from sw.experiments.trades import TRADES, trade
from sw.sparse.errors import SparseError
from tests.experiments.made_up import MNIST_LIKE, MORSE_TASK, TASK, made


def about(experiment, records, claim):
    """The findings that test a claim; there must be some."""
    found = [finding for finding in experiment.findings(records) if finding.claim == claim]
    assert found
    return found


def test_layers_with_many_densities():
    assert base_network(784, 10) == (800, 100, 10)
    assert base_network(64, 64, 256) == (64, 256, 64)
    assert base_network(39, 39) == (39, 117, 39)
    with pytest.raises(SparseError, match="hidden must be at least 1 neuron, got 0"):
        base_network(10, 2, 0)
    assert default_z(800, 100, 20) == 160
    assert default_z(784, 112, 10) == 56  # in-degree 70, which does not divide 784


@pytest.mark.parametrize(("lost", "word"), [(0.0, REPRODUCED), (0.05, CONTRADICTED), (0.02, NOT_SHOWN)])
def test_density_tells_what_a_fifth_costs(lost, word):
    records = made(DENSITY, lambda case: 0.9 - lost * (1 - case.labels["wished"]), MNIST_LIKE)
    (found,) = about(DENSITY, records, "twenty")
    assert found.estimate.mean == pytest.approx(80 * lost)
    assert found.verdict == word


@pytest.mark.parametrize(("name", "loss", "word"), [
    ("type 1", -0.01, REPRODUCED), ("type 1", 0.001, NOT_SHOWN), ("type 3", 0.05, CONTRADICTED),
])
def test_kinds_hold_the_end_of_the_interval_to_the_margin(name, loss, word):
    """A tenth of a point lost, where 0.3 are allowed, is not shown to be so little by an interval of 0.6."""
    records = made(KINDS, lambda case: 0.9 - loss * (case.labels["pattern"] == name))
    claim = "type-3" if name == "type 3" else "clash-free"
    found = [one for one in about(KINDS, records, claim) if name in one.comparison]
    assert [one.verdict for one in found] == [word] * 2
    assert [one.estimate.mean for one in found] == pytest.approx([100 * loss] * 2)


def _lean(case):
    if "rho_1" in case.labels:
        return case.labels["rho_2"] / case.labels["rho_1"]
    if "profile" in case.labels and "junctions" not in case.labels:
        one, two = (d / right for d, right in zip(case.point.out_degrees, case.point.neurons[1:], strict=True))
        return two / one
    return LEANS[case.labels["profile"]]


@pytest.mark.parametrize(("sign", "word"), [(1, REPRODUCED), (-1, CONTRADICTED), (0, NOT_SHOWN)])
@pytest.mark.parametrize(("experiment", "task"), [(JUNCTIONS, MNIST_LIKE), (TRADES, MNIST_LIKE), (TRADES, MORSE_TASK)])
def test_the_denser_end_is_told(experiment, task, sign, word):
    """What is planted: two points per doubling of the last junction's density by the first's, up, down, or none."""
    records = made(experiment, lambda case: 0.5 + sign * 0.02 * math.log2(_lean(case)), task)
    assert {found.verdict for found in about(experiment, records, "later-denser")} == {word}


def test_more_weights_are_no_trade():
    """With equal first or equal last junctions the better one may just have more weights: no finding is made of it."""
    records = only(made(JUNCTIONS, lambda case: 0.9, MNIST_LIKE), part="grid")
    assert JUNCTIONS.findings(records) == []
    first, second = only(records, rho_1=0.2, rho_2=1), only(records, rho_1=0.2, rho_2=0.5)
    assert trade(second[0], first[0], "equal") == []
    (dense,), (sparse,) = only(records, rho_1=0.2, rho_2=1), only(records, rho_1=0.1, rho_2=1)
    assert trade(dense, sparse, "equal", weights=1) == []
    (fewer,) = only(records, rho_1=0.2, rho_2=0.5)
    assert trade(fewer, sparse, "equal", weights=1) != []  # the one is denser early, the other late


@pytest.mark.parametrize("task", [MNIST_LIKE, MORSE_TASK])
def test_trades_have_exactly_equal_totals(task):
    cases = TRADES.cases(task)
    for wished in {case.labels["wished"] for case in cases}:
        same = [case.point for case in cases if case.labels["wished"] == wished]
        assert len({point.weights for point in same}) == 1
        assert len({point.out_degrees for point in same}) == len(same) >= 2
    unequal = made(TRADES, lambda case: 0.9, task)
    unequal[0]["weights"] += 1
    with pytest.raises(SparseError, match="networks that are compared must have equally many weights"):
        TRADES.findings(unequal)


@pytest.mark.parametrize(("loss", "word"), [(0.05, REPRODUCED), (-0.05, CONTRADICTED), (0.0, NOT_SHOWN)])
def test_redundancy_compares_equal_networks(loss, word):
    """What is planted: components lose more, or less, than features that vary."""
    records = made(REDUNDANCY, lambda case: 0.9 - loss * (case.labels["wished"] < 1 and case.labels["inputs"] != PLAIN))
    found = about(REDUNDANCY, records, "redundancy")
    assert {one.verdict for one in found} == {word}
    assert [one.estimate.mean for one in found] == pytest.approx([100 * loss] * len(found))
    sparse = [record for record in records if record["wished"] < 1]
    assert len({(r["neurons"], r["out_degrees"]) for r in sparse}) == len(sparse) / 2
    sparse[-1]["weights"] += 1
    with pytest.raises(SparseError, match="equally many weights"):
        REDUNDANCY.findings(records)


@pytest.mark.parametrize(("best", "word"), [(20, CONTRADICTED), (100, REPRODUCED)])
def test_large_sparse_tests_a_width_that_was_chosen_before(best, word):
    records = made(LARGE_SPARSE, lambda case: 0.8 + 0.05 * (case.labels["width"] == best))
    (two, four) = about(LARGE_SPARSE, records, "large-sparse")
    assert "that width 100 " in two.comparison
    assert (two.verdict, four.verdict) == (word, NOT_SHOWN)


@pytest.mark.parametrize(("gain", "word"), [(0.05, REPRODUCED), (-0.05, CONTRADICTED), (0.0, NOT_SHOWN)])
def test_inputs_are_held_against_the_same_width(gain, word):
    """Wider networks are better by what is planted, too: that must not count for the choice of inputs."""
    records = made(INPUTS, lambda case: 0.6 + gain * (case.labels["inputs"] < 64) + 0.1 * case.point.neurons[1] / 100)
    found = about(INPUTS, records, "inputs")
    assert {one.verdict for one in found} == {word}
    assert [one.estimate.mean for one in found] == pytest.approx([100 * gain] * 2)


@pytest.mark.parametrize(("chosen", "words"), [
    ({1: 1e-4, 0.4: 5e-5, 0.1: 0.0}, [REPRODUCED] * 2), ({1: 0.0, 0.4: 5e-5, 0.1: 1e-4}, [CONTRADICTED] * 2),
    ({1: 5e-5, 0.4: 5e-5, 0.1: 0}, [CONTRADICTED, REPRODUCED]),
])
def test_lambda_is_chosen_by_validation(chosen, words):
    """The test accuracies are all alike: a choice that saw them could not know."""
    def accuracy(case):
        return 0.9 + 0.01 * (case.labels["lambda"] == chosen[case.labels["wished"]])

    records = made(L2, accuracy, MNIST_LIKE)
    assert {case.point.validation for case in L2.cases(MNIST_LIKE)} == {33}
    assert [one.verdict for one in about(L2, records, "lambda")] == words


@pytest.mark.parametrize(("share", "word"), [(0.7, REPRODUCED), (0.3, CONTRADICTED)])
def test_weights_near_zero_are_told_beside_their_beginning(share, word):
    """Of all weights of the fully connected network, 7000 of whose 8000 are in the first junction."""
    records = made(HISTOGRAM, lambda case: 0.9)
    for record in records:
        record["near_zero"] = [{"start": [0.38, 0.39], "end": [share, share]}, {"start": [0.3, 0.3], "end": [0.1, 0.1]}]
    (found,) = about(HISTOGRAM, records, "near-zero")
    assert found.verdict == word
    assert found.estimate.mean == pytest.approx(100 * (7 * share + 0.1) / 8)
    assert sum("start of training" in one.comparison for one in HISTOGRAM.findings(records)) == 6


@pytest.mark.parametrize(("gain", "word"), [(0.05, CONTRADICTED), (-0.05, REPRODUCED)])
def test_baselines_are_held_against_the_fixed_pattern(gain, word):
    records = made(BASELINES, lambda case: 0.8 + gain * (case.labels["edges"] != FIXED))
    found = about(BASELINES, records, "baselines")
    assert {one.verdict for one in found} == {word}
    assert len(found) == 4  # edges that are drawn at random are not chosen by training


@pytest.mark.parametrize("task", [TASK, MNIST_LIKE, MORSE_TASK], ids=["digits", "mnist", "morse"])
def test_what_is_compared_has_equally_many_weights(task):
    for part in ("two junctions", "four junctions"):
        found = [case.point.weights for case in LARGE_SPARSE.cases(task) if case.labels["part"] == part]
        assert len(found) >= 3
        assert max(found) < 1.15 * min(found)
    cases = JUNCTIONS.cases(task)
    for junctions in ("3 junctions", "4 junctions"):
        found = [case.point.weights for case in cases if case.labels.get("junctions") == junctions]
        assert len(found) == 3
        assert max(found) < 1.04 * min(found)
    for at in {case.labels["at"] for case in KINDS.cases(task)}:
        same = [case.point for case in KINDS.cases(task) if case.labels["at"] == at]
        assert len({point.weights for point in same}) == 1
        for point in same:  # no seed is refused
            assert [edges.weights for edges in point.edges(7)] == [edges.weights for edges in same[0].edges(7)]
    wished = [case.labels["wished"] for case in CLASSIFIER.cases(task)]
    assert wished == [1, 0.5, 0.2, 0.1]
