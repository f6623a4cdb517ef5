"""Searches side by side."""

import json

import pytest

from sw.app.searches import main, names, row

FOUND = {
    "title": "Search for made", "study": "a", "options": {"--wc": 0.0, "--seed": 1}, "trial_seconds": 7.6,
    "trials": {"complete": 2, "pruned": 1, "fail": 0, "running": 0},
    "best": [{"accuracy": 0.98126, "test_accuracy": 0.975, "parameters": 4100, "t_epoch": 0.12345, "configuration": {
        "architecture": {"network": "mlp", "hidden": [30, 20]}, "settings": {"learning_rate": 0.0012345}}}],
}


def written(folder, **changed):
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(FOUND | changed))
    (folder / "trials.csv").write_text("state,accuracy,parameters\ncomplete,0.98,4100\npruned,0.5,12\n")
    return str(folder)


def test_a_row_has_figures_of_the_best_network_and_what_it_is():
    assert row("x", FOUND) == {
        "search": "x", "accuracy": 98.13, "test_accuracy": 97.5, "parameters": 4100, "t_epoch": 0.123, "network": "mlp",
        "hidden": "30-20", "learning_rate": 0.00123, "complete": 2, "pruned": 1, "fail": 0, "trial_seconds": 8}


def test_searches_are_named_by_the_options_that_differ():
    other = FOUND | {"options": {"--wc": 0.1, "--seed": 1}, "study": "b"}
    assert names([FOUND, other]) == ["--wc 0.0", "--wc 0.1"]
    assert names([FOUND]) == ["a"]
    long = FOUND | {"options": {"--wc": 0.1, "--seed": list(range(30))}, "study": "b"}
    assert names([FOUND, long]) == ["a", "b"]


def test_table_and_picture(tmp_path, capsys):
    folders = [written(tmp_path / "a"), written(tmp_path / "b", options={"--wc": 0.1, "--seed": 1})]
    assert main([*folders, "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[:4]] == ["| search", "| ---", "| --wc 0.0", "| --wc 0.1"]
    assert (tmp_path / "out" / "table.csv").read_text().count("\n") == 3
    assert "--wc 0.1" in (tmp_path / "out" / "accuracy.svg").read_text()


@pytest.mark.parametrize("changed", [None, {"best": []}, {"best": [{"error": 0.1, "parameters": 3}]}])
def test_what_is_no_search_for_classes(tmp_path, capsys, changed):
    folder = tmp_path / "none" if changed is None else written(tmp_path / "a", **changed)
    assert main([str(folder), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith(f"error: {folder}/results.json: must be what a search of networks")
    assert not (tmp_path / "out").exists()
