"""A network on another scale of features: the same sums for the same samples, and planted ones that differ."""

import numpy as np
import pytest
import torch

from sw.data.affine import Affine
from sw.sparse.fold import folded
from tests.sparse.small import mlp

RNG = np.random.default_rng(1)
X = RNG.normal(5, 3, (40, 20))  # of 24 neurons four have no feature
ONE = Affine(RNG.normal(5, 1, 20), RNG.uniform(0.2, 2, 20))
OTHER = Affine(RNG.normal(5, 1, 20), RNG.uniform(0.2, 2, 20))


def scaled(by, x=X):
    return torch.from_numpy((x - by.shift) * by.factor)


@pytest.mark.parametrize("execution", ["masked", "gather", "blocks"])
def test_the_same_sums(execution):
    model = mlp(execution=execution)
    model.layers()[0].bias.data.normal_()
    before = [p.clone() for p in model.parameters()]
    copy = folded(model, ONE, OTHER)
    torch.testing.assert_close(copy(scaled(OTHER)), model(scaled(ONE)), rtol=1e-10, atol=1e-10)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    # planted: the other way round, and the factors without the shifts
    for wrong in (folded(model, OTHER, ONE), folded(model, Affine(OTHER.shift, ONE.factor), OTHER)):
        assert not torch.allclose(wrong(scaled(OTHER)), model(scaled(ONE)))


def test_a_feature_that_becomes_0():
    on = Affine(OTHER.shift, np.where(np.arange(20) == 3, 0, OTHER.factor))
    x = X.copy()
    x[:, 3] = on.shift[3]  # what it was in training
    model = mlp()
    torch.testing.assert_close(folded(model, ONE, on)(scaled(on, x)), model(scaled(ONE, x)), rtol=1e-10, atol=1e-10)
