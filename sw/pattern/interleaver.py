"""Checks of slots: a list of left neurons in the order in which their weights are processed, z per clock.

A matrix does not tell in which order its edges are processed, and an edge that two slots share is one edge in it; so
a matrix can look sound where the slots are not. These checks see every slot, whatever rule has drawn them.

Slot e is processed in clock e // z by lane e % z; it joins left neuron ``left_of[e]``, which lives in bank
left_of[e] % z, row left_of[e] // z, to right neuron e // d_in. As an interleaver the list is a permutation of
0..weights - 1: entry e is left_of[e] * d_out + s if that is edge s of the neuron, s = 0..d_out - 1.
Source: S. Dey et al., "Interleaver design for deep neural networks", ACSSC 2017.
"""

import numpy as np

from sw.pattern.degrees import check_out_degree
from sw.pattern.errors import PatternError

__all__ = ["check_interleaver", "check_slots", "interleaver_of"]


def check_slots(
    left_of: np.ndarray, *, left: int, right: int, z: int, sweeps: bool = True, name: str = "pattern",
) -> None:
    """Raise PatternError at the first fault; ``name`` begins its line.

    ``left_of``: (weights,) integers. Each clock must touch each of the z banks once (no clash); each sweep, ``left``
    slots, must visit each left neuron once (without ``sweeps`` it is enough that all slots together visit each d_out
    times); no edge may come twice.
    """
    out_degree = _out_degree(left_of, left, right, z, name)
    per_clock = np.sort(left_of.reshape(-1, z) % z, axis=1)
    again = per_clock[:, 1:] == per_clock[:, :-1]
    if again.any():
        clock, place = divmod(int(np.argmax(again)), z - 1)
        raise PatternError(
            f"{name}: a clock must touch every bank exactly once; clock {clock} touches bank {per_clock[clock, place]} "
            f"more than once"
        )
    if sweeps:
        missing = np.sort(left_of.reshape(out_degree, left), axis=1) != np.arange(left)
        if missing.any():
            sweep = int(np.argmax(missing.any(axis=1)))
            neuron = min(set(range(left)) - set(left_of[sweep * left : (sweep + 1) * left].tolist()))
            raise PatternError(
                f"{name}: a sweep must visit every row of every bank exactly once; sweep {sweep} misses row "
                f"{neuron // z} of bank {neuron % z}"
            )
    elif (np.sort(left_of) != np.repeat(np.arange(left), out_degree)).any():
        outside = left_of[(left_of < 0) | (left_of >= left)]
        if outside.size:
            raise PatternError(f"{name}: left neurons must be 0..{left - 1}, got {outside[0]}")
        counts = np.bincount(left_of, minlength=left)
        neuron = int(np.argmax(counts != out_degree))
        raise PatternError(
            f"{name}: every left neuron must have {out_degree} slots, neuron {neuron} has {counts[neuron]}"
        )
    in_degree = left_of.size // right
    per_right = np.sort(left_of.reshape(right, in_degree), axis=1)
    twice = (np.diff(per_right, axis=1) == 0).any(axis=1)
    if twice.any():
        raise PatternError(
            f"{name}: right neuron {int(np.argmax(twice))} is joined twice to the same left neuron; "
            f"its slots must join different ones"
        )


def check_interleaver(interleaver: np.ndarray, *, left: int, right: int, z: int) -> None:
    """The same of an interleaver, (weights,) integers: a permutation, without clashes, no edge twice.

    Sweeps are not asked for, as the numbers of a neuron's edges need not be those of sweeps.
    """
    out_degree = _out_degree(interleaver, left, right, z, "interleaver")
    there = np.sort(interleaver)
    if (there != np.arange(interleaver.size)).any():
        last = interleaver.size - 1
        wrong = interleaver[(interleaver < 0) | (interleaver > last)]
        found = f"got {wrong[0]}" if wrong.size else f"{there[1:][np.diff(there) == 0][0]} comes more than once"
        raise PatternError(f"interleaver: must be a permutation of 0..{last}; {found}")
    check_slots(interleaver // out_degree, left=left, right=right, z=z, sweeps=False, name="interleaver")


def interleaver_of(left_of: np.ndarray, left: int) -> np.ndarray:
    """(weights,) int64: the interleaver of slots in sweeps; the edges of a neuron are numbered sweep by sweep."""
    return left_of * (left_of.size // left) + np.arange(left_of.size) // left


def _out_degree(slots: np.ndarray, left: int, right: int, z: int, name: str) -> int:
    """The out-degree that the number of slots stands for."""
    if slots.ndim != 1 or slots.size == 0 or slots.size % left:
        raise PatternError(f"{name}: needs a list of slots, a multiple of the {left} left neurons, got {slots.shape}")
    if z < 1 or left % z:
        raise PatternError(f"{name}: z must divide the {left} left neurons, got {z}")
    check_out_degree(left, right, slots.size // left, f"{name}: the out-degree")
    return slots.size // left
