"""Initial weights: by the true degrees, reproducible, the same for every execution and number of seeds."""

import numpy as np
import pytest
import torch

from sw.pattern.edges import Edges, fully_connected
from sw.sparse.linear import SparseLinear, initial_weights
from tests.sparse.patterns import clash_free, ragged


@pytest.mark.parametrize(("init", "variance"), [("he", 2 / 64), ("glorot", 2 / (64 + 32))])
def test_variance_is_that_of_the_sparse_degrees(init, variance):
    """In-degree 64 of 512, out-degree 32 of 256: the fully connected variance would be an eighth."""
    drawn = initial_weights(clash_free(1, 512, 256, 32, 64), init, seed=1)
    assert len(drawn) == 16384
    # the estimate of a variance from n normal numbers has a relative deviation of sqrt(2 / n) = 1.1 %; five of them
    assert abs(np.var(drawn) / variance - 1) < 0.055
    assert abs(np.mean(drawn)) < 5 * np.sqrt(variance / len(drawn))


def test_each_right_neuron_its_own_degree():
    """Right neuron r has r + 1 edges: the sums of squares of all are about 2, as He's argument wants them."""
    right_of = np.repeat(np.arange(200), np.arange(1, 201))
    left_of = np.concatenate([np.arange(r + 1) for r in range(200)])
    edges = Edges(200, 200, left_of, right_of)
    drawn = np.stack([initial_weights(edges, "he", seed) for seed in range(200)])
    per_neuron = np.add.reduceat(drawn**2, np.flatnonzero(np.diff(right_of, prepend=-1)), axis=1).mean(axis=0)
    assert np.abs(per_neuron / 2 - 1).max() < 5 * np.sqrt(2 / 200)  # the first neuron has 200 draws in all
    # planted: the fan-in of the fully connected layer, as the reference had it
    assert np.abs(per_neuron * edges.in_degrees / 200 / 2 - 1).max() > 0.9


def test_seeds():
    edges = ragged(30, 20, 100)
    one, same, other = (SparseLinear(edges, seed=s) for s in (3, 3, 4))
    assert torch.equal(one.weight, same.weight)
    assert not torch.equal(one.weight, other.weight)
    assert not torch.equal(one.weight, SparseLinear(edges, seed=3, junction=2).weight)
    assert torch.equal(SparseLinear(edges, seed=(4, 3)).weight[1], one.weight)
    assert torch.equal(SparseLinear(edges, seed=3, dtype=torch.float64).weight.float(), one.weight)


def test_biases():
    layer = SparseLinear(fully_connected(4, 3), bias_start=0.1)
    assert layer.bias.tolist() == torch.full((3,), 0.1).tolist()
    assert SparseLinear(fully_connected(4, 3), bias=False).bias is None
