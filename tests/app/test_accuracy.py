"""Accuracy over seeds: other seeds, other networks; ideal random numbers; errors are one line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sw.app.accuracy import accuracy, ideal_draws, with_seed
from sw.design.files import load
from sw.design.hashes import network_hash
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork
from sw.sources import load as load_data

TINY = Path("designs/tiny.toml")


def command(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "sw.app.accuracy", *arguments], capture_output=True, text=True)


def test_equals_a_run_of_the_golden_model():
    design, data = with_seed(load(TINY), 2), load_data("digits", train=200, test=50)
    network = GoldenNetwork(design)
    order, shifts = design.training.sequence(200, 2), design.training.shifts(400)
    network.run(Slots.join(Slots.train(data.xtr[order], data.ytr[order], shifts), network.flush()))
    assert accuracy(design, data, 2) == network.run(Slots.infer(data.xte, data.yte)).correct.mean()


def test_a_seed_draws_pattern_and_weights():
    one, two = (with_seed(load(TINY), seed) for seed in (1, 2))
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


def test_errors_are_one_line():
    done = command("--design", "no-such.toml")
    assert done.returncode == 2
    assert done.stderr == "error: no-such.toml: there is no such file\n"
