"""Defaults of stage 1 and grids of stage 2, against the counts and rules of Deep-n-Cheap's description."""

import numpy as np
import pytest

from sw.deepncheap.architectures import Cnn, Mlp
from sw.deepncheap.errors import SearchError
from sw.deepncheap.rules import (
    CNN_GRIDS,
    Grids,
    default_batch,
    default_cnn,
    default_mlp,
    default_weight_decay,
    options,
)
from sw.deepncheap.spaces import Channels


@pytest.mark.parametrize(("channels", "pools"), [
    ((64, 64, 64, 64), ()),
    ((40, 65, 129, 257), (0, 1, 2)),
    ((40, 60, 70, 130, 140, 260, 300, 512), (1, 2, 4)),
    ((90, 90, 90), (0,)),  # the first layer's own channels do not count, and the threshold is passed once
    ((60, 300, 300, 300, 300), (0, 1, 2)),  # three thresholds at once: one per layer
    ((300,), ()),
])
def test_pools_stand_before_the_layer_that_passes_a_threshold(channels, pools):
    cnn = default_cnn(channels)
    assert cnn == Cnn(channels, "relu", pools=pools, batch_norm=1.0, dropout=1.0, first_drop=0.1, other_drop=0.3)


@pytest.mark.parametrize(("depth", "every"), [(4, 0), (8, 0), (9, 4), (14, 4), (15, 2), (16, 2)])
def test_deeper_networks_have_more_shortcuts(depth, every):
    assert default_cnn((16,) * depth).shortcuts == every


def test_the_grids_of_stage_2_have_as_many_networks_as_published():
    cnn = default_cnn((40, 65, 129, 257, 300, 310, 320))  # three pools, seven layers
    assert {name: len(options(name, cnn)) for name in CNN_GRIDS} == {"ac": 2, "ds": 7, "bn": 4, "do": 15, "sc": 2}
    assert [option.activation for option in options("ac", cnn)] == ["tanh", "sigmoid"]
    assert {option.shortcuts for option in options("sc", cnn)} == {2, 4}
    assert {option.shortcuts for option in options("sc", default_cnn((16,) * 10))} == {0, 2}
    mlp = default_mlp((30, 20))
    assert [option.dropout for option in options("do", mlp)] == [0.0, 0.1, 0.3, 0.4, 0.5]


def test_downsampling_puts_pools_and_strides_in_all_combinations_at_the_same_places():
    tried = options("ds", default_cnn((40, 65, 129)))
    assert [(option.pools, option.strides) for option in tried] == [((0,), (1,)), ((1,), (0,)), ((), (0, 1))]
    assert options("ds", default_cnn((40, 41))) == []
    # from another combination, the first one is tried too
    assert len(options("ds", tried[0])) == 3


def test_dropout_of_the_first_layer_is_varied_where_it_has_any():
    tried = options("do", default_cnn((16,) * 8))
    assert {(o.first_drop, o.other_drop) for o in tried if o.dropout == 1} == {
        (0.1, 0.15), (0.1, 0.45), (0.2, 0.15), (0.2, 0.3), (0.2, 0.45)}
    assert [o.other_drop for o in tried if o.dropout == 0.5] == [0.15, 0.3, 0.45]
    assert len([o for o in tried if o.dropout == 0]) == 1


def test_a_grid_may_hold_nothing_new():
    """No hidden layer, so nothing to drop; grids of the value that is there; two grids' values that are one network."""
    assert options("do", Mlp(())) == []
    assert options("ac", Mlp(())) == []
    cnn = default_cnn((16,) * 4)
    assert options("bn", cnn, Grids(batch_norm=(1.0,))) == []
    assert options("do", cnn, Grids(dropout=(1.0,), first_drops=(0.1,), other_drops=(0.3,))) == []
    assert len(options("sc", cnn)) == 1  # every 2 and every 4 are the same in four layers


def test_a_grid_that_is_not_there_is_refused():
    with pytest.raises(SearchError, match=r"^the grids of mlp are ac, do, got 'bn'$"):
        options("bn", Mlp((3,)))


def test_default_weight_decay_is_the_published_one_for_the_published_sets():
    mlp, cnn = Mlp((3,)), Cnn((3,))
    assert default_weight_decay(mlp, 200_000, 48_000) == pytest.approx(2e-4, rel=1e-12)
    assert default_weight_decay(mlp, 9_999, 48_000) == 0
    assert default_weight_decay(mlp, 10_000, 48_000) > 0
    assert default_weight_decay(cnn, 5_000_000, 40_000) == pytest.approx(5e-5, rel=1e-12)
    assert default_weight_decay(cnn, 999_999, 40_000) == 0
    # ten times the samples, ten times the parameters: the same
    assert default_weight_decay(mlp, 2_000_000, 480_000) == default_weight_decay(mlp, 200_000, 48_000)
    assert default_weight_decay(mlp, 25_000, 100) == 1e-3


def test_default_batch_is_the_published_one_but_for_small_data():
    assert [default_batch(n) for n in (48_000, 16_384, 16_383, 4_000, 2_048, 1_150, 20)] == [
        256, 256, 255, 62, 32, 32, 20]


def test_with_more_than_64_channels_at_first_downsampling_has_something_to_try():
    for channels in Channels((2, 4), (65, 65), 68).each(np.random.default_rng(1).random((30, 5))):
        assert len(options("ds", default_cnn(channels))) == 1
