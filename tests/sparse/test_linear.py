"""The layer as users of torch meet it: drawn by its density, from and to dense layers, saved with its edges."""

import copy
import io

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from sw.pattern.draw import draw
from sw.sparse.linear import SparseLinear
from tests.sparse.patterns import PATTERNS, clash_free


def same(one, other):
    return all(np.array_equal(a.left_of, b.left_of) and np.array_equal(a.right_of, b.right_of)
               for a, b in zip(one.edges, other.edges, strict=True))


# Drawn


@pytest.mark.parametrize(("pattern", "z"), [("structured", None), ("random", None), (1, 6), (2, 6), (3, 12)])
def test_drawn_by_density(pattern, z):
    layer = SparseLinear(24, 16, density=0.25, pattern=pattern, z=z, seed=3)
    due = draw(pattern, 24, 16, density=0.25, z=z, seed=3)
    assert same(layer, SparseLinear(due, seed=3))
    assert torch.equal(layer.weight, SparseLinear(due, seed=3).weight)
    assert layer.density == 0.25
    assert not same(layer, SparseLinear(24, 16, density=0.25, pattern=pattern, z=z, seed=4))
    assert not same(layer, SparseLinear(24, 16, density=0.25, pattern=pattern, z=z, seed=3, junction=2))


def test_nearest_density_is_shown():
    """24 and 16 neurons have the densities k/8."""
    layer = SparseLinear(in_features=24, out_features=16, density=0.2, execution="gather")
    assert layer.density == 0.25
    assert layer.extra_repr() == (
        "in_features=24, out_features=16, bias=True, weights=96, density=0.25, execution=gather"
    )
    assert SparseLinear(24, 16, False, density=0.001).density == 0.125
    assert SparseLinear(24, 16, False, density=0.001).bias is None


def test_each_seed_draws_its_edges():
    layer = SparseLinear(24, 16, density=0.25, seed=(1, 2))
    for n, seed in enumerate((1, 2)):
        alone = SparseLinear(24, 16, density=0.25, seed=seed)
        assert np.array_equal(layer.edges[n].left_of, alone.edges[0].left_of)
        assert torch.equal(layer.weight[n], alone.weight)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: SparseLinear(24, 16), "a layer of 24 inputs needs out_features and a density, got 16 and None"),
    (lambda: SparseLinear(24, density=0.5), "a layer of 24 inputs needs out_features and a density, got None and 0.5"),
    (lambda: SparseLinear(PATTERNS["type 1"], density=0.5),
     "out_features, density and z belong to edges that are drawn, and these are given"),
    (lambda: SparseLinear(24, 16, density=1.5), "a density must be above 0 and at most 1, got 1.5"),
    (lambda: SparseLinear(24, 16, density=0.5, pattern="block"),
     "a pattern's kind must be \"random\", \"structured\", 1, 2 or 3, got 'block'"),
    (lambda: SparseLinear(24, 16, density=0.5, pattern=3),
     "kind 3 needs z, a divisor of the 24 left neurons: [1, 2, 3, 4, 6, 8, 12, 24]"),
])
def test_not_drawn(make, message):
    with pytest.raises(ValueError) as raised:
        make()
    assert str(raised.value) == message


# Dense layers


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("edges", PATTERNS.values(), ids=PATTERNS)
def test_to_a_dense_layer_and_back(edges, bias):
    layer = SparseLinear(edges, bias=bias, seed=2, bias_start=0.1, dtype=torch.float64).eval()
    linear = layer.to_linear()
    assert type(linear) is nn.Linear
    assert not linear.training
    assert torch.equal(linear.weight, layer.dense())
    back = SparseLinear.from_linear(linear)
    assert np.array_equal(back.edges[0].matrix(), edges.matrix())
    again = back.to_linear()
    assert torch.equal(again.weight, linear.weight)
    assert torch.equal(again.bias, linear.bias) if bias else again.bias is back.bias is None
    assert again.weight.dtype == torch.float64


