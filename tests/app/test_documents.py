"""README and docs/ against the repository: links, files, targets, and the tables of designs."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from sw.cost.balance import multipliers
from sw.design.design import Design
from sw.design.files import load
from sw.design.schedule import Schedule
from sw.experiments.statistics import estimate

ROOT = Path(__file__).parents[2]
README, ARCHITECTURE = ROOT / "README.md", ROOT / "docs" / "architecture.md"
# of files that documents name by their names alone
FOLDERS = ("sw/pattern", "sw/design", "sw/cost", "sw/deepncheap", "hw", "hw/serial", "tests/formal")


def missing_links(text: str, folder: Path) -> list[str]:
    """Targets of Markdown links and pictures that are no files."""
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    return [t for t in targets if "://" not in t and not (folder / t).exists()]


def missing_files(text: str) -> list[str]:
    """Paths and Python files in backticks that are not there; generated ones and patterns are left out."""
    named = re.findall(r"`([\w./*-]+(?:/|\.py|\.toml|\.md|\.npz))`", text)
    named = [n for n in named if "*" not in n and not n.startswith("build/") and not n.endswith(".npz")]
    return [n for n in named if not any((ROOT / folder / n).exists() for folder in ("", "designs", *FOLDERS))]


def row_of(text: str, name: str) -> list[str]:
    """Cells of the one table row that begins with `name` in backticks."""
    (found,) = re.findall(rf"^\| `{re.escape(name)}` \|(.*)\|$", text, re.MULTILINE)
    return [cell.strip() for cell in found.split("|")]


def joined(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values))


def schedule_row(design: Design) -> list[str]:
    s = Schedule.of(design)
    tuples = (s.ff, s.lags, s.feed_sets, s.activation_sets, s.delta_sets, s.slope_sets)
    return [str(s.clocks), *map(joined, tuples), str(multipliers(design))]


def design_row(design: Design) -> list[str]:
    weights = sum(j.weights for j in design.junctions)
    shape = [joined(design.network.neurons), joined(design.network.out_degree)]
    return [*shape, f"{weights:,} ({design.density:.1%})".replace("%", " %"), str(Schedule.of(design).clocks)]


SHIPPED = sorted((ROOT / "designs").glob("*.toml"))


@pytest.mark.parametrize("document", [README, *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name)
def test_links_and_files_are_there(document):
    text = document.read_text()
    assert missing_links(text, document.parent) == []
    assert missing_files(text) == []


def test_missing_ones_are_found():
    assert missing_links("![a picture](none.svg) [a page](https://example.org)", ROOT) == ["none.svg"]
    assert missing_files("`hw/none.py`, `hw/junction.py`, `none/`, `sw/design/`") == ["hw/none.py", "none/"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_tables_of_designs(path):
    design = load(path)
    assert row_of(ARCHITECTURE.read_text(), path.stem) == schedule_row(design)
    assert row_of(README.read_text(), path.name)[:4] == design_row(design)


def test_a_wrong_table_is_found():
    design = load(ROOT / "designs" / "mnist.toml")
    text = ARCHITECTURE.read_text().replace("| 31, 88 |", "| 31, 89 |")
    assert row_of(text, "mnist") != schedule_row(design)


def test_stages_of_the_flagship():
    stages = Schedule.of(load(ROOT / "designs" / "mnist.toml")).stages
    text = ARCHITECTURE.read_text()
    for name in ("fetch", "left_address", "operands", "product", "left_delta", "update", "activation"):
        assert row_of(text, name)[-1] == joined(tuple(getattr(s, name) for s in stages))
    address, output = (tuple(getattr(s, name) for s in stages) for name in ("address", "output_delta"))
    assert f"addressed | {joined(address)} |" in text
    assert f"written | ({output[0]}), {output[1]} |" in text
    assert row_of(text, "partial")[-1] == f"({stages[0].partial}), {stages[1].partial}"


def test_readme_names_every_target():
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", README.read_text()))
    assert targets == named


def accuracy_rows(text):
    """Of README's figures in integers: test samples, mean, half of the interval, the seeds' accuracies."""
    samples = None
    for line in text.splitlines():
        if found := re.search(r"--design (designs/\S+\.toml)", line):
            samples = load(ROOT / found[1]).data.test
        if row := re.search(r"\| ([\d.]+) % ± ([\d.]+) \(([\d., ]+)\) \|", line):
            yield samples, float(row[1]), float(row[2]), [float(one) for one in row[3].split(", ")]


def wrong_intervals(text):
    """Rows whose interval is not that of the seeds and of the test samples of one network."""
    for samples, mean, half, seeds in accuracy_rows(text):
        found = estimate(seeds)
        due = math.hypot(found.half, 196 * math.sqrt(mean * (100 - mean) / samples) / 100)
        # figures with one digit are off by up to half of it
        digit = 0.01 if len(str(half).split(".")[1]) == 2 else 0.1
        if abs(due - half) > 0.6 * digit or abs(found.mean - mean) > 0.6 * digit:
            yield mean, half, due


def test_intervals_of_readme():
    text = README.read_text()
    assert len(list(accuracy_rows(text))) == 9
    assert list(wrong_intervals(text)) == []
    # the standard deviation over the seeds is no interval
    assert len(list(wrong_intervals(text.replace("92.4 % ± 0.6 (", "92.4 % ± 0.2 (")))) == 1
    assert len(list(wrong_intervals(text.replace("(97.2, 98.3, 98.1)", "(97.2, 98.3, 97.1)")))) == 1
