"""The harness as a child process, with scripts in its place: what it says, how it ends, what is no record."""

import sys

import numpy as np
import pytest

from sim.errors import SimError
from sim.harness.process import Counters, Harness
from sim.harness.program import Program
from tests.sim.designs import tiny

INPUTS = 14
RECORD = "np.array([{}, {}], '<i4').tobytes()"
END = f"out.write({RECORD.format(3, 6)} + np.arange(6, dtype='<i8').tobytes())"


@pytest.fixture
def child(tmp_path):
    """A function: the blocks of a child with this program, which writes its records to ``out``."""

    def run(lines: str) -> list:
        script = tmp_path / "harness"
        script.write_text(f"#!{sys.executable}\nimport sys\nimport numpy as np\nout = sys.stdout.buffer\n{lines}\n")
        script.chmod(0o755)
        with Harness(script, Program(tiny(), INPUTS), np.zeros((1, INPUTS), np.uint8)) as harness:
            return list(harness)

    return run


def test_values_and_counters(child):
    values, counters = child(f"out.write({RECORD.format(2, 3)} + np.array([5, 6, -1], '<i8').tobytes())\n{END}")
    assert values.tolist() == [5, 6, -1]
    assert counters == Counters(clocks=0, seconds=1e-9, slots=2, correct=3, cycles=4, stalls=5)


@pytest.mark.parametrize(("lines", "message"), [
    ("sys.exit('a reason\\nof two lines')", "harness stopped with status 1: a reason of two lines"),
    ("sys.exit(3)", "harness stopped with status 3: it said nothing"),
    (f"out.write({RECORD.format(2, 3)} + bytes(20))", "harness stopped with status 0: it said nothing"),
    (f"out.write({RECORD.format(7, 6)} + bytes(48))", "harness gave a record of unknown kind 7 with 6 items"),
    (f"out.write({RECORD.format(3, 5)} + bytes(40))", "harness gave a record of unknown kind 3 with 5 items"),
    (f"{END}\nout.flush()\nsys.exit(4)", "harness ended with status 4 after its last record"),
])
def test_what_goes_wrong_is_one_line(child, lines, message):
    with pytest.raises(SimError) as error:
        child(lines)
    assert str(error.value) == message


@pytest.mark.parametrize("features", [np.zeros((2, 13), np.uint8), np.zeros((2, 14)), np.zeros(14, np.uint8)])
def test_features_must_fit_the_program(tmp_path, features):
    with pytest.raises(SimError) as error:
        Harness(tmp_path / "none", Program(tiny(), INPUTS), features)
    assert str(error.value) == (
        f"features of a harness run must be (rows, {INPUTS}) uint8, got {features.shape} {features.dtype}"
    )
