"""Spaces: their limits, Optuna's way to ask for a configuration, and what is near what."""

from itertools import islice, pairwise

import numpy as np
import pytest
from optuna.trial import FixedTrial

from sw.deepncheap.errors import SearchError
from sw.deepncheap.scalars import Choice, Integer, LogReal, Ordered
from sw.deepncheap.spaces import Channels, HiddenLayers, Product, TrainingSettings, TrainingSpace

MIXED = Product({
    "width": Integer(3, 9), "rate": LogReal(-4, -1), "batch": Ordered((8, 16, 64), logarithmic=True),
    "schedule": Choice(("constant", "cosine")), "activation": Choice(("relu", "tanh", "sigmoid")),
})
SPACES = {"hidden layers": HiddenLayers(), "channels": Channels(), "training": TrainingSpace(), "mixed": MIXED,
          "flat": HiddenLayers((1, 1), (30, 30)), "no layer": HiddenLayers((0, 0)),
          "narrow": Channels((4, 6), (8, 8), 8)}
LOWEST, HIGHEST = 0.0, np.nextafter(1.0, 0.0)


@pytest.fixture(params=SPACES)
def space(request):
    return SPACES[request.param]


def drawn(space, number=200):
    points = np.random.default_rng(7).random((number, space.dimensions))
    points[0], points[1] = LOWEST, HIGHEST
    found = [space.at(u) for u in points]
    assert list(space.each(points)) == found
    return found


def test_optuna_asks_for_the_same_configuration(space):
    """No warning either: every value lies in the range that Optuna is told (warnings are errors here)."""
    for configuration in drawn(space):
        trial = FixedTrial(space.parameters(configuration))
        assert space.suggest(trial) == configuration
        assert set(trial.params) == set(space.parameters(configuration))


def test_a_configuration_lies_where_it_says(space):
    for configuration in drawn(space):
        u = space.locate(configuration)
        assert u.shape == (space.dimensions,)
        assert ((u >= 0) & (u <= 1)).all()
        again = space.at(np.minimum(u, HIGHEST))
        assert space.features([again]) == pytest.approx(space.features([configuration]), rel=1e-9, abs=1e-9)


def test_features_tell_configurations_apart_and_keep_to_their_scale(space):
    configurations = sorted(set(drawn(space)), key=repr)
    found = space.features(configurations)
    assert found.shape[0] == len(configurations)
    assert ((found >= -1e-9) & (found <= 1 + 1e-9)).all()
    if not isinstance(space, Channels):  # these are summarised
        assert len(np.unique(found.round(9), axis=0)) == len(configurations)
    one_by_one = np.vstack([space.features([configuration]) for configuration in configurations])
    assert (found == one_by_one).all()


def test_kernel_is_one_for_equals_and_a_covariance(space):
    some = sorted(set(drawn(space, 40)), key=repr)
    found = space.kernel(some, some)
    assert found.shape == (len(some), len(some))
    assert np.diag(found) == pytest.approx(1)
    assert ((found > 0) & (found <= 1 + 1e-12)).all()
    assert (found == found.T).all()


def test_ends_of_the_ranges():
    assert HiddenLayers().at(np.full(3, LOWEST)) == ()
    assert HiddenLayers().at(np.full(3, HIGHEST)) == (400, 400)
    assert Channels().at(np.full(17, LOWEST)) == (16,) * 4
    assert Channels().at(np.full(17, HIGHEST)) == (64, 128, 256, *[512] * 13)
    assert TrainingSpace().at(np.full(3, LOWEST)) == (1e-5, 0.0, 32)
    assert TrainingSpace().at(np.full(3, HIGHEST)) == pytest.approx((1e-1, 1e-3, 512))


def test_integers_are_uniform():
    """Each of low..high has the same share of the unit interval, the last included."""
    values = Integer(-1, 2).at((np.arange(400) + 0.5) / 400)
    assert [values.count(n) for n in (-1, 0, 1, 2)] == [100] * 4


