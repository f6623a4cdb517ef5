"""The picture that opens the README: kept as the command draws it, and true to the patterns."""

from pathlib import Path

import pytest

from sw.app import overview
from sw.app.overview import draw, main

ROOT = Path(__file__).parents[2]


def test_the_kept_picture_is_drawn_again(tmp_path):
    assert main(["--out", str(tmp_path / "o.svg")]) == 0
    assert (tmp_path / "o.svg").read_bytes() == (ROOT / "docs" / "overview.svg").read_bytes()


def test_every_edge_is_drawn_once(monkeypatch):
    svg = draw().decode()
    edges = sum(pattern.left * pattern.out_degree for pattern in overview._junctions())
    assert sum(svg.count(f"stroke: {colour}; stroke-width: 0.9") for colour in overview.COLOURS) == edges == 40


def test_another_pattern_gives_another_picture(monkeypatch):
    before, junctions = draw(), overview._junctions()
    monkeypatch.setattr(overview, "_junctions", lambda: junctions[::-1][:1])
    assert draw() != before


@pytest.mark.parametrize("name", ["o.gif", "o"])
def test_wrong_name_is_one_line(tmp_path, capsys, name):
    assert main(["--out", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / name}: a picture's name must end in .svg or .png\n"
    assert list(tmp_path.iterdir()) == []
