"""Dropout that draws four numbers at a time."""

import pytest
import torch

from sw.deepncheap.dropout import Dropout


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_values_are_dropped_with_the_probability_and_independently(p):
    """In each of the four places of a drawn number, and in both of neighbours: within five standard deviations."""
    torch.manual_seed(1)
    x = torch.full((1000, 402), 2.0)
    y = Dropout(p)(x)
    assert y.unique().tolist() == [0.0, pytest.approx(2 / (1 - p), rel=1e-6)]
    dropped = (y == 0).double().reshape(-1)
    for place in range(4):
        part = dropped[place::4]
        assert abs(part.mean() - p) < 5 * (p * (1 - p) / len(part)) ** 0.5
    for apart in (1, 2, 3, 4):
        both = dropped[apart:] * dropped[:-apart]
        assert abs(both.mean() - p * p) < 5 * p / len(both) ** 0.5


def test_gradients_pass_where_values_do():
    torch.manual_seed(1)
    x = torch.ones(5, 3, requires_grad=True)
    y = Dropout(0.4)(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())
    assert 0 < (y == 0).sum() < 15


def test_images_keep_their_layout():
    for x in (torch.rand(2, 3, 4, 5), torch.rand(2, 3, 4, 5).to(memory_format=torch.channels_last),
              torch.rand(7, 6)[:, ::2]):
        y = Dropout(0.5)(x)
        assert y.stride() == torch.empty_like(x).stride()
        assert torch.equal(y[y != 0], 2 * x[y != 0])


def test_evaluation_drops_nothing():
    x = torch.rand(7)
    assert torch.equal(Dropout(0.5).eval()(x), x)
