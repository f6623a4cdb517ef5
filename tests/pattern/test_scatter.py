"""The scatter metric: windows by hand, the metric by loops, and the published network's figures."""

from fractions import Fraction

import numpy as np
import pytest

from sw.pattern.draw import draw
from sw.pattern.edges import Edges, fully_connected
from sw.pattern.errors import PatternError
from sw.pattern.scatter import scatter, scatter_of, window_list, windows_of


def test_windows_along_a_line():
    found = window_list((1024,), (16,), (8,))
    assert found.shape == (127, 16)
    assert [window[0] for window in found] == list(range(0, 1009, 8))
    assert found[-1].tolist() == list(range(1008, 1024))


def test_windows_of_an_image():
    found = window_list((32, 32), (4, 4), (2, 2))
    assert found.shape == (225, 16)
    assert found[0].tolist() == [*range(4), *range(32, 36), *range(64, 68), *range(96, 100)]
    assert found[1][0] == 2
    assert found[15][0] == 64
    assert found[-1][-1] == 1023


def test_windows_of_a_map_with_channels():
    found = window_list((4, 4, 128), (2, 2, 2), (2, 2, 2))
    assert found.shape == (256, 8)
    assert found[0].tolist() == [0, 1, 128, 129, 512, 513, 640, 641]
    assert sorted(found.reshape(-1)) == list(range(2048))


def test_windows_that_leave_neurons_out_warn():
    with pytest.warns(UserWarning, match=r"^windows of 4 every 3 leave the last 2 of 12 out$"):
        found = window_list((12,), (4,), (3,))
    assert [window[0] for window in found] == [0, 3, 6]


@pytest.mark.parametrize(("shape", "window", "stride", "complaint"), [
    ((12,), (13,), (1,), "a window must be 1..12 wide and its stride at least 1, got 13 and 1"),
    ((12,), (0,), (1,), "a window must be 1..12 wide and its stride at least 1, got 0 and 1"),
    ((4, 4), (2, 2), (1, 0), "a window must be 1..4 wide and its stride at least 1, got 2 and 0"),
    ((4, 4), (2,), (2,), "windows need one size and one stride per axis of (4, 4), got (2,) and (2,)"),
])  # fmt: skip
def test_windows_wrong(shape, window, stride, complaint):
    with pytest.raises(PatternError) as error:
        window_list(shape, window, stride)
    assert str(error.value) == complaint


# 4 left neurons; windows 0-1 and 2-3; half of the junction is connected, so one edge per window is ideal
@pytest.mark.parametrize(("rows", "expected"), [
    ([[1, 0, 1, 0], [0, 1, 0, 1]], 1),
    ([[1, 1, 0, 0], [0, 1, 0, 1]], 0.75),
    ([[1, 1, 0, 0], [1, 1, 0, 0]], 0.5),
    ([[1, 1, 1, 1], [0, 0, 0, 0]], 0.5),
    ([[3, 0, 0, 0], [0, 1, 0, 0]], 0.5),
])  # fmt: skip
def test_scatter_by_hand(rows, expected):
    assert scatter(np.array(rows), window_list((4,), (2,), (2,))) == expected


def slow(edges: Edges, width: int, first: int) -> tuple[Fraction, Fraction]:
    """The metric of one junction from both sides by loops over its edges; windows of ``width``, side by side."""
    joined = set(zip(edges.left_of.tolist(), edges.right_of.tolist(), strict=True))
    ideal = Fraction(len(joined), edges.left * edges.right) * width
    found = []
    for side, size, other in ((0, edges.left, edges.right), (1, edges.right, edges.left)):
        total, count = Fraction(0), 0
        for neuron in range(min(first, other)):
            for start in range(0, size, width):
                into = sum(e[side] in range(start, start + width) and e[1 - side] == neuron for e in joined)
                total, count = total + min(Fraction(into) / ideal, Fraction(1)), count + 1
        found.append(total / count)
    return found[0], found[1]


@pytest.mark.parametrize("kind", ["random", "structured", 1, 3])
def test_scatter_by_loops(kind):
    edges = draw(kind, 24, 12, out_degree=4, **({} if isinstance(kind, str) else {"z": 6}))
    windows = [window_list((n,), (4,), (4,)) for n in (24, 12, 24, 12)]
    found = scatter_of([edges], windows, inputs=20, outputs=9)
    # with one junction, the paths are its edges
    assert found == pytest.approx([float(slow(edges, 4, 9)[0]), float(slow(edges, 4, 20)[1])] * 2, abs=1e-12)


