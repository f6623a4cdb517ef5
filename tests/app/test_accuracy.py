"""Accuracy over seeds: other seeds, other networks; ideal random numbers; errors are one line."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sw.app.accuracy import accuracy, held_out, ideal_draws, main
from sw.design.files import load, save
from sw.design.hashes import network_hash
from sw.design.settings import Training
from sw.design.slots import Slots
from sw.design.states import save_state
from sw.golden.network import GoldenNetwork
from sw.sources import load as load_data
from sw.sources import load_for

TINY = Path("designs/tiny.toml")


def command(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "sw.app.accuracy", *arguments], capture_output=True, text=True)


def test_equals_a_run_of_the_golden_model():
    design, data = load(TINY).with_seed(2), load_data("digits", train=200, test=50)
    network = GoldenNetwork(design)
    order, shifts = design.training.sequence(200, 2), design.training.shifts(400)
    network.run(Slots.join(Slots.train(data.xtr[order], data.ytr[order], shifts), network.flush()))
    assert accuracy(design, data, 2) == network.run(Slots.infer(data.xte, data.yte)).correct.mean()


def test_a_seed_draws_pattern_and_weights():
    one, two = (load(TINY).with_seed(seed) for seed in (1, 2))
    assert network_hash(one) != network_hash(two)
    assert (one.initial_weights()[0] != two.initial_weights()[0]).any()


def test_ideal_draws_are_uniform_and_never_repeat():
    state = np.array([1, 2], np.uint64)
    numbers, after = ideal_draws(state, 100, 16, 40)
    assert numbers.shape == (1600, 40)
    assert numbers.min() >= 0
    assert numbers.max() < 1 << 15
    assert abs(numbers.mean() - (2**15 - 1) / 2) < 5 * 2**15 / np.sqrt(12 * numbers.size)
    again, _ = ideal_draws(after[-1], 100, 16, 40)
    assert (again != numbers).mean() > 0.99


def test_report():
    done = command("--design", str(TINY), "--train", "100", "--test", "40", "--epochs", "1", "--seeds", "2")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert len(report["accuracy"]) == 2
    assert report["mean"] == pytest.approx(np.mean(report["accuracy"]))
    assert (report["train"], report["test"], report["epochs"]) == (100, 40, 1)


def test_classes_and_predictions_by_name(tmp_path, capsys):
    out = tmp_path / "p.csv"
    assert main(["--design", str(TINY), "--data", "sklearn:iris", "--epochs", "20", "--seeds", "2",
                 "--predictions", str(out)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["data"] == "iris"
    assert [one["class"] for one in report["per_class"]] == ["setosa", "versicolor", "virginica"]
    rows = np.array([line.split(",") for line in out.read_text().splitlines()])
    assert rows[0].tolist() == ["sample", "label", "seed 1", "seed 2"]
    assert (rows[1:, 2:] == rows[1:, 1:2]).mean(axis=0) == pytest.approx(report["accuracy"])
    right = (rows[1:, 2:] == rows[1:, 1:2]).mean(axis=1)  # per sample, the share of the seeds
    due = np.hypot(report["interval95"], 1.96 * right.std() / np.sqrt(len(right)))
    assert report["interval95_with_test"] == pytest.approx(due) != pytest.approx(report["interval95"])
    assert np.mean([one["accuracy"] for one in report["per_class"]]) == pytest.approx(report["mean"], abs=1e-5)


def test_validation_leaves_the_test_samples_alone(capsys):
    given = ["--design", str(TINY), "--train", "300", "--epochs", "3", "--seeds", "3"]
    data = held_out(load_for(load(TINY), train=300), 40)
    own = load_for(load(TINY), train=300)
    np.testing.assert_array_equal(np.concatenate([data.xtr, data.xte]), own.xtr)
    assert main([*given, "--validation", "40"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["train"], report["test"], report["epochs"], report["validation"]) == (260, 40, 3, True)
    assert report["accuracy"] == [accuracy(load(TINY).with_seed(seed), data, 3) for seed in (1, 2, 3)]
    assert report["interval95"] == pytest.approx(4.303 * report["sd"] / np.sqrt(3), rel=1e-3)  # Student's t of 2


def write_samples(path: Path, train: int, test: int) -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    np.savez(
        path, xtr=rng.integers(0, 256, (train, 64), dtype=np.uint8), ytr=np.arange(train) % 10,
        xte=rng.integers(0, 256, (test, 64), dtype=np.uint8), yte=np.arange(test) % 10,
    )


def test_data_that_is_given_counts_as_a_whole(tmp_path, capsys):
    """The design would take 1,437 and 360 samples."""
    write_samples(tmp_path / "data.npz", 30, 20)
    given = ["--design", str(TINY), "--data", str(tmp_path / "data.npz"), "--epochs", "1", "--seeds", "1"]
    for more, train, test in (([], 30, 20), (["--train", "12"], 12, 20), (["--test", "11"], 30, 11)):
        assert main([*given, *more]) == 0
        report = json.loads(capsys.readouterr().out)
        assert (report["train"], report["test"]) == (train, test)


def test_a_start_that_seeds_would_not_change_is_refused(tmp_path, capsys):
    design = replace(load(TINY), training=Training(start="s.npz"))
    golden = GoldenNetwork(design).state()
    save_state(tmp_path / "s.npz", design, golden.weights, golden.biases, golden.lfsr)
    save(design, tmp_path / "d.toml")
    assert main(["--design", str(tmp_path / "d.toml")]) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path / 'd.toml'}: training.start must be left out, as each seed draws weights of its own; "
        "got 's.npz'\n"
    )


PAIRS = "--rates must be SLOT:K pairs, such as 0:3,25000:4, got"


@pytest.mark.parametrize(("arguments", "message"), [
    (("--design", "no-such.toml"), "no-such.toml: there is no such file"),
    *((("--design", str(TINY), f"--{name}", value), f"--{name} must be at least 1, got {value}")
      for name in ("train", "test", "epochs", "seeds", "processes") for value in ("0", "-3")),
    (("--design", str(TINY), "--seeds", "256"), "--seeds must be at most 255, got 256"),
    *((("--design", str(TINY), "--rates", value), f"{PAIRS} {value!r}") for value in ("", "3", "0:3,", "0:3:4", "a:3")),
    (("--design", str(TINY), "--rates", "5:3"),
     "--rates 5:3: training.rate_shift needs rising slots, the first 0, got [[5, 3]]"),
    (("--design", str(TINY), "--rates", "0:3,9:16"), "--rates 0:3,9:16: training.rate_shift: k must be 0..15, got 16"),
    *((("--design", str(TINY), "--train", "9", "--validation", value),
       f"--validation must leave a training sample: 1..8, got {value}") for value in ("0", "9")),
    (("--design", str(TINY), "--data", "none.npz"), "none.npz: there is no such file or folder"),
    (("--design", str(TINY), "--data", "{data}"), "accuracy needs test samples, got none of untested"),
])
def test_errors_are_one_line(tmp_path, capsys, arguments, message):
    write_samples(tmp_path / "untested.npz", 30, 0)
    assert main([a.replace("{data}", str(tmp_path / "untested.npz")) for a in arguments]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
