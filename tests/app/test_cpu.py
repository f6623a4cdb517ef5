"""The training step on one core: both ways do the same where the edges are in rows, and edges matter."""

import subprocess

import numpy as np
import pytest

from sw.app.cpu.__main__ import _input, main, samples_per_second
from sw.common.process import environment
from sw.design.files import load

DESIGN = load("designs/tiny.toml")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cpu")
    rates = samples_per_second(DESIGN, 200, folder)
    assert all(rate > 0 for rate in rates.values())
    return folder / "step"


def weights(program, words: np.ndarray) -> int:
    """Sum of all weights after training."""
    done = subprocess.run([str(program)], input=words.tobytes(), env=environment(), capture_output=True, check=True)
    return int(done.stdout.split()[1])


def test_both_ways_train_the_same(program):
    in_rows = _input(DESIGN, 300, True)
    looked_up = in_rows.copy()
    looked_up[0] = 0
    assert weights(program, in_rows) == weights(program, looked_up)
    assert weights(program, in_rows) != weights(program, _input(DESIGN, 300, False))
    shorter = in_rows.copy()
    shorter[1] = 299
    assert weights(program, in_rows) != weights(program, shorter)


def test_bad_number_of_samples(capsys):
    assert main(["--samples", "0"]) == 2
    assert capsys.readouterr().err == "error: samples must be 1 or more, got 0\n"
