"""Edges of a junction: what they are made from, and what they may not be."""

import numpy as np
import pytest

from sw.pattern.clash_free import make_pattern
from sw.pattern.edges import Edges, edges_of, fully_connected
from sw.pattern.errors import PatternError


@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("dither", [False, True])
def test_edges_of_a_pattern_have_its_degrees(kind, dither):
    pattern = make_pattern(kind=kind, left=12, right=8, out_degree=4, z=4, seed=3, junction=1, dither=dither)
    edges = edges_of(pattern)
    assert edges.weights == 48
    assert edges.density == 0.5
    assert (edges.in_degrees == 6).all()
    assert (edges.out_degrees == 4).all()
    assert np.array_equal(edges.left_of, pattern.left_of)
    matrix = edges.matrix()
    assert matrix.shape == (8, 12)
    assert sorted(zip(*np.nonzero(matrix), strict=True)) == sorted(zip(edges.right_of, edges.left_of, strict=True))


def test_neurons_without_edges_have_degree_0():
    edges = Edges(4, 3, np.array([0, 2]), np.array([1, 1]))
    assert edges.in_degrees.tolist() == [0, 2, 0]
    assert edges.out_degrees.tolist() == [1, 0, 1, 0]


def test_fully_connected_is_all_edges():
    assert fully_connected(5, 3).matrix().all()
    assert fully_connected(5, 3).weights == 15


def test_from_a_mask_and_back():
    mask = np.random.default_rng(1).random((5, 7)) < 0.4
    edges = Edges.from_mask(mask)
    assert (edges.left, edges.right, edges.weights) == (7, 5, mask.sum())
    assert np.array_equal(edges.matrix(), mask)
    assert edges.left_of.tolist() == [left for right in range(5) for left in range(7) if mask[right, left]]


@pytest.mark.parametrize(("mask", "got"), [
    (np.ones(3, bool), r"\(3,\) of bool"), (np.ones((2, 3)), r"\(2, 3\) of float64"),
])
def test_no_mask(mask, got):
    with pytest.raises(PatternError, match=rf"^a mask must be a \(right, left\) matrix of bool, got {got}$"):
        Edges.from_mask(mask)


@pytest.mark.parametrize(
    ("left_of", "right_of", "complaint"),
    [
        ([0, 4], [0, 1], "left neurons must be 0..3, got 4"),
        ([0, 1], [0, -1], "right neurons must be 0..1, got -1"),
        ([0, 1], [1, 0], "in the order of their right neurons"),
        ([0, 2, 2], [0, 1, 1], "left neuron 2 is joined twice to right neuron 1"),
        ([0, 2, 1], [0, 1], r"two equal lists, got \(3,\) and \(2,\)"),
    ],
)
def test_wrong_edges_are_named(left_of, right_of, complaint):
    with pytest.raises(PatternError, match=complaint):
        Edges(4, 2, np.array(left_of), np.array(right_of))
