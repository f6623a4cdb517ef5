"""Models whose dense layers are replaced: which ones, how dense, what is kept, what is refused."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from sw.pattern.degrees import near_out_degrees
from sw.sparse.linear import SparseLinear
from sw.sparse.sparsify import sparsify


def perceptron():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Sequential(nn.Linear(32, 32), nn.ReLU()), nn.Linear(32, 8))


def sparse_layers(model):
    return [layer for layer in model.modules() if isinstance(layer, SparseLinear)]


def out_degrees(model):
    return tuple(int(layer.edges[0].out_degrees[0]) for layer in sparse_layers(model))


@pytest.mark.parametrize("lean", [1, 2])
def test_densities_by_the_rule(lean):
    model = sparsify(perceptron(), 0.25, lean=lean)
    assert out_degrees(model) == near_out_degrees((48, 32, 32, 8), 0.25, lean)
    assert len({layer.junction for layer in sparse_layers(model)}) == 3


def test_copy_or_in_place():
    """Biases are the same parameters in place, and equal in a copy; all layers are found where they were."""
    model = perceptron()
    biases, x = [model[0].bias, model[2][0].bias, model[3].bias], torch.randn(5, 48)
    before = model(x)
    copied = sparsify(model, 0.25)
    assert torch.equal(model(x), before)
    assert [torch.equal(layer.bias, b) for layer, b in zip(sparse_layers(copied), biases, strict=True)] == [True] * 3
    assert all(layer.bias is not b for layer, b in zip(sparse_layers(copied), biases, strict=True))
    found = sparsify(model, 0.25, inplace=True)
    assert found is model
    assert all(layer.bias is b for layer, b in zip(sparse_layers(model), biases, strict=True))
    assert torch.equal(found(x), copied(x))
    assert not torch.equal(found(x), before)
    assert isinstance(model[2][0], SparseLinear)


def test_last_layer_stays():
    model = sparsify(perceptron(), 0.25, keep_last=True)
    assert out_degrees(model) == near_out_degrees((48, 32, 32), 0.25)
    assert torch.equal(model[3].weight, perceptron()[3].weight)


def test_weights_are_kept_or_drawn():
    dense = perceptron()
    kept, drawn = sparsify(dense, 0.25, keep_weights=True), sparsify(dense, 0.25)
    for name, n in (("0", 0), ("2.0", 1), ("3", 2)):
        layer = sparse_layers(kept)[n]
        mask = torch.from_numpy(layer.edges[0].matrix())
        assert torch.equal(layer.dense(), dense.get_submodule(name).weight * mask)
        due = SparseLinear(layer.edges[0], junction=n + 1)
        assert torch.equal(sparse_layers(drawn)[n].weight, due.weight)


def test_full_density_with_weights_changes_nothing():
    dense, x = perceptron().double().eval(), torch.randn(5, 48, dtype=torch.float64)
    model = sparsify(dense, 1, keep_weights=True)
    assert torch.equal(model(x), dense(x))
    assert all(layer.weight.dtype == torch.float64 and not layer.training for layer in sparse_layers(model))


@pytest.mark.parametrize(("pattern", "z"), [("random", None), (1, 8), (2, 8), (3, 8)])
def test_patterns(pattern, z):
    one, same, other = (sparsify(perceptron(), 0.25, pattern=pattern, z=z, seed=s) for s in (1, 1, 2))
    for a, b, c in zip(*map(sparse_layers, (one, same, other)), strict=True):
        assert np.array_equal(a.edges[0].left_of, b.edges[0].left_of)
        assert not np.array_equal(a.edges[0].left_of, c.edges[0].left_of)


def test_layer_used_twice_stays_one_layer():
    shared = nn.Linear(16, 16)
    model = sparsify(nn.Sequential(shared, nn.ReLU(), shared), 0.5)
    assert isinstance(model[0], SparseLinear)
    assert model[0] is model[2]


def test_layer_alone_and_layers_of_others():
    assert isinstance(sparsify(nn.Linear(16, 16), 0.5), SparseLinear)
    attention = nn.Sequential(nn.MultiheadAttention(16, 2), nn.Linear(16, 16, bias=False))
    model = sparsify(attention, 0.5)
    assert isinstance(model[0].out_proj, nn.Linear)
    assert isinstance(model[1], SparseLinear)
    assert model[1].bias is None


def tied():
    model = nn.Sequential(nn.Embedding(8, 16), nn.Linear(16, 8))
    model[1].weight = model[0].weight
    return model


def pruned():
    model = perceptron()
    prune.l1_unstructured(model[2][0], "weight", amount=0.5)
    return model


@pytest.mark.parametrize(("make", "how", "message"), [
    (lambda: nn.ReLU(), {}, "the model has no nn.Linear layer to replace"),
    (lambda: nn.Sequential(nn.Linear(4, 4)), {"keep_last": True},
     "the model has no nn.Linear layer to replace but the last"),
    (tied, {}, "1: a layer to be replaced must have its weight alone, got one weight for 0.weight, 1.weight"),
    (pruned, {}, "2.0: the layer is pruned; SparseLinear.from_linear takes its mask over"),
    (perceptron, {"density": 0}, "a density must be above 0 and at most 1, got 0"),
    (perceptron, {"lean": 0}, "a junction's density by that of the one before must be above 0, got 0"),
])
def test_refused(make, how, message):
    with pytest.raises(ValueError) as raised:
        sparsify(make(), **{"density": 0.5, **how})
    assert str(raised.value) == message
