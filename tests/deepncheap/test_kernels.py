"""Deep-n-Cheap's kernel by the figures of its description."""

import numpy as np
import pytest

from sw.deepncheap.kernels import FARTHEST, channels_kernel, distance_kernel
from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSettings, TrainingSpace

END = np.exp(-4.5)  # opposite ends of a range


def of(space, one, other):
    """The kernel of a pair, which is the same both ways round."""
    (there,), (back,) = space.kernel([one], [other]), space.kernel([other], [one])
    assert there == back
    return there[0]


def test_from_equal_to_opposite_ends():
    assert distance_kernel(np.array([0.0, 1.0])).tolist() == [1.0, END]
    assert pytest.approx(0.0111, abs=5e-5) == FARTHEST == END
    assert distance_kernel(np.array(0.25), 1 / 2) == np.exp(-((3 * 0.5) ** 2) / 2)


def test_training_settings():
    space = TrainingSpace()
    middle = TrainingSettings(1e-3, 10**-4.5, 272)
    assert of(space, middle, middle) == 1
    assert of(space, TrainingSettings(1e-5, 0.0, 32), TrainingSettings(1e-1, 1e-3, 512)) == pytest.approx(END)
    # a decay of 0 counts as the lower limit
    assert of(space, middle._replace(weight_decay=0.0), middle) == pytest.approx((2 + np.exp(-1.125)) / 3)
    assert of(space, middle._replace(learning_rate=1e-2), middle) == pytest.approx((2 + np.exp(-(0.75**2) / 2)) / 3)
    assert of(space, middle._replace(batch_size=512), middle) == pytest.approx((2 + np.exp(-1.125)) / 3)


def test_range_of_one_value_counts_nothing():
    space = TrainingSpace(batch_size=(64, 64))
    assert of(space, TrainingSettings(1e-3, 0.0, 64), TrainingSettings(1e-3, 0.0, 64)) == 1


def test_hidden_layers_by_depth_and_total_nodes():
    space = HiddenLayers()
    assert of(space, (), ()) == 1
    assert of(space, (), (400, 400)) == pytest.approx(END)
    assert of(space, (100, 300), (300, 100)) == 1  # single layers are not compared
    assert of(space, (100,), (300,)) == pytest.approx((1 + np.exp(-((3 * np.sqrt(200 / 800)) ** 2) / 2)) / 2)
    assert of(space, (200,), (100, 100)) == pytest.approx((np.exp(-((3 * 0.5) ** 2) / 2) + 1) / 2)


def test_channels_have_ranges_that_double():
    space = Channels()
    assert space.limits()[:5] == [64, 128, 256, 512, 512]
    one, other = (64, 128, 256, 512), (16, 16, 16, 16)
    assert of(space, one, one) == 1
    assert of(space, one, other) == pytest.approx(END)
    widths = (48, 112, 240, 496)
    expected = [np.exp(-((3 * (16 / width) ** (1 / r)) ** 2) / 2) for r, width in enumerate(widths, 1)]
    assert of(space, (32, 32, 32, 32), other) == pytest.approx(np.mean(expected))


def test_channels_with_the_limits_of_the_reference_program():
    space = Channels(constant_limits=True)
    assert space.limits() == [64] * 16
    distance = 3 * (448 / 48) ** 0.25
    assert distance == pytest.approx(5.24, abs=0.005)
    found = of(space, (64, 64, 64, 64, 512), (64, 64, 64, 64, 64))
    assert found == pytest.approx((4 + np.exp(-(distance**2) / 2)) / 5)


def test_layer_without_a_partner_counts_as_the_farthest():
    assert of(Channels(), (32,) * 4, (32,) * 6) == pytest.approx((4 + 2 * END) / 6)
    assert of(Channels(), (32,) * 4, (32,) * 16) == pytest.approx((4 + 12 * END) / 16)


def test_many_pairs_at_once():
    """The same as pair by pair, by a plain loop."""
    lists = [(16, 20, 40, 40), (29, 40, 77, 100, 200), (64, 64, 64, 64, 64, 64)]
    ranges = [limit - 16 for limit in Channels(layers=(4, 6)).limits()]
    found = channels_kernel(lists, lists, ranges)
    for n, one in enumerate(lists):
        for m, other in enumerate(lists):
            short, long = sorted((one, other), key=len)
            alike = [END] * (len(long) - len(short))
            for i, (a, b) in enumerate(zip(short, long, strict=False), 1):
                d = 3 * (abs(a - b) / ranges[i - 1]) ** (1 / min(i, 4))
                alike.append(np.exp(-d * d / 2))
            assert found[n, m] == pytest.approx(sum(alike) / len(long), rel=1e-12)
    assert (np.linalg.eigvalsh(found) > 0).all()
