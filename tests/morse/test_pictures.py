"""What is in the pictures: bars and marks of frames against the samples, sheets, centroids, the files."""

from pathlib import Path

import numpy as np
import pytest

from sw.morse import pictures
from sw.morse.__main__ import main
from sw.morse.generator import drawn
from sw.morse.settings import BASELINE, MorseSettings
from sw.morse.variants import VARIANTS

PICTURE = Path(__file__).parents[2] / "docs" / "morse.svg"
REDRAW = "python -m sw.morse picture compare --symbols + --out docs/morse.svg"
PLUS = 11  # .-.-.


@pytest.mark.parametrize("name", ["baseline", "difficult", "flips-4"])
def test_a_frame_shows_the_sample_and_marks_its_codeword(name):
    settings = VARIANTS[name].settings
    (axes,) = pictures.frames({name: settings}, [PLUS], 7).axes
    values, words = drawn(MorseSettings(**{**vars(settings), "classes": (PLUS,)}), np.zeros(1, np.int64), 7)
    full = 16 if settings.style == "grey" else 1
    bars = sorted(axes.patches, key=lambda bar: bar.get_x())
    assert [bar.get_height() for bar in bars] == pytest.approx(values[0] * full)
    # coloured: the elements, by kind; grey: all else
    colours = [bar.get_facecolor() for bar in bars]
    spans = list(zip(words.kinds[0][:5], words.start[0][:5], words.length[0][:5], strict=True))
    assert [kind for kind, _, _ in spans] == [0, 1, 0, 1, 0]
    covered = set()
    for kind, start, length in spans:
        assert len(set(colours[start:start + length])) == 1
        assert colours[start] == colours[spans[kind][1]]
        covered |= set(range(start, start + length))
    assert len({colours[n] for n in range(64) if n not in covered}) == 1
    assert len(set(colours)) == 3
    marks = [(line.get_xdata()[0] + 0.4, line.get_xdata()[1] + 0.6) for line in axes.lines]
    assert np.allclose(marks, [(start, start + length) for _, start, length in spans])
    assert [text.get_text() for text in axes.texts] == [str(length) for _, _, length in spans]
    end = spans[-1][1] + spans[-1][2] - spans[0][1]
    assert axes.get_title() == f"+  .-.-.   {name}: codeword {end} of 64 positions"


def test_a_sheet_has_every_class():
    settings = MorseSettings(classes=(49, 34, PLUS, 1, 2, 3, 4, 5, 6))
    figure = pictures.sheet(settings, 1)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:3] == ["T  -", "E  .", "+  .-.-."]
    assert titles.count("") == 7  # two rows of eight
    values, _ = drawn(settings, np.repeat(np.arange(9), 12), 1)
    np.testing.assert_array_equal(figure.axes[2].images[0].get_array(), values[24:36])


def test_centroids_and_distances():
    means = np.array([[0.0, 0.0], [0.3, 0.4], [0.0, 1.0]])
    left, right = pictures.centroids(means, ["a", "b", "c"]).axes[:2]
    np.testing.assert_array_equal(left.images[0].get_array(), means)
    expected = [[0, 0.5, 1], [0.5, 0, np.hypot(0.3, 0.6)], [1, np.hypot(0.3, 0.6), 0]]
    np.testing.assert_allclose(np.asarray(right.images[0].get_array()), expected)
    assert [label.get_text() for label in right.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize("words", [
    ["frame", "--symbols", "A", "+", "--set", "dilation=2"], ["sheet", "--symbols", "E", "T", "A"],
    ["centroids", "--symbols", "E", "T", "A"], ["centroids", "--data", "digits"],
], ids=["frame", "sheet", "centroids", "data"])
def test_files(words, tmp_path):
    for name, begin in (("a.svg", b"<?xml"), ("b.png", b"\x89PNG")):
        assert main(["picture", *words, "--out", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(begin)


def test_another_seed_gives_another_picture(tmp_path):
    for seed in ("1", "2"):
        assert main(["picture", "frame", "--seed", seed, "--out", str(tmp_path / f"{seed}.svg")]) == 0
    assert (tmp_path / "1.svg").read_bytes() != (tmp_path / "2.svg").read_bytes()


def test_checked_in_picture_is_what_the_program_draws(tmp_path):
    assert main(["picture", "compare", "--symbols", "+", "--out", str(tmp_path / "m.svg")]) == 0
    assert PICTURE.read_bytes() == (tmp_path / "m.svg").read_bytes(), f"has changed; run: {REDRAW}"
    assert PICTURE.stat().st_size < 100_000


def test_baseline_is_left_as_it_is():
    pictures.frames({"a": BASELINE}, [PLUS], 1)
    assert BASELINE.classes is None
