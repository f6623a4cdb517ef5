"""What is proposed: never twice, the same whatever happened before, until the space is exhausted, and it is good."""

import random

import numpy as np
import pytest
from scipy.stats import norm

from sw.deepncheap.errors import SearchError
from sw.deepncheap.optimiser import METHODS, propose
from sw.deepncheap.sobol import sobol
from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSpace

SPACES = [HiddenLayers(), Channels(layers=(4, 8)), TrainingSpace()]


@pytest.fixture(params=METHODS)
def method(request):
    return request.param


def smooth(space, configuration):
    """A function with its lowest value at a third of every coordinate."""
    return float(((space.locate(configuration) - 1 / 3) ** 2).sum())


def searched(space, method, number, seed=1, value=smooth, **how):
    found = []
    for n in range(number):
        configuration = propose(space, found, number=n, seed=(seed,), method=method, **how)
        found.append((configuration, value(space, configuration)))
    return found


def test_same_seed_same_proposals_whatever_the_process_did(method):
    for space in SPACES:
        np.random.seed(1)  # noqa: NPY002
        random.seed(1)
        one = searched(space, method, 9, start=4, candidates=50)
        np.random.seed(2)  # noqa: NPY002
        random.seed(2)
        states = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
        assert searched(space, method, 9, start=4, candidates=50) == one
        assert (random.getstate(), np.random.get_state()[1].tolist()) == states  # noqa: NPY002
        assert searched(space, method, 9, seed=2, start=4, candidates=50) != one


def test_every_number_has_draws_of_its_own(method):
    """With nothing more observed in between, the next number does not repeat the candidates of the one before."""
    space = TrainingSpace()
    observed = searched(space, method, 6, start=4)
    one, same, other = (propose(space, observed, number=n, seed=(1,), start=4, candidates=5, method=method)
                        for n in (6, 6, 7))
    assert one == same != other


def test_initial_points_are_the_sobol_sequence(method):
    space = TrainingSpace()
    found = [configuration for configuration, _ in searched(space, method, 5, start=5)]
    sequences = [[space.at(sobol(3, n, first)) for n in range(5)] for first in range(20)]
    assert found in sequences
    assert found[0] == pytest.approx((1e-3, 10**-4.5, 272))
    firsts = {tuple(propose(space, [], number=1, seed=(seed,), start=5, method=method)) for seed in range(20)}
    assert len(firsts) > 3  # the seed draws with which dimension it begins


def test_never_twice_and_exhausted(method):
    """Nine configurations, some being tried: each of the others comes once, then None."""
    space = HiddenLayers((0, 2), (3, 4))
    every = list(space.configurations())
    pending = [every[0], every[4]]
    found = []
    for n in range(5):
        configuration = propose(space, found, pending, number=n, seed=(3,), start=2, candidates=4, method=method)
        found.append((configuration, float(n)))
    assert sorted([c for c, _ in found] + pending) == sorted(every)
    assert propose(space, found, pending, number=5, seed=(3,), start=2, method=method) is None
    assert propose(space, found, pending, number=5, seed=(3,), start=9, method=method) is None


def test_last_configuration_of_many_is_found(method):
    """Random draws alone would hardly meet the one that is left."""
    space = HiddenLayers((1, 1), (1, 600))
    left = (234,)
    observed = [(c, 0.0) for c in space.configurations() if c != left]
    assert propose(space, observed[:20], [c for c, _ in observed[20:]], number=600, seed=(1,), candidates=10,
                   start=1, method=method) == left


def test_pending_ones_change_what_is_proposed(method):
    """The next one is not beside the one that is being tried: that would tell what it tells."""
    space = TrainingSpace()
    observed = searched(space, method, 8, start=4)
    one = propose(space, observed, number=8, seed=(1,), start=4, method=method)
    other = propose(space, observed, [one], number=8, seed=(1,), start=4, method=method)
    assert other != one
    assert space.kernel([one], [other])[0, 0] < 0.999


