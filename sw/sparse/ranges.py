"""Integer bits of a number format from what a trained network was measured to need."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, log, log2

import numpy as np
import torch
from torch import nn

from sw.design.design import Design
from sw.design.fixed import Format
from sw.design.settings import Arithmetic
from sw.sparse.errors import SparseError
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples

__all__ = ["Measured", "arithmetic_for", "measure", "saturated"]

_PREACTIVATION_MOST = 8  # integer bits that sw.design.settings allows


@dataclass(frozen=True)
class Measured:
    """Of one junction, float64: all weights and biases; on the samples, pre-activations and activations."""

    activation: str
    weights: np.ndarray
    biases: np.ndarray
    preactivations: np.ndarray
    activations: np.ndarray


def measure(model: SparseMLP, design: Design, samples: Samples) -> list[Measured]:
    """What each junction holds and computes; activations as the design's functions give them."""
    with torch.no_grad():
        sums = model.eval().preactivations(samples.features)
    found = []
    for layer, s, junction in zip(model.layers(), sums, design.junctions, strict=True):
        after = torch.relu(s) if junction.activation == "relu" else torch.sigmoid(s)
        assert isinstance(layer.bias, nn.Parameter)
        arrays = (t.detach().cpu().double().numpy().reshape(-1) for t in (layer.weight, layer.bias, s, after))
        found.append(Measured(junction.activation, *arrays))
    return found


def arithmetic_for(measured: Sequence[Measured], arithmetic: Arithmetic, limit: float) -> Arithmetic:
    """The same width with the fewest integer bits that let at most ``limit`` of each kind of value saturate.

    Weights, biases and a ReLU's activations decide over the numbers; sums over the pre-activations, where those into a
    sigmoid count as no larger than +-(n + 1) ln 2, beyond which it is 0 or 1 to its last place.

    Raises
    ------
    SparseError : the width leaves too few integer bits.
    """
    most = min(arithmetic.width - 3, _PREACTIVATION_MOST)
    numbers = [values for m in measured for values in (m.weights, m.biases)]
    numbers += [m.activations for m in measured if m.activation == "relu"]
    integer = max(_bits(values, limit) for values in numbers)
    if integer > most:
        largest = max(float(np.abs(values).max()) for values in numbers)
        raise SparseError(
            f"integer bits: a width of {arithmetic.width} leaves at most {most}, and the largest value {largest:.4g} "
            f"needs {integer}; use more bits, a larger lambda, or let more than {limit:g} of the values saturate"
        )
    reach = (arithmetic.width - integer) * log(2)
    reaches = [reach if m.activation == "sigmoid" else np.inf for m in measured]
    sums = [np.clip(m.preactivations, -r, r) for m, r in zip(measured, reaches, strict=True)]
    preactivation = min(max(integer, *(_bits(values, limit) for values in sums)), _PREACTIVATION_MOST)
    return replace(arithmetic, integer_bits=integer, preactivation_integer_bits=preactivation)


def _bits(values: np.ndarray, limit: float) -> int:
    """Integer bits m with which at most ``limit`` of the values are not within +-2^m."""
    beyond = int(limit * values.size)
    size = np.sort(np.abs(values))[-1 - beyond]
    return max(0, ceil(log2(size))) if size > 0 else 0


def saturated(values: np.ndarray, number: Format) -> int:
    """How many of the values are beyond a format by half a unit or more: those that saturate when rounded."""
    raw = np.floor(values * 2.0**number.fraction_bits + 0.5)
    return int(((raw < number.minimum) | (raw > number.maximum)).sum())
