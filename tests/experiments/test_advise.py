"""Advice: out-degrees from what was measured, lanes for a wish, reasons, errors."""

import json
import time
from itertools import islice, product
from pathlib import Path

import pytest

from sw.cost.balance import propose_z
from sw.experiments.__main__ import main
from sw.experiments.advise import _nearest_first, advise
from sw.experiments.finding import Finding
from sw.experiments.statistics import Estimate
from sw.sparse.errors import SparseError
from tests.experiments.refused import assert_refused


def row(density, lean, accuracy, neurons="800-100-10"):
    return {"density": density, "lean": lean, "test_accuracy": accuracy, "test_interval": 0.1, "neurons": neurons}


def report(folder, later_denser, experiment="density", name="", **changes):
    """A folder of reports in which junctions four times as dense as the one before gain so many points."""
    rows = [row(1.0, 1.0, 98.0), row(0.5, 1.0, 97.6), row(0.2, 1.0, 96.0), row(0.5, 4.0, 97.6),
            row(0.2, 4.0, 96.0 + later_denser)]
    content = {"experiment": experiment, "claim": "that", "short": False, "data": {"name": "made"}, "rows": rows,
               "findings": [], "arguments": [experiment]}
    (folder / f"{experiment}{name}").mkdir()
    (folder / f"{experiment}{name}" / "report.json").write_text(json.dumps(content | changes))
    return folder


@pytest.mark.parametrize(("gain", "degrees"), [(1.5, (19, 8)), (-1.5, (20, 2))])
def test_what_did_better_is_advised(tmp_path, gain, degrees):
    found = advise((800, 100, 10), 0.2, measured=report(tmp_path, gain))
    assert found.out_degrees == degrees
    assert found.weights == 800 * degrees[0] + 100 * degrees[1]
    (reason,) = found.reasons["out-degrees"]
    assert reason == (f"made: {96 + gain:.2f} ± 0.10 % with junctions 4 times as dense as the one before (20.0% in "
                      "all), 96.00 ± 0.10 % with equal ones (20.0%)")
    best = max(96.0, 96 + gain)
    assert found.reasons["accuracy"] == [
        f"made: {best:.2f} ± 0.10 % at 20.0% (800-100-10), {98 - best:.2f} points less than fully connected"]
    assert found.reasons["pattern"] == ["not measured"]
    assert found.z is None


@pytest.mark.parametrize(("neurons", "lean", "decides"), [
    ((784, 112, 10), True, "made decides: there the last junction has 1.2% of"),
    ((64, 512, 64), False, "morse decides: there the last junction has 50.0% of"),
])
def test_the_network_with_the_most_similar_last_junction_decides(tmp_path, neurons, lean, decides):
    report(tmp_path, 1.5)
    rows = [row(density, lean, accuracy, "64-256-64")
            for density, lean, accuracy in ((1.0, 1.0, 70.0), (0.2, 1.0, 42.0), (0.2, 4.0, 30.0))]
    report(tmp_path, 0, name="-morse", data={"name": "morse"}, rows=rows)
    report(tmp_path, 0, name="-again", data={"name": "morse"}, arguments=["density", "--draw", "2"],
           rows=[one | {"test_accuracy": 90.0} if one["lean"] > 1 else one for one in rows])
    found = advise(neurons, 0.2, measured=tmp_path)
    assert sum(line.startswith("morse, draw 2: 90.00") for line in found.reasons["out-degrees"]) == 1
    assert (found.densities[1] > 2 * found.densities[0]) == lean
    assert found.reasons["out-degrees"][-1].startswith(decides)
    assert len(found.reasons["out-degrees"]) == 4


def test_nothing_measured_is_said(tmp_path):
    found = advise((800, 100, 10), 0.2, measured=tmp_path)
    assert found.out_degrees == (20, 2)
    assert set(map(tuple, found.reasons.values())) == {("not measured",)}


def test_findings_and_short_reports(tmp_path):
    claimed = Finding("type-3", "points less with type 3", Estimate(1.0, 0.2), high=0.3)
    figure = Finding("", "points less with type 3, dithered", Estimate(1.0, 0.2))
    report(tmp_path, 1, "kinds", findings=[claimed.record(), figure.record()])
    assert advise((8, 4), 0.5, measured=tmp_path).reasons["pattern"] == [
        "made: points less with type 3: 1.00 ± 0.20 points (claimed: below 0.3): contradicted"]
    report(tmp_path, 1, "density", short=True)
    assert advise((8, 4), 0.5, measured=tmp_path).reasons["accuracy"] == ["not measured"]


