# amaranth: UnusedElaboratable=no

"""Activations and slopes of every pre-activation are those of the tables and of the golden model."""

import numpy as np
import pytest

from hw.activation import Activation
from sw.design.design import Design, Junction
from sw.design.schedule import StageTimes
from sw.design.tables import sigmoid_table, slope_table
from sw.golden.junction import GoldenJunction
from tests.hw.designs import make
from tests.hw.play import play

# width, integer bits, integer bits of the pre-activation, table bits
FORMATS = [(4, 1, 1, 2), (6, 0, 0, 12), (7, 2, 2, 4), (8, 2, 5, 8), (8, 1, 3, 12)]


def design(activation: str, numbers: tuple[int, int, int, int], table: int) -> Design:
    """The hidden layer has the activation and scaled deltas, two neurons at a time."""
    width, integer_bits, preactivation_integer_bits, table_bits = numbers
    return make(
        "activation", (4, 4, 2), (2, 2), (4, 2), activation=(activation, "sigmoid"), stages=(1, 1, table), width=width,
        integer_bits=integer_bits, preactivation_integer_bits=preactivation_integer_bits, table_bits=table_bits,
    )  # fmt: skip


def of_golden(design: Design, junction: Junction, s: np.ndarray) -> np.ndarray:
    """Activations (n, 4), made from biases alone."""
    golden = GoldenJunction(design, junction)
    edges = np.zeros(golden.shape, golden.dtype)
    activations = []
    for row in s:
        golden.biases[:] = row
        same, activation = golden.forward(np.zeros(junction.left, golden.dtype), edges)
        assert (same == row).all()
        activations.append(activation)
    return np.array(activations)


@pytest.mark.parametrize("table", [1, 2, 3])
@pytest.mark.parametrize("numbers", FORMATS)
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_every_preactivation(activation, numbers, table):
    built = design(activation, numbers, table)
    junction, arithmetic = built.junctions[0], built.arithmetic
    fmt = arithmetic.preactivation
    s = np.arange(fmt.minimum, fmt.maximum + 1)
    pairs = np.stack([s, s[::-1]], axis=1)  # both units, each its own value
    steps = [{"preactivations": p} for p in [*pairs, *[[0, 0]] * table]]
    unit = Activation(built, junction, StageTimes.of(built, junction))
    seen = play(unit, steps, ["activations", "slopes"])
    activations, slopes = (seen[name][table:, 0] for name in ("activations", "slopes"))
    for name, values in (("activations", activations), ("slopes", slopes)):
        assert (seen[name][table:, 1] == values[::-1]).all()

    assert (activations == of_golden(built, junction, s.reshape(-1, 4)).reshape(-1)).all()
    golden_slope = GoldenJunction(built, junction).slope(s)
    if activation == "relu":
        assert (activations == np.clip(s, 0, arithmetic.number.maximum)).all()
        assert (slopes == (s > 0)).all()
        assert (slopes << arithmetic.number.fraction_bits == golden_slope).all()
    else:
        rows = (s - fmt.minimum) >> (fmt.width - arithmetic.index_bits)
        assert (activations == sigmoid_table(arithmetic)[rows]).all()
        assert (slopes == slope_table(arithmetic)[rows]).all()
        assert (slopes == golden_slope).all()
        assert activations[-1] == 1 << arithmetic.number.fraction_bits


def test_slopes_are_there_only_where_deltas_are_scaled():
    built = design("sigmoid", FORMATS[2], 1)
    units = [Activation(built, j, StageTimes.of(built, j)) for j in built.junctions]
    assert [hasattr(unit, "slopes") for unit in units] == [True, False]
