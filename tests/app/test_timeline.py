"""The timing diagram: its bars against the list of all accesses, and the checked-in picture."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from sw.app.timeline import Row, draw, main, rows
from sw.design.accesses import Accesses, memories
from sw.design.design import Design
from sw.design.files import load
from sw.design.schedule import Schedule
from sw.design.settings import Stages

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pipeline.svg"
REDRAW = "python -m sw.app.timeline --design designs/mnist.toml --out docs/pipeline.svg"
DESIGNS = ("mnist", "odd", "tiny")


def shipped(name: str) -> Design:
    return load(ROOT / "designs" / f"{name}.toml")


def span(clocks: np.ndarray) -> tuple[int, int]:
    return int(clocks.min()), int(clocks.max())


def of_slot(accesses: Accesses, slot: int) -> tuple[np.ndarray, np.ndarray]:
    """Clocks of issue and of access of what one slot does, without pauses."""
    chosen = accesses.slot == slot
    return accesses.tick[chosen], (accesses.tick + accesses.stage)[chosen]


def listed(schedule: Schedule, slot: int) -> list[tuple[int, int, int]]:
    """First and last clock of issue, clock of the last write, per row; from the accesses alone."""
    memory = {(m.name, m.junction): m for m in memories(schedule, slot + 1)}
    last = len(schedule.design.junctions)
    arrived = of_slot(memory["left activations for FF", 1].writes, slot)
    found = [(*span(arrived[0]), span(arrived[1])[1])]
    # output deltas are written one clock after the activations that they come from
    results = of_slot(memory["right deltas", last].writes, slot)[1] - 1
    for i in range(1, last + 1):
        issued = of_slot(memory["left activations for FF", i].reads, slot)[0]
        written = results if i == last else of_slot(memory["left activations for FF", i + 1].writes, slot)[1]
        found.append((*span(issued), span(written)[1]))
    found.append((*span(results), span(results)[1]))
    for i in range(last, 0, -1):
        issued = of_slot(memory["left activations for UP", i].reads, slot)[0]
        found.append((*span(issued), span(of_slot(memory["weights", i].writes, slot)[1])[1]))
    return found


def drawn(lines: list[Row], clocks: int, slot: int) -> list[tuple[int, int, int]]:
    begins = [row.first + slot * clocks for row in lines]
    return [
        (begin, begin + row.length - 1, begin + row.length - 1 + row.latency)
        for begin, row in zip(begins, lines, strict=True)
    ]


@pytest.mark.parametrize("slot", [0, 3])
@pytest.mark.parametrize("name", DESIGNS)
def test_rows_are_what_the_accesses_say(name, slot):
    schedule = Schedule.of(shipped(name))
    assert drawn(rows(schedule), schedule.clocks, slot) == listed(schedule, slot)


@pytest.mark.parametrize("row", range(6))
@pytest.mark.parametrize("name", ["first", "length", "latency"])
def test_rows_that_are_off_by_one_are_found(name, row):
    schedule = Schedule.of(shipped("mnist"))
    lines = rows(schedule)
    lines[row] = replace(lines[row], **{name: getattr(lines[row], name) + 1})
    assert drawn(lines, schedule.clocks, 0) != listed(schedule, 0)


@pytest.mark.parametrize("name", DESIGNS)
def test_lags_join_the_rows_of_one_junction(name):
    schedule = Schedule.of(shipped(name))
    lines = rows(schedule)
    marked = [row for row in lines if row.lag]
    assert [row.lag for row in marked] == list(schedule.lags[::-1])
    for row in marked:
        ff = lines[row.ff_row]
        assert ff.name.partition(":")[0] == row.name.partition(":")[0]
        assert row.first - ff.first == row.lag * schedule.clocks


def bars_of(svg: bytes, until: int) -> set[tuple[int, int]]:
    """First clock and clock after the last of every bar in a picture, read from its coordinates."""
    left, right = 0.2 * 720, 0.99 * 720  # margins of the plot in points
    found = set()
    for path in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"):
        if "stroke: #ffffff" not in path.get("style", ""):
            continue
        xs = [float(x) for x in re.findall(r"[ML] (\S+) ", path.get("d", ""))]
        ends = [(x - left) / (right - left) * until for x in (min(xs), max(xs))]
        assert np.allclose(ends, np.round(ends), atol=1e-3)
        found.add((round(ends[0]), round(ends[1])))
    return found


@pytest.mark.parametrize("name", DESIGNS)
def test_bars_of_the_picture(name):
    schedule = Schedule.of(shipped(name))
    until = schedule.bp[0] + 2 * schedule.clocks
    expected = {
        (begin, min(begin + row.length, until))
        for row in rows(schedule)
        for begin in range(row.first, until, schedule.clocks)
    }
    assert bars_of(draw(schedule.design), until) == expected


def test_checked_in_picture_is_what_the_program_draws():
    assert PICTURE.read_bytes() == draw(shipped("mnist")), f"the schedule or the drawing has changed; run: {REDRAW}"
    assert PICTURE.stat().st_size < 100_000


def test_another_schedule_gives_another_picture():
    design = shipped("mnist")
    slower = replace(design, hardware=replace(design.hardware, stages=Stages(multiply=4)))
    assert draw(slower) != draw(design)


def test_command_line_writes_the_picture(tmp_path):
    assert main(["--design", str(ROOT / "designs" / "tiny.toml"), "--out", str(tmp_path / "tiny.svg")]) == 0
    assert (tmp_path / "tiny.svg").read_bytes() == draw(shipped("tiny"))


def test_command_line_without_a_design(tmp_path, capsys):
    assert main(["--design", "no.toml", "--out", str(tmp_path / "no.svg")]) == 2
    assert capsys.readouterr().err == "error: no.toml: there is no such file\n"
    assert not list(tmp_path.iterdir())


def test_command_line_without_matplotlib(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["--design", str(ROOT / "designs" / "tiny.toml"), "--out", str(tmp_path / "tiny.svg")]) == 2
    assert capsys.readouterr().err == "error: drawing needs matplotlib, which 'make lint' installs in .venv\n"
    assert not list(tmp_path.iterdir())
