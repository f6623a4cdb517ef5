"""Patterns as dense blocks: every edge once, and blocks as large as the pattern allows."""

import numpy as np
import pytest

from sw.pattern.clash_free import Pattern
from sw.pattern.edges import Edges, edges_of
from sw.sparse.blocks import decompose, neurons_moved
from tests.sparse.patterns import PATTERNS, clash_free


@pytest.mark.parametrize("edges", PATTERNS.values(), ids=PATTERNS)
def test_every_edge_once(edges):
    seen = np.zeros(edges.weights, int)
    for stack in decompose(edges):
        blocks, o, i = stack.weights.shape
        assert stack.left.shape == (blocks, i)
        assert stack.right.shape == (blocks, o)
        np.add.at(seen, stack.weights, 1)
        assert (edges.left_of[stack.weights] == stack.left[:, None, :]).all()
        assert (edges.right_of[stack.weights] == stack.right[:, :, None]).all()
    assert (seen == 1).all()


def shapes(edges):
    return sorted(s.weights.shape for s in decompose(edges))


def test_type_3_is_one_stack_of_blocks_of_the_degrees():
    """N_left / d_in blocks of d_in x d_out, whatever the lanes, their order and the depth of the banks."""
    for z in (2, 3, 6, 12, 24):
        for dither in (False, True):
            edges = clash_free(3, 24, 16, 4, z, dither=dither)
            assert shapes(edges) == [(4, 4, 6)]
            assert decompose(edges)[0].rows is not None  # slots are moved in rows of d_in


def test_sweeps_that_share_a_start_vector_widen_blocks():
    assert shapes(clash_free(2, 96, 64, 16, 24, sweeps=4)) == [(16, 4, 24)]
    assert shapes(clash_free(2, 96, 64, 16, 24, sweeps=6)) == [(4, 4, 24), (8, 6, 24)]  # 16 = 6 + 6 + 4
    assert shapes(clash_free(2, 96, 64, 16, 24)) == [(64, 1, 24)]


def test_in_degree_that_does_not_divide():
    """70 of 784: the larger blocks join left neurons of the same right ones; each right neuron is in 5 of them."""
    edges = clash_free(3, 784, 112, 10, 14, dither=True)
    assert shapes(edges) == [(56, 10, 14)]
    assert neurons_moved(decompose(edges)) == 56 * 24
    # 9 of 24, three sweeps alike: no two right neurons have the same left ones, and there are blocks all the same
    assert shapes(clash_free(2, 24, 32, 12, 3, sweeps=3)) == [(32, 3, 3)]


def test_edges_alone_decide():
    """The same matrix, its slots in another order, has the same blocks."""
    edges = clash_free(3, 24, 16, 4, 12)
    order = np.lexsort((edges.left_of, edges.right_of))
    sorted_ = Edges(24, 16, edges.left_of[order], edges.right_of[order])
    assert not np.array_equal(sorted_.left_of, edges.left_of)
    assert shapes(sorted_) == shapes(edges)


def test_one_edge_moved_breaks_its_block():
    """Planted: a single address that differs in one sweep."""
    table = np.random.default_rng(1).integers(0, 6, (4, 4))
    table[:] = table[0]
    table[2, 1] = (table[2, 1] + 1) % 6
    changed = edges_of(Pattern(2, 1, 24, 16, 4, 4, table))
    assert shapes(clash_free(3, 24, 16, 4, 4)) == [(4, 4, 6)]
    assert (4, 4, 6) not in shapes(changed)