def test_an_even_spread_is_one_and_so_is_full():
    assert scatter_of([fully_connected(24, 12), fully_connected(12, 8)]) == [1] * 6
    even = Edges(8, 4, np.array([0, 4, 1, 5, 2, 6, 3, 7]), np.repeat(np.arange(4), 2))
    windows = [window_list((n,), (w,), (w,)) for n, w in ((8, 4), (4, 4), (8, 4), (4, 4))]
    assert scatter_of([even], windows) == [1] * 4


def test_paths_multiply():
    first = draw("structured", 16, 8, out_degree=4, seed=3)
    second = draw("structured", 8, 4, out_degree=2, seed=4)
    windows = windows_of((16, 8, 4), share=2, last=2)
    paths = np.zeros((4, 16))
    for middle, right in zip(second.left_of, second.right_of, strict=True):
        for left in first.left_of[first.right_of == middle]:
            paths[right, left] += 1
    assert (paths.sum(axis=1) == 4 * 8).all()  # degrees multiply
    found = scatter_of([first, second], windows)
    assert found[4:] == [scatter(paths, windows[4]), scatter(paths.T, windows[5])]
    assert found[:2] == scatter_of([first], windows[:2] * 2)[:2]
    assert found[2:4] == scatter_of([second], windows[2:4] * 2)[:2]


def test_default_windows_leave_nothing_out():
    assert [w.shape for w in windows_of((784, 100, 10))] == [
        (98, 8), (20, 5), (20, 5), (2, 5), (784, 1), (10, 1),
    ]


def test_any_number_of_junctions():
    junctions = [draw("structured", a, b, out_degree=2, junction=i) for i, (a, b) in
                 enumerate(((16, 8), (8, 8), (8, 4)), 1)]
    assert len(scatter_of(junctions)) == 8


def test_padding_does_not_look():
    windows = [window_list((4,), (2,), (2,))] * 6
    rows = np.array([0, 2, 1, 3, 0, 1, 0, 1]), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    uneven = Edges(4, 4, *rows)  # right neurons 2 and 3 have both edges in one window
    assert scatter_of([fully_connected(4, 4), uneven], windows)[2] == 0.75
    assert scatter_of([fully_connected(4, 4), uneven], windows, outputs=2)[2] == 1


def test_morse_network_of_the_paper():
    means = np.mean([
        scatter_of([draw("structured", 64, 1024, out_degree=128, seed=seed, junction=1),
                    draw("structured", 1024, 64, out_degree=8, seed=seed, junction=2)])
        for seed in range(3)
    ], axis=0)
    assert np.abs(means - [0.67, 0.64, 0.66, 0.62, 0.91, 0.91]).max() < 0.01


def test_without_dithering_many_lanes_scatter_badly():
    # all of the 64 neurons are read in each clock, so a right neuron's eight are neighbours
    bad, good = (scatter_of([draw(2, 64, 1024, out_degree=128, z=64, dither=dither)])[0] for dither in (False, True))
    assert bad == 1 / 8
    assert good > 0.65


def test_scatter_wrong():
    edges = draw("structured", 8, 4, out_degree=2)
    for call, complaint in [
        (lambda: scatter_of([edges, edges]),
         r"^each junction's left neurons must be the right ones of the one before, got \[\(8, 4\), \(8, 4\)\]$"),
        (lambda: scatter_of([]), "^each junction's left neurons"),
        (lambda: scatter_of([edges], windows_of((8, 4))[:3]), "^1 junctions need 4 lists of windows, got 3$"),
        (lambda: scatter_of([edges], windows_of((16, 4))), "^windows reach neuron 15 of a layer of 8$"),
        (lambda: scatter_of([edges], inputs=9), r"^neurons that count must be 1\.\.8, got 9$"),
        (lambda: scatter(np.zeros((2, 2)), np.array([[0]])), "^the scatter of a junction without edges is not"),
    ]:
        with pytest.raises(PatternError, match=complaint):
            call()
