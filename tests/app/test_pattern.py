"""Pictures of patterns and what is printed of them: against the edges, and the pictures of docs/patterns.md."""

import json
import re
import shlex
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from sw.app.pattern import main
from sw.app.pattern_pictures import LINES, Drawn, adjacency, banks, connections, view_for
from sw.common.picture import COLOURS
from sw.design.errors import DesignError
from sw.pattern.clash_free import Pattern
from sw.pattern.count import clash_free_networks
from sw.pattern.draw import clash_free, draw
from sw.pattern.edges import Edges, edges_of
from sw.pattern.scatter import scatter_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "patterns.md"


def clash_free_junction(kind=2, dither=True, left=24, right=12, out_degree=4, z=6) -> Drawn:
    pattern = clash_free(kind, left, right, out_degree, z, dither=dither)
    return Drawn(f"type {kind}", edges_of(pattern), pattern)


def structured_junction(left=24, right=12, out_degree=4) -> Drawn:
    return Drawn("structured", draw("structured", left, right, out_degree=out_degree))


def lines_of(figure, network: int, sizes: tuple[int, ...]) -> set[tuple[int, int, int, str]]:
    """(junction, left neuron, right neuron, colour) of every line, from its coordinates."""
    ax = figure.axes[network]
    found = set()
    for collection in ax.collections:
        if isinstance(collection, LineCollection):
            for ((x, a), (_, b)), colour in zip(collection.get_segments(), collection.get_colors(), strict=True):
                scale = [n / max(sizes) for n in sizes]
                left, right = a * scale[int(x)] - 0.5, b * scale[int(x) + 1] - 0.5
                assert abs(left - round(left)) + abs(right - round(right)) < 1e-6
                found.add((int(x), round(left), round(right), to_hex(colour)))
    return found


def expected_lines(network) -> set[tuple[int, int, int, str]]:
    return {
        (x, int(a), int(b), LINES[(int(a) % d.pattern.z if d.pattern else int(a)) % len(LINES)])
        for x, d in enumerate(network)
        for a, b in zip(d.edges.left_of, d.edges.right_of, strict=True)
    }


def test_lines_of_a_connection_diagram():
    networks = [[clash_free_junction(), structured_junction(12, 8, 2)],
                [structured_junction(), structured_junction(12, 8, 4)]]
    figure = connections(networks, "a title")
    for i, network in enumerate(networks):
        assert lines_of(figure, i, (24, 12, 8)) == expected_lines(network)
    assert lines_of(figure, 0, (24, 12, 8)) != expected_lines(networks[1])


def image_of(ax) -> np.ndarray:
    (image,) = ax.get_images()
    return np.asarray(image.get_array())


def test_matrices_of_an_adjacency_picture():
    networks = [[structured_junction()], [clash_free_junction(1)], [clash_free_junction(3)], [clash_free_junction(2)]]
    figure = adjacency(networks, "a title")
    shown = [image_of(ax) for ax in figure.axes if ax.get_images()]
    for image, (junction,) in zip(shown, networks, strict=True):
        assert np.array_equal(image, junction.edges.matrix())
    assert not np.array_equal(shown[0], shown[1])


def test_of_large_matrices_a_corner_is_shown():
    junction = Drawn("random", draw("random", 2000, 300, density=0.1))
    (ax,) = adjacency([[junction]], "a title").axes
    assert np.array_equal(image_of(ax), junction.edges.matrix()[:256, :256])
    assert "the first 256 of 2000 and 256 of 300" in ax.get_title()


def cells_of(ax) -> dict[tuple[int, int], int]:
    """Number in each (clock, bank) of a bank picture."""
    return {tuple(map(int, text.get_position())): int(text.get_text()) for text in ax.texts}


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_cells_of_a_bank_picture(kind, dither):
    junction = clash_free_junction(kind, dither)
    (ax,) = banks([[junction]], "a title").axes
    edges = junction.edges
    cells, colours = cells_of(ax), image_of(ax)
    assert len(cells) == edges.weights
    for slot, (left, right) in enumerate(zip(edges.left_of, edges.right_of, strict=True)):
        clock, bank = slot // 6, int(left) % 6
        assert cells[clock, bank] == left
        assert colours[bank, clock] == right % len(COLOURS)
    sweeps = [line.get_xdata()[0] for line in ax.lines if to_hex(line.get_color()) == "#000000"]
    assert sweeps == [3.5, 7.5, 11.5]


def test_a_fault_in_the_banks_shows():
    junction = clash_free_junction(1, dither=False)
    pattern = junction.pattern
    assert isinstance(pattern, Pattern)
    table = pattern.table.copy()
    table[[0, 1], 2] = table[[1, 0], 2]
    other = Pattern(1, 1, 24, 12, 4, 6, table)
    (ax,) = banks([[Drawn("type 1", edges_of(other), other)]], "a title").axes
    assert cells_of(ax)[0, 2] == junction.edges.left_of[8] != junction.edges.left_of[2]


