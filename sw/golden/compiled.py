"""The compiled twin of the golden model: the same integers, many times as fast, on one core.

It is for whoever trains in integers. What the hardware is compared with stays `GoldenNetwork`; tests hold the two
against each other, bit for bit.
"""

import ctypes
from functools import cache
from pathlib import Path

import numpy as np

from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, Slots
from sw.design.tables import sigmoid_table, slope_table
from sw.golden.errors import GoldenError
from sw.golden.library import library
from sw.golden.network import Results, State

__all__ = ["CompiledNetwork"]

_SOURCE = Path(__file__).with_name("compiled.cpp")
_NARROW = 15  # numbers of more bits are kept in 32 bits, so that activations, which have no sign, fit as well
_CHUNK = 8192  # slots after which Python may look for signals, such as Ctrl-C
_LANES = 16  # weights of a neuron are padded to a multiple of so many


def _structure(name: str, numbers: str, pointers: str) -> type[ctypes.Structure]:
    fields = [*((n, ctypes.c_int64) for n in numbers.split()), *((p, ctypes.c_void_p) for p in pointers.split())]
    return type(name, (ctypes.Structure,), {"_fields_": fields})


# Their members are those of the same names in compiled.cpp, which says what they are.
_Junction = _structure(
    "_Junction",
    "left right in_degree z lag operand_fraction random_bits pitch exact relu scaled",
    "left_of weights biases lfsr edges slopes deltas",
)
_Network = _structure(
    "_Network",
    "depth slots slot fraction_bits lowest highest s_lowest s_highest stochastic dropped middle",
    "sigmoid slope kinds rate_shifts junctions",
)
_Slots = _structure("_Slots", "count inputs", "features labels kinds rate_shifts")


@cache
def _run():
    """The function of the library; it lets other threads of Python go on meanwhile."""
    function = library(_SOURCE).run
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    function.restype = None
    return function


class CompiledNetwork:
    """As `GoldenNetwork` in all but speed, without a trace and other random numbers than the hardware's.

    Several may run at the same time, each in a thread or process of its own.

    Raises
    ------
    GoldenError, FileError : the library cannot be compiled or kept (`sw.golden.library`).
    """

    def __init__(self, design: Design):
        self.design = design
        self._function = _run()
        arithmetic, lags = design.arithmetic, Schedule.of(design).lags
        self._narrow = arithmetic.width <= _NARROW
        number = np.int16 if self._narrow else np.int32
        self._kept: list[np.ndarray] = []  # what the structures point to
        # each of them padded with zeros
        self._weights = [
            np.zeros((j.right, -(-j.in_degree // _LANES) * _LANES), number)[:, : j.in_degree] for j in design.junctions
        ]
        self._biases = [np.zeros(j.right, number) for j in design.junctions]
        self._lfsr = [lfsr.seeds(j.index, j.z) for j in design.junctions]
        slots = lags[0] + 1
        self._junctions = (_Junction * len(lags))(
            *(self._junction(j, lag, slots, number) for j, lag in zip(design.junctions, lags, strict=True))
        )
        self._network = _Network(
            depth=len(lags),
            slots=slots,
            slot=0,
            fraction_bits=arithmetic.number.fraction_bits,
            lowest=arithmetic.number.minimum,
            highest=arithmetic.number.maximum,
            s_lowest=arithmetic.preactivation.minimum,
            s_highest=arithmetic.preactivation.maximum,
            stochastic=arithmetic.rounding == "stochastic",
            dropped=arithmetic.preactivation.width - arithmetic.index_bits,
            middle=1 << (arithmetic.index_bits - 1),
            sigmoid=self._at(sigmoid_table(arithmetic).astype(number)),
            slope=self._at(slope_table(arithmetic).astype(number)),
            kinds=self._at(np.full(slots, EMPTY, np.uint8)),
            rate_shifts=self._at(np.zeros(slots, np.int64)),
            junctions=ctypes.addressof(self._junctions),
        )
        self.load(State(design.initial_weights(), [np.zeros(j.right, np.int64) for j in design.junctions], []))

    def _at(self, array: np.ndarray) -> int:
        """Address of an array that is kept."""
        self._kept.append(array)
        return array.ctypes.data

    def _junction(self, j: Junction, lag: int, slots: int, number: type[np.integer]) -> ctypes.Structure:
        design, i = self.design, j.index - 1
        weights = self._weights[i].base
        assert weights is not None
        shape = weights.shape
        left_of = np.full(shape, j.left, np.int32)
        left_of[:, : j.in_degree] = j.pattern.left_of.reshape(j.right, j.in_degree)
        largest = ((1 << j.operand_bits) - 1) << (design.arithmetic.width - 1)  # product
        return _Junction(
            left=j.left,
            right=j.right,
            in_degree=j.in_degree,
            z=j.z,
            lag=lag,
            operand_fraction=j.operand_fraction,
            random_bits=design.random_bits[i],
            pitch=shape[1],
            exact=((1 << (31 if self._narrow else 63)) - 1) // largest,
            relu=j.activation == "relu",
            scaled=design.scaled_delta(j),
            left_of=self._at(left_of),
            weights=self._at(weights),
            biases=self._at(self._biases[i]),
            lfsr=self._at(self._lfsr[i]),
            edges=self._at(np.zeros((lag + 1, *shape), number)),
            slopes=self._at(np.zeros((slots, j.right), number)),
            deltas=self._at(np.zeros((slots, j.right), number)),
        )

    def load(self, state: State) -> None:
        """Take over weights and biases, and LFSR states where given. GoldenError if a number is out of its range."""
        number = self.design.arithmetic.number
        for held, given in ((self._weights, state.weights), (self._biases, state.biases)):
            for to, values in zip(held, given, strict=True):
                if values.min() < number.minimum or values.max() > number.maximum:
                    raise GoldenError(
                        f"weights and biases must be {number.minimum}..{number.maximum}, "
                        f"got {values.min()}..{values.max()}"
                    )
                to[:] = values.reshape(to.shape)
        for to, states in zip(self._lfsr, state.lfsr, strict=False):
            to[:] = states

    def state(self) -> State:
        """A copy of everything that training changes."""
        return State(
            [w.astype(np.int64).ravel() for w in self._weights],
            [b.astype(np.int64) for b in self._biases],
            [s.copy() for s in self._lfsr],
        )

    def flush(self) -> Slots:
        """The empty slots after which no update is due."""
        return Slots.empty(Schedule.of(self.design).flush_slots, self.design.network.inputs)

    def run(self, slots: Slots) -> Results:
        """Consume slots; results of the non-empty ones. DesignError, and none consumed, if one is not valid."""
        network = self.design.network
        slots.check(network)
        activations = np.empty((int((slots.kinds != EMPTY).sum()), network.neurons[-1]), np.int32)
        arrays = [
            np.ascontiguousarray(array, kind)
            for array, kind in (
                (slots.features, np.uint8), (slots.labels, np.int64), (slots.kinds, np.uint8),
                (slots.rate_shifts, np.int64),
            )
        ]
        done = 0
        for first in range(0, len(slots), _CHUNK):
            parts = [array[first : first + _CHUNK] for array in arrays]
            given = _Slots(len(parts[0]), parts[0].shape[1], *(part.ctypes.data for part in parts))
            to = activations[done:].ctypes.data
            self._function(ctypes.byref(self._network), ctypes.byref(given), to, int(self._narrow))
            done += int((parts[2] != EMPTY).sum())
        return Results.of(activations, slots, network)