def test_out_degrees_near_by_allow_the_lanes(tmp_path):
    """19 edges per input allow 8 lanes in the first junction and 1,900 clocks; 20 allow 160."""
    folder = report(tmp_path, 1.5)
    found = advise((800, 100, 10), 0.2, clocks=100, measured=folder)
    assert (found.out_degrees, found.z) == ((20, 8), (160, 10))
    assert found.z == propose_z((800, 100, 10), (20, 8), clocks=100, activation=("relu", "sigmoid"))
    assert found.reasons["z"] == ["junction cycles of 100, 80 clocks; the longest is that of a sample"]
    assert advise((800, 100, 10), 0.2, multipliers=400, measured=folder).z == (160, 10)


def test_lanes_beyond_the_in_degree_are_to_be_dithered(tmp_path):
    found = advise((64, 256, 64), 0.3, clocks=64, measured=tmp_path)
    in_degrees = [64 * found.out_degrees[0] // 256, 256 * found.out_degrees[1] // 64]
    wide = [n for n, (z, fan_in) in enumerate(zip(found.z, in_degrees, strict=True), 1) if z > fan_in]
    assert wide
    assert [line.split(" has")[0] for line in found.reasons["z"][1:]] == [f"junction {n}" for n in wide]


def test_the_command(tmp_path, capsys):
    folder = report(tmp_path, 1.5)
    out = tmp_path / "advice.json"
    assert main(["advise", "--neurons", "800,100,10", "--density", "0.2", "--clocks", "100", "--measured", str(folder),
                 "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "neurons 800-100-10: 16,800 weights, 20.7%"
    written = json.loads(out.read_text())
    assert written["out_degrees"] == [20, 8]
    assert all(line in said for lines in written["reasons"].values() if isinstance(lines, list) for line in lines)


@pytest.mark.parametrize(("arguments", "message"), [
    (["--neurons", "8,x", "--density", "0.5"], "--neurons must be whole numbers with commas, got '8,x'"),
    (["--neurons", "8,4", "--density", "2"], "a density must be above 0 and at most 1, got 2.0"),
    (["--neurons", "8", "--density", "0.5"], "a network needs at least 2 layers"),
    (["--neurons", "8,0", "--density", "0.5"], "a network needs at least 2 layers of at least 1 neuron, got [8, 0]"),
    (["--neurons", "8,4", "--density", "0.5", "--clocks", "9", "--multipliers", "9"], "give one of them"),
    (["--neurons", "64,32,8", "--density", "0.5", "--multipliers", "1"], "no z does with at most 1 multipliers"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, capsys):
    assert_refused(main, ["advise", *arguments, "--measured", str(tmp_path)], message, capsys)


def test_a_file_that_is_no_report_is_named(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "report.json").write_text("[]")
    with pytest.raises(SparseError, match=r"one/report.json: not a report of an experiment"):
        advise((8, 4), 0.5, measured=tmp_path)


def test_out_degrees_nearest_first_one_at_a_time():
    near = [[(0.0, 4), (0.5, 2), (0.7, 8)], [(0.1, 3), (0.2, 6)], [(0.0, 5)]]
    every = sorted((sum(away for away, _ in chosen), tuple(d for _, d in chosen)) for chosen in product(*near))
    found = list(_nearest_first(near))
    assert sorted(found) == sorted(chosen for _, chosen in every)
    away = {chosen: total for total, chosen in every}
    assert [away[chosen] for chosen in found] == sorted(away.values())


def test_large_layers_cost_little():
    begun = time.process_time()
    assert len(list(islice(_nearest_first([[(n / 5040, n + 1) for n in range(5040)]] * 5), 400))) == 400
    found = advise([5040] * 6, 0.01, clocks=10_000_000, measured=Path("nowhere"))
    assert found.density == pytest.approx(0.01, rel=0.05)
    assert time.process_time() - begun < 2  # all choices of five out-degrees would not end