def test_mask_of_a_dense_layer():
    """An edge whose weight is zero stays one if the mask says so; weights outside the mask are left behind."""
    linear = nn.Linear(24, 16)
    mask = torch.rand(16, 24, generator=torch.Generator().manual_seed(1)) < 0.3
    with torch.no_grad():
        linear.weight[tuple(mask.nonzero()[0])] = 0
    layer = SparseLinear.from_linear(linear, mask, execution="gather")
    assert layer.execution == "gather"
    assert np.array_equal(layer.edges[0].matrix(), mask.numpy())
    assert torch.equal(layer.to_linear().weight, linear.weight * mask)
    assert torch.equal(layer.bias, linear.bias)
    assert SparseLinear.from_linear(linear).edges[0].weights == 24 * 16 - 1
    assert torch.equal(SparseLinear.from_linear(linear, mask.float()).weight, layer.weight)
    with pytest.raises(ValueError, match=r"^the mask must be \(16, 24\), got \(24, 16\)$"):
        SparseLinear.from_linear(linear, mask.T)
    with pytest.raises(ValueError, match=r"^a layer must have at least one edge, got none$"):
        SparseLinear.from_linear(linear, torch.zeros(16, 24))


def test_pruned_layer():
    """Its mask, and the weights that training has changed since the last forward pass."""
    linear = nn.Linear(24, 16)
    prune.l1_unstructured(linear, "weight", amount=0.8)
    with torch.no_grad():
        linear.weight_orig.mul_(2)
    layer = SparseLinear.from_linear(linear)
    assert layer.edges[0].weights == 77  # 384 less 307
    assert torch.equal(layer.to_linear().weight, linear.weight_orig * linear.weight_mask)
    x = torch.randn(5, 24)
    torch.testing.assert_close(layer(x), linear(x))


def test_seeds_are_no_dense_layer():
    with pytest.raises(ValueError, match=r"^a dense layer is of one seed, got a layer of 2$"):
        SparseLinear(PATTERNS["type 1"], seed=(1, 2)).to_linear()


# The saved state


def through_a_file(state):
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("seed", [1, (1, 2)])
def test_state_has_the_edges(seed):
    edges = clash_free(3, 24, 16, 4, 12)
    one, other = SparseLinear(edges, seed=seed), SparseLinear(edges, seed=5 if seed == 1 else (5, 6))
    state = through_a_file(one.state_dict())
    assert list(state) == ["weight", "bias", "edge_list"]
    lists = state["edge_list"].reshape(-1, 2, 96)
    for found in lists.numpy():
        assert np.array_equal(found, [edges.left_of, edges.right_of])
    for layer in (other, copy.deepcopy(other)):
        layer.load_state_dict(state)
        assert torch.equal(layer.weight, one.weight)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("copied", [False, True])
def test_state_of_another_pattern_is_refused(strict, copied):
    """As many weights in the same shapes: torch alone would take them."""
    one, other = (nn.Sequential(SparseLinear(clash_free(3, 24, 16, 4, 12, seed=s), seed=s)) for s in (1, 2))
    other = copy.deepcopy(other) if copied else other
    before = other[0].weight.clone()
    with pytest.raises(ValueError) as raised:
        other.load_state_dict(through_a_file(one.state_dict()), strict=strict)
    assert str(raised.value) == (
        "0.edge_list: the state is of the pattern 90b9735f (96 edges), the layer has 79d0ca32 (96 edges); "
        "make the layer with the edges of the state"
    )
    assert torch.equal(other[0].weight, before)


def test_state_without_edges_is_refused():
    layer = SparseLinear(PATTERNS["type 1"])
    state = {name: value for name, value in layer.state_dict().items() if name != "edge_list"}
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "edge_list"'):
        layer.load_state_dict(state)


def test_edges_stay_edges_in_any_type():
    layer = SparseLinear(PATTERNS["type 1"]).half()
    assert layer.weight.dtype == torch.float16
    assert layer.edge_list.dtype == torch.int32