def test_waiting_for_all_initial_points(method):
    """Nothing is known yet, and others are asked for: more of the sequence."""
    space, pending = TrainingSpace(), []
    for n in range(8):
        pending.append(propose(space, [], pending, number=n, seed=(1,), start=3, method=method))
    assert len(set(pending)) == 8
    failed = [(configuration, float("nan")) for configuration in pending]
    assert propose(space, failed, number=8, seed=(1,), start=3, method=method) not in pending


def test_failures_count_as_the_worst(method):
    space = TrainingSpace()
    observed = searched(space, method, 9, start=4)
    worst = max(value for _, value in observed)
    failed = [*observed[:3], (observed[3][0], float("inf")), *observed[4:]]
    written = [*observed[:3], (observed[3][0], max([worst] if worst != observed[3][1] else
                                                    [v for n, (_, v) in enumerate(observed) if n != 3])), *observed[4:]]
    assert propose(space, failed, number=9, seed=(1,), start=4, method=method) == propose(
        space, written, number=9, seed=(1,), start=4, method=method)


def test_better_than_random(method):
    """The mean over seeds of the lowest value in 20 tries, against as many Sobol points."""
    space = TrainingSpace()
    found = [min(value for _, value in searched(space, method, 20, seed, start=4)) for seed in range(2)]
    plain = [min(value for _, value in searched(space, method, 20, seed, start=20)) for seed in range(2)]
    assert np.mean(found) < np.mean(plain) / 3


def test_values_of_any_size():
    """Only the order of values counts for the default: a huge one does not hide the rest."""
    space = TrainingSpace()
    one = searched(space, "default", 12)
    assert searched(space, "default", 12, value=lambda *a: 1e30 * np.exp(50 * smooth(*a))) == [
        (configuration, pytest.approx(1e30 * np.exp(50 * value))) for configuration, value in one]


@pytest.mark.parametrize(("method", "mean_of"), [("deep-n-cheap", 8), ("deep-n-cheap-frozen", 1)])
def test_deep_n_cheap_by_the_plain_formulas(method, mean_of):
    """The candidate of largest expected improvement, by an inverse matrix; the mean is that of all or the first."""
    space = TrainingSpace()
    points = [space.at(u) for u in np.random.default_rng(1).random((12, 3))[:8]]
    values = np.array([5.0, *(smooth(space, point) for point in points[1:])])
    drawn = [space.at(u) for u in np.random.default_rng([3, 8]).random((80, 3))]
    k = space.kernel(points, drawn)
    inverse = np.linalg.inv(space.kernel(points, points) + 1e-4 * np.eye(8))
    sigma = np.sqrt(1 - np.einsum("nm,nk,km->m", k, inverse, k))

    def best(mean):
        gain = values.min() - (mean + k.T @ inverse @ (values - mean)) - 1e-4
        with np.errstate(under="ignore"):
            return drawn[int(np.argmax(gain * norm.cdf(gain / sigma) + sigma * norm.pdf(gain / sigma)))]

    expected = best(values[:mean_of].mean())
    assert best(values[0]) != best(values.mean())  # else this would not tell them apart
    assert propose(space, list(zip(points, values, strict=True)), number=8, seed=(3,), start=1, candidates=80,
                   method=method) == expected


def test_many_observations():
    space = TrainingSpace()
    observed = [(space.at(u), smooth(space, space.at(u))) for u in np.random.default_rng(1).random((200, 3))]
    found = propose(space, observed, number=200, seed=(1,))
    assert smooth(space, found) < 0.01


@pytest.mark.parametrize(("how", "message"), [
    ({"method": "grid"}, "the optimiser must be one of default, deep-n-cheap, deep-n-cheap-frozen, got grid"),
    ({"candidates": 0}, "candidates must be at least 1, got 0"),
])
def test_wrong_options(how, message):
    with pytest.raises(SearchError) as error:
        propose(TrainingSpace(), [], number=0, seed=(1,), **how)
    assert str(error.value) == message
