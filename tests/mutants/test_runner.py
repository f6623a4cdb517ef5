"""`make mutants`: a change is made in a copy alone, what counts as caught, what is printed, written and known again."""

import json

import pytest

from tests.mutants import __main__ as command
from tests.mutants.__main__ import main, run
from tests.mutants.mutant import Mutant, MutantError, copied, fingerprint, of
from tests.mutants.outcome import check_sound
from tests.mutants.table import MUTANTS

UNIT = "def double(n):\n    return 2 * n\n"
TEST = "from hw.unit import double\n\n\ndef test_double():\n    assert double(3) == 6\n"


@pytest.fixture
def root(tmp_path):
    """A tree with one unit and its test."""
    for name, text in (("hw/unit.py", UNIT), ("tests/test_unit.py", TEST), ("tests/mutants/table.py", "")):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    return tmp_path / "root"


def mutant(new: str, name: str = "a change", old: str = "2 * n") -> Mutant:
    return of("hw/unit.py", "tests/test_unit.py", (name, old, new))[0]


def test_what_counts_as_caught(root, tmp_path, capsys):
    """A difference; not what passes, what is no Python, nor what fails before anything is compared."""
    table = [
        mutant("3 * n", "caught"), mutant("n + n", "survives"), mutant("2 *", "no Python"),
        mutant("two * n", "no name"), mutant("n / 0", "fails"),
    ]
    assert run(list(enumerate(table, 1)), root, tmp_path / "build", jobs=2) == 1
    report = json.loads((tmp_path / "build" / "report.json").read_text())
    assert [(r["name"], r["kind"], r["message"]) for r in report["runs"]] == [
        ("caught", "caught", "assert 9 == 6"),
        ("survives", "survived", "all tests passed"),
        ("no Python", "broken", "collection failure"),
        ("no name", "broken", "NameError: name 'two' is not defined"),
        ("fails", "caught", "ZeroDivisionError: division by zero"),
    ]
    assert (report["mutants"], report["wrong"]) == (5, [2, 3, 4])
    assert [(r["number"], r["file"], r["line"]) for r in report["runs"]] == [(n, "hw/unit.py", 2) for n in range(1, 6)]
    assert report["runs"][0]["test"] == "tests/test_unit::test_double"
    out = capsys.readouterr().out
    assert out.startswith("5 mutants to run, 0 known; first their tests without a mutant\n")
    assert f"\n5 mutants: NOT all caught; {tmp_path / 'build' / 'report.json'}\n" in out
    assert out.endswith("WRONG: 2 survived: hw/unit.py: survives\nWRONG: 3 broken: hw/unit.py: no Python\n"
                        "WRONG: 4 broken: hw/unit.py: no name\n")
    assert (root / "hw/unit.py").read_text() == UNIT
    assert sorted(p.name for p in root.rglob("*")) == ["hw", "mutants", "table.py", "test_unit.py", "tests", "unit.py"]


def test_a_caught_mutant_is_known_until_a_source_changes(root, tmp_path, capsys, monkeypatch):
    table, build = [(1, mutant("3 * n"))], tmp_path / "build"
    assert run(table, root, build, jobs=1) == 0
    said = capsys.readouterr().out
    with monkeypatch.context() as patched:
        patched.setattr(command, "judge", None)  # nothing is run
        assert run(table, root, build, jobs=1) == 0
    again = capsys.readouterr().out
    assert said == "1 mutants to run, 0 known; first their tests without a mutant\n" + again
    assert again.startswith("   1 caught ")
    (root / "tests/mutants/table.py").write_text("# a mutant more\n")
    known = command.Known(build / "known.json", fingerprint(copied(root, tmp_path / "same")))
    assert known.get(table[0][1])
    assert known.get(mutant("4 * n")) is None
    (root / "tests/test_unit.py").write_text(TEST + "\n")
    assert command.Known(build / "known.json", fingerprint(copied(root, tmp_path / "other"))).get(table[0][1]) is None


def test_what_is_known_may_be_cut_off(tmp_path):
    (tmp_path / "known.json").write_text('{"sources": "a", "outc')
    assert command.Known(tmp_path / "known.json", "a").get(mutant("3 * n")) is None


@pytest.mark.parametrize(("old", "times"), [("3 * n", 0), ("n", 3)])
def test_a_text_that_is_not_there_once(root, tmp_path, old, times):
    with pytest.raises(MutantError) as error:
        run([(1, mutant("", old=old))], root, tmp_path / "build", jobs=1)
    assert str(error.value) == f"mutant 'a change': hw/unit.py must have {old!r} once, has it {times} times"
    assert not (tmp_path / "build").exists()


def test_a_file_that_is_not_there(root):
    with pytest.raises(MutantError) as error:
        Mutant("a change", "hw/none.py", "2", "3", ()).changed(root)
    assert str(error.value) == "mutant 'a change': hw/none.py cannot be read: No such file or directory"


def test_tests_that_fail_anyway_judge_nothing(root, tmp_path):
    (root / "hw/unit.py").write_text(UNIT.replace("2", "1 + 2"))
    with pytest.raises(MutantError) as error:
        check_sound(copied(root, tmp_path / "copy"), ["tests/test_unit.py"])
    assert str(error.value) == (
        "the tests must pass without a mutant, pytest ended with status 1: "
        "tests/test_unit::test_double: assert 7 == 6"
    )  # fmt: skip


@pytest.mark.parametrize(("options", "message"), [
    (["--only", "0"], f"--only must be 1..{len(MUTANTS)}, got 0"),
    (["--only", "1", "1000"], f"--only must be 1..{len(MUTANTS)}, got 1000"),
    (["--jobs", "0"], "--jobs must be at least 1, got 0"),
])
def test_wrong_options(capsys, options, message):
    assert main(options) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