def test_channels_never_fall_nor_more_than_double():
    for channels in drawn(Channels(upper=100), 300):
        assert 4 <= len(channels) <= 16
        assert 16 <= channels[0] <= 64
        assert all(a <= b <= min(2 * a, 100) for a, b in pairwise(channels))


def test_lowest_decade_of_weight_decay_is_none():
    space = LogReal(-6, -3, zero=True)
    assert space.at(np.array([0.0, 0.2, 0.333])) == [0.0] * 3
    assert space.at(np.array([1 / 3 + 1e-9])) == pytest.approx([1e-5])
    assert space.at(np.arange(3000) / 3000).count(0.0) == pytest.approx(1000, abs=3)
    assert TrainingSpace().suggest(FixedTrial({"learning_rate": 1e-3, "weight_decay": 9.9e-6, "batch_size": 64})) == (
        1e-3, 0.0, 64)
    assert TrainingSpace().parameters(TrainingSettings(1e-3, 0.0, 64))["weight_decay"] == 1e-6


def test_options_of_a_choice_are_equally_far():
    scalar = Choice(("a", "b", "c"))
    columns = scalar.columns(("a", "b", "c"))
    assert [np.linalg.norm(columns[n] - columns[m]) for n, m in ((0, 1), (0, 2), (1, 2))] == pytest.approx([1] * 3)
    space = Product({"x": scalar})
    assert space.kernel([("a",)], [("a",), ("b",), ("c",)])[0] == pytest.approx([1, np.exp(-4.5), np.exp(-4.5)])


def test_ordered_numbers_by_difference_or_ratio():
    assert Ordered((1, 2, 4)).columns((1, 2, 4))[:, 0] == pytest.approx([0, 1 / 3, 1])
    assert Ordered((1, 2, 4), logarithmic=True).columns((1, 2, 4))[:, 0] == pytest.approx([0, 1 / 2, 1])


def test_all_configurations():
    small = HiddenLayers((0, 2), (3, 4))
    assert list(small.configurations()) == [(), (3,), (4,), (3, 3), (3, 4), (4, 3), (4, 4)]
    assert list(Channels((1, 2), (2, 3), 5).configurations()) == [(2,), (3,), (2, 2), (2, 3), (2, 4), (3, 3), (3, 4),
                                                                  (3, 5)]
    assert MIXED.configurations() is None
    assert list(TrainingSpace((-3, -3), (-6, -5), (32, 34)).configurations()) == [(1e-3, 0.0, n) for n in (32, 33, 34)]
    assert len(list(islice(Channels().configurations(), 1000))) == 1000  # lazily: there are more than can be listed


@pytest.mark.parametrize(("make", "message"), [
    (lambda: HiddenLayers((2, 1)), "the range of hidden layers must ascend and begin at 0 or more, got 2 to 1"),
    (lambda: HiddenLayers((0, 1), (0, 5)), "the range of hidden nodes must ascend and begin at 1 or more, got 0 to 5"),
    (lambda: Channels((0, 4)), "the range of convolutions must ascend and begin at 1 or more, got 0 to 4"),
    (lambda: Channels(upper=63), "the most channels must be at least those of the first convolution, 64, got 63"),
    (lambda: TrainingSpace((-1, -2)), "a range must not end below its beginning, got 10^-1 to 10^-2"),
    (lambda: TrainingSpace((-1, float("nan"))), "a range must not end below its beginning, got 10^-1 to 10^nan"),
    (lambda: TrainingSpace(batch_size=(9, 8)), "a range must not end below its beginning, got 9 to 8"),
    (lambda: Ordered((1, 1)), "the values of a range must ascend, got (1, 1)"),
    (lambda: Ordered((0, 1), True), "values on a logarithmic scale must be above 0, got 0"),
    (lambda: Choice(()), "the options of a choice must differ, got ()"),
])
def test_impossible_ranges(make, message):
    with pytest.raises(SearchError) as error:
        make()
    assert str(error.value) == message
