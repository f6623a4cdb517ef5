"""Architectures against the figures of Deep-n-Cheap's description, and against the networks that are built."""

import json
import random
from dataclasses import replace

import pytest
import torch

from sw.deepncheap.architectures import (
    ACTIVATIONS,
    Cnn,
    Mlp,
    from_dict,
    key,
    number_of_parameters,
    plan,
    spread,
    to_dict,
)
from sw.deepncheap.errors import SearchError
from sw.deepncheap.networks import build
from sw.deepncheap.rules import default_cnn


def drawn(random_: random.Random) -> tuple:
    """An architecture, a sample shape for it, a number of outputs."""
    outputs = random_.randint(1, 12)
    activation = random_.choice(ACTIVATIONS)
    if random_.random() < 0.4:
        hidden = tuple(random_.randint(1, 40) for _ in range(random_.randint(0, 3)))
        return Mlp(hidden, activation, random_.choice([0.0, 0.3])), random_.choice([(13,), (2, 5, 4)]), outputs
    depth = random_.randint(1, 12)
    halvings = [random_.choice("---ps") for _ in range(depth)]
    cnn = Cnn(
        tuple(sorted(random_.randint(1, 20) for _ in range(depth))), activation,
        pools=tuple(n for n, kind in enumerate(halvings) if kind == "p"),
        strides=tuple(n for n, kind in enumerate(halvings) if kind == "s"),
        batch_norm=random_.choice([0.0, 0.25, 0.5, 0.75, 1.0]), dropout=random_.choice([0.0, 0.25, 0.5, 0.75, 1.0]),
        shortcuts=random_.choice([0, 2, 3, 4]),
    )
    return cnn, (random_.randint(1, 3), random_.randint(1, 13), random_.randint(1, 13)), outputs


@pytest.mark.parametrize("seed", range(40))
def test_a_built_network_has_the_parameters_of_the_formula_and_takes_its_samples(seed):
    """Maps of odd size, down to one pixel, with shortcuts across pools and strides, among them."""
    architecture, shape, outputs = drawn(random.Random(seed))
    network = build(architecture, shape, outputs, seed=1)
    assert number_of_parameters(architecture, shape, outputs) == sum(p.numel() for p in network.parameters())
    assert network(torch.zeros(3, *shape)).shape == (3, outputs)
    assert from_dict(json.loads(json.dumps(to_dict(architecture)))) == architecture


def test_the_default_space_of_mlps_ends_at_its_known_number_of_parameters():
    assert number_of_parameters(Mlp((400, 400)), (784,), 10) == 478_410
    assert number_of_parameters(Mlp(()), (1, 28, 28), 10) == 7_850


def test_layers_with_batch_norm_or_dropout_are_spread_as_published():
    def from_one(share, layers):
        return tuple(layer + 1 for layer in spread(share, layers))

    assert from_one(0.5, 7) == (2, 4, 6, 7)
    assert from_one(0.75, 27)[-1] == 27  # in half precision it would be 28
    assert len(from_one(0.75, 27)) == 21
    assert from_one(0, 5) == ()
    assert from_one(1, 5) == (1, 2, 3, 4, 5)
    # a share that binary numbers do not hold: 0.07 * 100 is above 7 in floating point
    assert len(from_one(0.07, 100)) == 7
    for layers in range(1, 65):
        for share in (0.25, 0.5, 0.75):
            found = from_one(share, layers)
            assert len(set(found)) == len(found)
            assert 0 not in found[:1]
            assert found[-1] == layers
            if layers > 3:
                assert found[0] > 1  # the first layer is chosen at a share of 1 alone


@pytest.mark.parametrize(("depth", "every", "starts"), [
    (16, 2, [0, 2, 4, 6, 8, 10, 12]), (16, 4, [0, 4, 8, 12]), (10, 4, [0, 4]), (4, 4, [0]), (4, 2, [0]), (2, 2, []),
    (5, 0, []),
])
def test_shortcuts_start_where_they_should_and_end_two_layers_later(depth, every, starts):
    layers = plan(Cnn((8,) * depth, shortcuts=every))
    assert [layer.shortcut for layer in layers if layer.shortcut is not None] == starts
    assert all(layers[start + 2].shortcut == start for start in starts)


def test_shortcuts_halve_as_often_as_the_layers_that_they_skip():
    layers = plan(Cnn((8,) * 6, pools=(0, 1, 4), strides=(2,), shortcuts=2))
    assert [(layer.shortcut, layer.halvings) for layer in layers if layer.shortcut is not None] == [(0, 2), (2, 1)]


def test_equal_networks_have_equal_keys_and_others_have_not():
    cnn = default_cnn((16, 20, 24, 28))
    assert key(replace(cnn, shortcuts=2)) == key(replace(cnn, shortcuts=4))
    assert key(replace(cnn, dropout=0.25)) == key(replace(cnn, dropout=0.25, first_drop=0.2))
    assert key(Mlp((), "relu", 0.2)) == key(Mlp((), "tanh", 0.0))
    different = [cnn, replace(cnn, shortcuts=2), replace(cnn, first_drop=0.2), replace(cnn, other_drop=0.2),
                 replace(cnn, pools=(1,)), replace(cnn, strides=(1,)), replace(cnn, activation="tanh"),
                 replace(cnn, batch_norm=0.5),
                 Mlp((4,)), Mlp((4, 4)), Mlp((4,), dropout=0.0), Mlp((4,), "tanh"), Mlp(())]
    assert len({key(one) for one in different}) == len(different)


@pytest.mark.parametrize(("make", "told"), [
    (lambda: Mlp((3, 0)), "hidden must be at least 1 in each layer, got 0"),
    (lambda: Mlp((3,), "elu"), "activation must be one of relu, tanh, sigmoid, got 'elu'"),
    (lambda: Mlp((3,), dropout=1.0), "dropout must be a probability from 0 up to but not 1, got 1.0"),
    (lambda: Cnn(()), "channels must have at least one layer, got none"),
    (lambda: Cnn((3, 3), pools=(2,)), "pools must be layers 0..1 in rising order, got (2,)"),
    (lambda: Cnn((3, 3), strides=(1, 0)), "strides must be layers 0..1 in rising order, got (1, 0)"),
    (lambda: Cnn((3, 3), pools=(1,), strides=(0, 1)),
     "a layer must have a pool or a stride, not both, got both in layer 1"),
    (lambda: Cnn((3,), batch_norm=1.1), "batch_norm must be a share of the layers, 0 to 1, got 1.1"),
    (lambda: Cnn((3,), shortcuts=1), "shortcuts must start every 2 layers or more, or 0 for none, got 1"),
    (lambda: number_of_parameters(Cnn((3,)), (9,), 2),
     "a CNN needs samples of (channels, rows, columns), got the shape (9,); give the shape of one, or search MLPs"),
    (lambda: from_dict({"network": "rnn"}), "network must be \"mlp\" or \"cnn\", got 'rnn'"),
    (lambda: from_dict({"network": "mlp", "hidden": [2], "depth": 3}), "mlp has no depth"),
])
def test_what_makes_no_network_is_refused(make, told):
    with pytest.raises(SearchError) as caught:
        make()
    assert str(caught.value) == told
