"""Every experiment: its cases, and the command."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from sw.experiments.__main__ import main
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.finding import Finding
from sw.experiments.sources import Source
from sw.pattern.degrees import overall_density
from tests.experiments.made_up import TASK
from tests.experiments.refused import assert_refused


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_cases_can_be_drawn_and_differ(name):
    cases = EXPERIMENTS[name].cases(TASK)
    assert len({case.point.identity for case in cases}) == len(cases)
    for case in cases:
        for edges, left, right in zip(case.point.edges(1), case.point.neurons, case.point.neurons[1:], strict=False):
            assert (edges.left, edges.right) == (left, right)
        # sparse networks have the share of lambda that they have of the weights; `inputs`: of those for all inputs
        if name not in ("l2", "inputs"):
            share = float(overall_density(case.point.neurons, case.point.out_degrees))
            assert case.point.settings.l2 == pytest.approx(TASK.settings.l2 * share)


@pytest.mark.slow
def test_an_interrupt_stops_all_processes_at_once(tmp_path):
    command = [sys.executable, "-m", "sw.sparse", "experiment", "density", "--dataset", "digits", "--epochs", "2000",
               "--jobs", "2", "--out", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while not (tmp_path / "results").exists():
            time.sleep(0.1)
        time.sleep(8)  # the processes of a pool begin
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert time.monotonic() - begun < 15
    assert process.returncode == 130
    assert said.splitlines()[-1] == "stopped; the same command goes on"
    assert "Traceback" not in said
    for path in (tmp_path / "results").iterdir():
        assert json.loads(path.read_text())["identity"] == path.stem
    while _alive(process.pid):  # one that has ended may not have been waited for yet
        assert time.monotonic() - begun < 30
        time.sleep(0.1)


def _alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("arguments", "message"), [
    (["density", "--dataset", "nothing"], "data source must be"),
    (["density", "--dataset", "digits", "--seeds", "0"], "--seeds must be at least 1, got 0"),
    (["density", "--dataset", "digits", "--jobs", "0"], "--jobs must be at least 1, got 0"),
    (["density", "--dataset", "digits", "--epochs", "0"], "epochs must be at least 1, got 0"),
    (["density", "--dataset", "digits", "--test", "0"], "an experiment needs test samples, got none"),
    (["density", "--dataset", "digits", "--hidden", "101"], "must have out-degrees with an overall density near"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, capsys):
    assert_refused(main, [*arguments, "--out", str(tmp_path / "out")], message, capsys)
    assert not (tmp_path / "out" / "results").exists()


def test_the_command_writes_table_report_and_pictures(tmp_path, capsys):
    arguments = ["histogram", "--dataset", "digits", "--short", "--out", str(tmp_path)]
    assert main(arguments) == 0
    folder = tmp_path / "histogram-digits"
    report = json.loads((folder / "report.json").read_text())
    assert report["short"] is True
    assert report["data"]["features_as"] == "unit"
    assert report["data"]["class_names"] == list("0123456789")
    assert [len(row["test_accuracies"]) for row in report["rows"]] == [2, 2]
    assert len((folder / "table.csv").read_text().splitlines()) == 3
    assert (folder / "histogram.svg").read_bytes().startswith(b"<?xml")
    said = capsys.readouterr().out
    assert "  digits, unit features: 0 to 1 by the feature scaling, neither rounded nor clipped\n" in said
    assert all(str(Finding.of(finding)) in said for finding in report["findings"])
    assert report["arguments"] == ["histogram", "--dataset", "digits"]
    assert report["data"]["content"] == Source("digits", 400, 200).load().content
    shares = np.diff([row["weights"] for row in report["rows"]])
    assert shares[0] < 0


def test_another_draw_of_the_data_has_a_folder_of_its_own(tmp_path):
    arguments = ["density", "--dataset", "morse", "--short", "--densities", "1,0.2", "--out", str(tmp_path)]
    contents = []
    for more, folder in ((), "density-morse"), (("--draw", "2"), "density-morse-draw-2"):
        assert main([*arguments, *more]) == 0
        contents.append(json.loads((tmp_path / folder / "report.json").read_text())["data"]["content"])
    assert contents[0] != contents[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs(name, tmp_path):
    assert main([name, "--dataset", "digits", "--short", "--out", str(tmp_path)]) == 0
    folder = tmp_path / f"{name}-digits"
    report = json.loads((folder / "report.json").read_text())
    assert report["findings"]
    pictures = sorted(folder.glob("*.svg"))
    assert [path.stem for path in pictures] == sorted(chart.name for chart in EXPERIMENTS[name].charts)
