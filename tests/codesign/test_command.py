"""The program: a small search from end to end, gone on with, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sw.codesign.command import main
from sw.design import files

SMALL = ["--networks", "4", "--slots", "1500", "--finalists", "2", "--longer", "2", "--seeds", "1"]


def words(out: Path, *more: str) -> list[str]:
    return ["--dataset", "digits", "--board", "arty", "--out", str(out), *SMALL, *more]


def test_a_search_ends_with_designs_and_the_same_command_finds_them_again(tmp_path, capsys):
    assert main(words(tmp_path, "--study", "small")) == 0
    folder = tmp_path / "small"
    report = json.loads((folder / "designs" / "designs.json").read_text())
    assert report["ended"] == "all stages are done"
    assert report["board"] == "arty"
    assert report["designs"]
    for one in report["designs"]:
        assert one["share"] <= 0.95
        design = files.load(folder / "designs" / f"{one['rank']}.toml")
        assert design.name == one["name"] == f"digits-arty-{one['rank']}"
        assert list(design.hardware.z) == one["z"]
    assert "make sim" in (folder / "index.html").read_text()
    lines = capsys.readouterr().out.splitlines()
    assert sum("/6 " in line for line in lines) == 6
    assert main(words(tmp_path, "--study", "small")) == 0
    assert sum("/6 " in line for line in capsys.readouterr().out.splitlines()) == 0
    again = json.loads((folder / "designs" / "designs.json").read_text())
    assert again["designs"] == report["designs"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--board", "artys"], "argument --board: invalid choice: 'artys' (choose from"),
        (["--networks", "0"], "argument --networks: must be a whole number of at least 1, got 0"),
        (["--time-budget", "soon"], "argument --time-budget: must be a time above 0"),
        (["--dataset", "nothing.npz"], "nothing.npz"),
        (["--storage", "mysql://x"], "storage"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, capsys, change, message):
    assert main(words(tmp_path, *change)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_a_study_of_other_options_is_refused(tmp_path, capsys):
    quick = [*SMALL[:-5], "1", "--longer", "1", "--seeds", "1"]
    assert main(["--dataset", "digits", "--board", "arty", "--out", str(tmp_path), "--study", "one", *quick]) == 0
    assert main(["--dataset", "digits", "--board", "arty-100", "--out", str(tmp_path), "--study", "one", *quick]) == 2
    error = capsys.readouterr().err
    assert "arty-100" in error
    assert len(error.splitlines()) == 1
