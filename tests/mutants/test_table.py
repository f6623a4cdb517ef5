"""The table fits the sources, and a few of its mutants are caught here and now; `make mutants` runs them all."""

import ast
from pathlib import Path

from tests.mutants.mutant import Mutant, MutantError, copied
from tests.mutants.outcome import CAUGHT, judge
from tests.mutants.table import MUTANTS

ROOT = Path(__file__).parents[2]


def fault(mutant: Mutant) -> str:
    """Why the mutant or its tests cannot be had, empty if they can."""
    try:
        changed = mutant.changed(ROOT)
        if mutant.file.endswith(".py"):
            ast.parse(changed)
    except (MutantError, SyntaxError) as error:
        return f"{mutant.file}: {mutant.name}: {error}"
    if changed == (ROOT / mutant.file).read_text():
        return f"{mutant.file}: {mutant.name}: changes nothing"
    for test in mutant.tests:
        file, _, function = test.partition("::")
        if not (ROOT / file).is_file() or f"def {function.partition('[')[0]}" not in (ROOT / file).read_text():
            return f"{mutant.file}: {mutant.name}: there is no {test}"
    return ""


def test_every_mutant_can_be_made():
    """Its text is there once, what becomes of Python is Python, and its tests are there."""
    assert [said for mutant in MUTANTS if (said := fault(mutant))] == []
    assert all(mutant.tests for mutant in MUTANTS)


def test_the_table_is_large_and_names_each_mutant_once():
    assert len(MUTANTS) >= 60
    assert len({(m.file, m.name) for m in MUTANTS}) == len({(m.file, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


# one of each package, with tests that take next to no time
SAMPLE = {
    "hw/lfsr.py": "all lanes draw the same number",
    "sw/golden/junction.py": "int32 for sums of twice its range",
    "sw/design/schedule.py": "a lag rounded down",
    "sw/pattern/interleaver.py": "clashes pass",
    "sim/checker.py": "extra results pass",
}


def test_a_few_are_caught(tmp_path):
    mutants = [m for m in MUTANTS if SAMPLE.get(m.file) == m.name]
    assert len(mutants) == len(SAMPLE)
    copy = copied(ROOT, tmp_path / "copy")
    for mutant in mutants:
        outcome = judge(mutant, copy)
        assert outcome.kind == CAUGHT, (mutant.name, outcome)
