"""Contents of the activation tables, indexed by the top bits of the pre-activation.

An index is the two's complement pre-activation without its lowest ``preactivation.width - index_bits``
bits; its entry is the function at the middle of the pre-activations that share it.
"""

import numpy as np

from sw.design.settings import Arithmetic

__all__ = ["sigmoid_table", "slope_table"]


def _sigmoid(arithmetic: Arithmetic) -> np.ndarray:
    bits = arithmetic.index_bits
    shared = 1 << (arithmetic.preactivation.width - bits)
    index = np.arange(-(1 << (bits - 1)), 1 << (bits - 1))
    middle = (index * shared + (shared - 1) / 2) / 2.0**arithmetic.preactivation.fraction_bits
    return 1 / (1 + np.exp(-middle))


def sigmoid_table(arithmetic: Arithmetic) -> np.ndarray:
    """(2^index_bits,) int64, entry i for signed index i - 2^(index_bits - 1): round(sigma * 2^n), 0..2^n.

    The two end entries are 0 and 2^n even where sigma has not got there: a saturated output must be
    able to reach its target, or its error would push the weights for ever.
    """
    one = 1 << arithmetic.number.fraction_bits
    table = np.floor(_sigmoid(arithmetic) * one + 0.5).astype(np.int64)
    table[0], table[-1] = 0, one
    return table


def slope_table(arithmetic: Arithmetic) -> np.ndarray:
    """(2^index_bits,) int64: round(sigma (1 - sigma) * 2^n), 0..2^(n-2)."""
    sigma = _sigmoid(arithmetic)
    return np.floor(sigma * (1 - sigma) * (1 << arithmetic.number.fraction_bits) + 0.5).astype(np.int64)
