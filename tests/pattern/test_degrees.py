"""Degrees and densities: against all pairs of degrees, tried one by one."""

from fractions import Fraction

import pytest

from sw.pattern.degrees import (
    check_out_degree,
    densities,
    edges_at,
    in_degree,
    near_out_degrees,
    near_out_degrees_of,
    nearest_out_degree,
    out_degree_at,
    out_degrees,
    overall_density,
    weights,
)
from sw.pattern.errors import PatternError

SIZES = [(left, right) for left in range(1, 13) for right in range(1, 13)]


@pytest.mark.parametrize(("left", "right"), SIZES)
def test_out_degrees_are_those_with_a_whole_in_degree(left, right):
    allowed = [d for d in range(1, right + 1) if (left * d) % right == 0]
    assert list(out_degrees(left, right)) == allowed
    assert densities(left, right) == [Fraction(d, right) for d in allowed]
    for d in range(-1, right + 3):
        if d in allowed:
            assert in_degree(left, right, d) * right == left * d
        else:
            with pytest.raises(PatternError):
                in_degree(left, right, d)


def test_densities_of_known_junctions():
    assert densities(8, 4) == [Fraction(k, 4) for k in (1, 2, 3, 4)]
    assert list(out_degrees(800, 100)) == list(range(1, 101))
    assert list(out_degrees(784, 112)) == list(range(1, 113))
    assert list(out_degrees(112, 10)) == [5, 10]
    assert in_degree(784, 10, 5) == 392


@pytest.mark.parametrize(("left", "right"), SIZES)
def test_nearest_is_nearest_and_the_denser_of_two(left, right):
    for wanted in (Fraction(k, 24) for k in range(1, 25)):
        distances = {d: abs(Fraction(d, right) - wanted) for d in out_degrees(left, right)}
        nearest = [d for d, distance in distances.items() if distance == min(distances.values())]
        assert nearest_out_degree(left, right, wanted) == max(nearest)


@pytest.mark.parametrize(("left", "right"), [*SIZES, (784, 112), (4096, 4096), (999, 333)])
def test_a_density_as_a_float_is_the_fraction_it_came_from(left, right):
    for d in out_degrees(left, right):
        assert out_degree_at(left, right, d / right) == d
        assert out_degree_at(left, right, Fraction(d, right)) == d
        assert edges_at(left, right, d / right) == left * d


def test_random_edges_are_rounded_up():
    assert edges_at(8, 7, 0.3) == 17  # 16.8
    assert edges_at(800, 100, 0.2) == 16000
    assert edges_at(7, 9, Fraction(1, 63) + Fraction(1, 10**9)) == 2
    assert edges_at(3, 3, 1e-9) == 1
    assert edges_at(8, 7, 1) == 56


@pytest.mark.parametrize("density", [0, -0.1, 1.0001, 2, float("nan"), float("inf")])
def test_density_wrong(density):
    for function in (nearest_out_degree, out_degree_at, edges_at):
        with pytest.raises(PatternError) as error:
            function(8, 4, density)
        assert str(error.value) == f"a density must be above 0 and at most 1, got {density}"


def test_density_between_two():
    with pytest.raises(PatternError) as error:
        out_degree_at(112, 10, 0.7)
    assert str(error.value) == (
        "a structured junction of 112 and 10 neurons has the densities k/2, not 0.7; "
        "near it: 0.5 (out-degree 5), 1 (out-degree 10)"
    )


def test_out_degree_wrong():
    with pytest.raises(PatternError) as error:
        check_out_degree(112, 10, 4, "junction 2: the out-degree")
    assert str(error.value) == (
        "junction 2: the out-degree must be a multiple of 5 up to 10, so that 112 * out-degree divides by 10; got 4"
    )


def test_sizes_wrong():
    with pytest.raises(PatternError, match=r"^a junction needs at least 1 neuron on each side, got 0 and 4$"):
        out_degrees(0, 4)


def test_a_network():
    # the example of the papers: 25 % and 50 % make a third
    assert weights((8, 4, 4), (1, 2)) == (8, 8)
    assert overall_density((8, 4, 4), (1, 2)) == Fraction(1, 3)
    assert overall_density((800, 100, 10), (50, 10)) == Fraction(41000, 81000)
    assert overall_density((5, 3), (3,)) == 1


def test_a_network_wrong():
    with pytest.raises(PatternError, match=r"^3 layers, \[8, 4, 4\], need one out-degree per junction, got \[1\]$"):
        weights((8, 4, 4), (1,))
    with pytest.raises(PatternError, match=r"^junction 2: the out-degree must be a multiple of 1 up to 4, .* got 5$"):
        overall_density((8, 4, 4), (1, 5))


@pytest.mark.parametrize(("neurons", "density", "lean", "expected"), [
    ((800, 100, 10), 0.2, 1, (20, 2)),
    ((800, 100, 10), 0.2, 2, (20, 4)),  # 19.8 and 3.95
    ((800, 100, 10), 0.2, 100, (19, 10)),  # the last can be no more than full
    ((800, 100, 10), 1, 3, (100, 10)),
    ((784, 112, 10), 0.2, 1, (22, 5)),  # 50 % is the least for 112 to 10; the first makes up for it
    ((784, 112, 10), 0.001, 1, (1, 5)),  # and here cannot
    ((8, 8), 0.49, 5, (4,)),
    ((64, 64, 64, 64), 0.25, 2, (7, 14, 27)),  # 6.9, 13.7, 27.4
    ((64, 64, 64, 64), 0.25, 0.5, (27, 14, 7)),
])  # fmt: skip
def test_out_degrees_near_a_density(neurons, density, lean, expected):
    assert near_out_degrees(neurons, density, lean) == expected


def test_junctions_need_not_be_a_chain():
    """As layers of a network with others between them: 288 of 1152 weights."""
    assert near_out_degrees_of([(48, 16), (12, 32)], 0.25) == (4, 8)
    # 12 to 32 can have 50 % instead of 37.5 %; 12.5 % are left for the other
    assert near_out_degrees_of([(48, 16), (12, 32)], 0.25, lean=2) == (2, 16)
    with pytest.raises(PatternError, match=r"^a junction needs at least 1 neuron on each side, got 0 and 8$"):
        near_out_degrees_of([(4, 4), (0, 8)], 0.5)


def test_out_degrees_near_a_density_are_near():
    neurons = (784, 112, 112, 10)
    for density in (k / 50 for k in range(3, 51)):
        for lean in (0.5, 1, 1.5, 3):
            found = near_out_degrees(neurons, density, lean)
            assert abs(overall_density(neurons, found) - Fraction(density)) <= Fraction(784, 2 * 101472)
            again = [d / n for d, n in zip(found, neurons[1:], strict=True)]
            assert lean != 3 or again == sorted(again)


@pytest.mark.parametrize(("how", "complaint"), [
    (((8, 4), 0), "a density must be above 0 and at most 1, got 0"),
    (((8, 4), 0.5, 0), "a junction's density by that of the one before must be above 0, got 0"),
    (((8, 4), 0.5, float("nan")), "a junction's density by that of the one before must be above 0, got nan"),
    (((8,), 0.5), "a network needs at least 2 layers of at least 1 neuron, got [8]"),
    (((8, 0), 0.5), "a network needs at least 2 layers of at least 1 neuron, got [8, 0]"),
])  # fmt: skip
def test_out_degrees_near_a_density_wrong(how, complaint):
    with pytest.raises(PatternError) as error:
        near_out_degrees(*how)
    assert str(error.value) == complaint