def test_rows_of_a_large_bank_picture():
    junction = clash_free_junction(2, left=1024, right=64, out_degree=4, z=128)
    ax = banks([[junction]], "a title").axes[0]
    assert np.array_equal(image_of(ax), junction.pattern.rows.T)


def test_view_suits_the_size():
    assert view_for([[structured_junction()]]) == "connections"
    assert view_for([[structured_junction()], [structured_junction(65, 1, 1)]]) == "adjacency"
    assert view_for([[structured_junction(50, 50, 9)]]) == "adjacency"
    with pytest.raises(DesignError, match=r"^a connection diagram has at most 400 edges per junction"):
        connections([[structured_junction(50, 50, 9)]], "a title")


def test_neurons_without_edges_are_drawn():
    lonely = Drawn("few", Edges(4, 3, np.array([0, 1]), np.array([0, 0])))
    figure = connections([[lonely]], "a title")
    assert sum(text.get_text().isdigit() for text in figure.axes[0].texts) == 7


def run(capsys, *arguments) -> str:
    assert main([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def test_facts_of_a_network(tmp_path, capsys):
    out = run(capsys, "--neurons", "8,4,4", "--out-degree", "1,2", "--kind", "2", "--z", "4,2",
              "--json", tmp_path / "facts.json")
    assert out == (
        "junction 1, type 2: 8 to 4, out-degree 1, in-degree 2, 8 weights (25 %); z 4, 16 networks; "
        "scatter 1.000 from the right, 1.000 from the left\n"
        "junction 2, type 2: 4 to 4, out-degree 2, in-degree 2, 8 weights (50 %); z 2, 16 networks; "
        "scatter 1.000 from the right, 1.000 from the left\n"
        "network: 16 weights (33.33 %); scatter of the paths 0.500 from the outputs, 0.500 from the inputs\n"
    )
    (network,) = json.loads((tmp_path / "facts.json").read_text())["networks"]
    assert network["density"] == 1 / 3
    assert [j["networks_log2"] for j in network["junctions"]] == [4, 4]
    assert network["junctions"][0]["out_degree"] == [1, 1]


def test_no_number_and_one(capsys):
    assert "networks" not in run(capsys, "--neurons", "4,4", "--out-degree", "3", "--kind", "structured")
    assert "type 3, dithered" in (out := run(
        capsys, "--neurons", "12,9", "--density", "1", "--kind", "3", "--z", "2", "--dither"))
    assert "1 network;" in out


def test_degrees_of_a_network(capsys):
    assert run(capsys, "--neurons", "784,112,10") == (
        "junction 1, 784 to 112: out-degrees are multiples of 1, 112 in all: 1 (0.8929 %), 2 (1.786 %), 3 (2.679 %), "
        "4 (3.571 %), 5 (4.464 %), 6 (5.357 %), ..., 111 (99.11 %), 112 (100 %)\n"
        "junction 2, 112 to 10: out-degrees are multiples of 5, 2 in all: 5 (50 %), 10 (100 %)\n"
    )


@pytest.mark.parametrize("name", ["a.svg", "a.png"])
def test_same_arguments_same_bytes(tmp_path, capsys, name):
    files = tmp_path / name, tmp_path / f"again-{name}"
    for file in files:
        run(capsys, "--design", ROOT / "designs" / "tiny.toml", "--out", file)
    first, again = (file.read_bytes() for file in files)
    assert first == again
    assert first.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")
    run(capsys, "--design", ROOT / "designs" / "tiny.toml", "--out", files[0], "--view", "banks")
    assert files[0].read_bytes() != first


SMALL = ("--neurons", "12,6", "--out-degree", "2")


@pytest.mark.parametrize(("arguments", "complaint"), [
    (("--neurons", "12"), "--neurons needs at least 2 layers, got [12]"),
    (("--neurons", "12,6", "--out", "a.svg"), "a picture needs --out-degree or --density"),
    ((*SMALL, "--out", "a.pdf"), "a.pdf: a picture's name must end in .svg or .png"),
    ((*SMALL, "--out", "none/a.svg"), "none/a.svg: cannot be written: No such file or directory"),
    ((*SMALL, "--out", "a.svg", "--view", "banks"),
     "banks belong to the clash-free kinds 1, 2 and 3; random and structured junctions have none"),
    ((*SMALL, "--kind", "2"), "junction 1: kind 2 needs z, a divisor of the 12 left neurons: [1, 2, 3, 4, 6, 12]"),
    ((*SMALL, "--kind", "2", "--z", "5"),
     "junction 1: z must divide the 12 left neurons; got 5, nearest valid: [2, 3, 4, 6]"),
    ((*SMALL, "--kind", "2", "--z", "4,3"), "--z needs one value per junction, 1 of them, got 2"),
    ((*SMALL, "--z", "4"), "--z belongs to --kind 1, 2, 3, got structured"),
    ((*SMALL, "--dither"), "--dither belongs to --kind 1, 2, 3, got structured"),
    ((*SMALL, "--kind", "1,3", "--z", "4", "--sweeps-per-start", "2"),
     "--sweeps-per-start belongs to --kind 2, got 1, 3"),
    ((*SMALL, "--kind", "2", "--z", "4", "--sweeps-per-start", "0"),
     "junction 1: sweeps per start vector must be at least 1, and 1 but for kind 2; got 0 with kind 2"),
    ((*SMALL, "--seed", "-1"), "junction 1: a pattern's seed must be at least 0, got -1"),
    (("--neurons", "12,8", "--out-degree", "3"),
     "junction 1: the out-degree must be a multiple of 2 up to 8, so that 12 * out-degree divides by 8; got 3"),
    (("--neurons", "12,8", "--density", "1.5"), "junction 1: a density must be above 0 and at most 1, got 1.5"),
    (("--neurons", "0,8", "--density", "0.5"),
     "junction 1: a junction needs at least 1 neuron on each side, got 0 and 8"),
    (("--design", "none.toml"), "none.toml: there is no such file"),
    (("--design", str(ROOT / "designs" / "tiny.toml"), "--seed", "3"), "a design file says its own --seed"),
])  # fmt: skip
def test_command_line_wrong(tmp_path, capsys, monkeypatch, arguments, complaint):
    monkeypatch.chdir(tmp_path)
    assert main(list(arguments)) == 2
    assert capsys.readouterr().err == f"error: {complaint}\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("arguments", "complaint"), [
    (("--kind", "1,4"), "--kind: must be random, structured, 1, 2 or 3, separated by commas, got '1,4'"),
    (("--kind", "striped"), "--kind: must be random, structured, 1, 2 or 3, separated by commas, got 'striped'"),
    (("--z", "two"), "--z: must be whole numbers, separated by commas, got 'two'"),
])  # fmt: skip
def test_command_line_of_the_wrong_type(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as stop:
        main([*SMALL, *arguments])
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_command_line_without_matplotlib(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main([*SMALL, "--out", str(tmp_path / "a.svg")]) == 2
    assert capsys.readouterr().err == "error: drawing needs matplotlib, which 'make lint' installs in .venv\n"
    assert not list(tmp_path.iterdir())
    assert main([*SMALL]) == 0  # text alone needs none


def commands() -> list[list[str]]:
    """Arguments of the page's commands that write a picture."""
    lines = re.findall(r"^    python -m sw\.app\.pattern (.*)$", PAGE.read_text().replace("\\\n", " "), re.MULTILINE)
    return [shlex.split(line) for line in lines if "--out " in line]


def drawing(content: bytes) -> bytes:
    """An SVG file without its bitmaps, whose compression another machine may do otherwise."""
    return re.sub(rb'xlink:href="data:[^"]*"', b"", content)


def test_pictures_of_the_page_are_what_its_commands_draw(tmp_path, capsys):
    assert len(commands()) >= 3
    for arguments in commands():
        where = arguments.index("--out") + 1
        picture = ROOT / arguments[where]
        assert f"]({picture.name})" in PAGE.read_text()
        new = tmp_path / picture.name
        run(capsys, *arguments[:where], new, *arguments[where + 1:])
        assert drawing(new.read_bytes()) == drawing(picture.read_bytes()), f"redraw {picture.name}"
        assert picture.stat().st_size < 150_000


def rows_after(heading: str) -> list[list[str]]:
    """Cells of the first table below a heading of the page, without its own heading."""
    table = PAGE.read_text().split(f"## {heading}\n")[1].split("\n|", 1)[1].split("\n\n")[0]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_numbers_of_the_page():
    rows = rows_after("Numbers of networks")
    assert len(rows) == 11
    for shape, ratio, dither, *counts in rows:
        left, out_degree, right, z = map(int, shape.split(","))
        assert Fraction(ratio) == Fraction(left * out_degree, right * z)
        found = [clash_free_networks(kind, left, right, out_degree, z, dither=dither == "yes") for kind in (1, 2, 3)]
        assert counts == [f"{n:,}" for n in found]


def scatter_row(name: str, lanes: str) -> list[str]:
    """Means over the seeds 1 to 5 of the metric of the Morse network, as the page has them."""
    kind, _, dithered = name.partition(", ")
    how = [{"z": int(z), "dither": bool(dithered)} for z in lanes.split(",")] if lanes else [{}, {}]
    key = int(kind[-1]) if lanes else kind
    metrics = [
        scatter_of([draw(key, 64, 1024, out_degree=128, seed=seed, junction=1, **how[0]),
                    draw(key, 1024, 64, out_degree=8, seed=seed, junction=2, **how[1])])
        for seed in range(1, 6)
    ]
    return [f"{mean:.2f}" for mean in np.mean(metrics, axis=0)]


@pytest.mark.parametrize("row", range(1, 7))
def test_scatter_of_the_page(row):
    reference, *rows = rows_after("Scatter")
    assert reference[0] == "reference, structured"
    assert len(rows) == 6
    assert scatter_row(*rows[row - 1][:2]) == rows[row - 1][2:]
