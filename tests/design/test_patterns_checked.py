"""No design is made without the exhaustive check of its own pattern: a corrupted one is refused, whatever its type."""

from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from sw.design.errors import DesignError
from sw.design.files import load
from sw.pattern.clash_free import Pattern
from tests.hw.designs import make

DESIGNS = sorted((Path(__file__).parents[2] / "designs").glob("*.toml"))

KINDS = [(kind, dither) for kind in (1, 2, 3) for dither in (False, True)]


def draw(kind: int, dither: bool):
    return make("checked", (12, 12, 6), (2, 3), (2, 6), kind=kind, dither=dither, classes=6)


def corrupt(monkeypatch: pytest.MonkeyPatch, name: str, change) -> None:
    """Patterns have another ``name`` than they would have."""
    sound = vars(Pattern)[name].func
    wrong = cached_property(lambda pattern: change(np.array(sound(pattern))))
    wrong.__set_name__(Pattern, name)
    monkeypatch.setattr(Pattern, name, wrong)


def a_row_twice(rows: np.ndarray) -> np.ndarray:
    rows[1, -1] = rows[0, -1]
    return rows


def a_bank_twice(banks: np.ndarray) -> np.ndarray:
    banks[3, 0] = banks[3, 1]
    return banks


def a_row_that_is_not_there(rows: np.ndarray) -> np.ndarray:
    rows[rows == rows.max()] += 1
    return rows


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_junction_of_a_shipped_design_is_checked_when_it_is_loaded(path, monkeypatch):
    checked, check = [], Pattern.check
    monkeypatch.setattr(Pattern, "check", lambda pattern: checked.append(pattern) or check(pattern))
    design = load(path)
    assert [id(p) for p in checked] == [id(j.pattern) for j in design.junctions]


@pytest.mark.parametrize(("kind", "dither"), KINDS)
@pytest.mark.parametrize(("name", "change", "rule"), [
    ("rows", a_row_twice, "a sweep must visit every row of every bank exactly once"),
    ("rows", a_row_that_is_not_there, "a sweep must visit every row of every bank exactly once"),
    ("banks", a_bank_twice, "a clock must touch every bank exactly once"),
])
def test_a_corrupted_pattern_makes_no_design(monkeypatch, kind, dither, name, change, rule):
    assert draw(kind, dither).junctions  # without the fault it does
    corrupt(monkeypatch, name, change)
    with pytest.raises(DesignError) as error:
        draw(kind, dither)
    assert str(error.value).startswith(f"junction 1: pattern: {rule}; ")


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_a_corrupted_pattern_is_not_loaded(monkeypatch, path):
    corrupt(monkeypatch, "rows", a_row_that_is_not_there)
    with pytest.raises(DesignError, match=r"junction 1: pattern: a sweep must visit every row"):
        load(path)
