"""A device against the golden model on random states and slots: every bank, multiplier, table and LFSR takes part.

The device's own state is read before and written back after.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sw.common.progress import ProgressLine
from sw.design import lfsr
from sw.design.design import Design
from sw.design.frames import SLOT_HEAD
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.network import GoldenNetwork, State
from sw.host.client import Client
from sw.host.errors import HostError

__all__ = ["SelfTestFailed", "self_test"]

_SECONDS = 2.0  # of sending slots, on a slow line
_ROUNDS = 8
_FEWEST, _MOST = 8, 100  # slots of a round
_KINDS = (EMPTY, TRAIN, INFER)
_SPREAD = 0.25  # of a pre-activation, of its range: most entries of a table are then met
_FEATURE = 0.58  # root mean square of a random feature


class SelfTestFailed(HostError):
    """The device computes something else than the golden model."""

    status = 1


@dataclass(frozen=True)
class Passed:
    """What was equal: results with all their activations, weights and biases."""

    results: int
    values: int


def self_test(client: Client, seed: int = 1) -> Passed:
    """Rounds of few slots each, as random states drift to where most activations are saturated; the last round begins
    with weights of the full range.
    """
    before = client.state()
    design = client.design
    seconds_per_slot = (SLOT_HEAD + design.network.inputs) * 10 / client.window.link.rate
    count = int(np.clip(_SECONDS / seconds_per_slot / _ROUNDS, _FEWEST, _MOST))
    results = values = 0
    try:
        with ProgressLine("self-test", "slots") as line:
            for number in range(_ROUNDS):
                rng = np.random.default_rng([seed, number])
                state, slots = _state(design, rng, full=number == _ROUNDS - 1), _slots(design, rng, count)
                client.load(state.weights, state.biases, state.lfsr)
                given = client.run(slots, progress=partial(_shown, line, number * count, _ROUNDS * count))
                golden = GoldenNetwork(design)
                golden.load(state)
                due = golden.run(slots)
                golden.run(golden.flush())
                _compare(client, given, due, golden.state())
                results += len(due)
                values += sum(j.weights + j.right for j in design.junctions)
    finally:
        client.load(*before)
    return Passed(results, values)


def _shown(line: ProgressLine, before: int, total: int, done: int, _: int) -> None:
    line(before + done, total)


def _state(design: Design, rng: np.random.Generator, *, full: bool) -> State:
    number = design.arithmetic.number
    reach = _SPREAD * 2.0 ** (design.arithmetic.preactivation_integer_bits + 1)
    weights = [
        rng.integers(number.minimum, number.maximum, j.weights, endpoint=True) if full
        else number.from_real(rng.standard_normal(j.weights) * reach / (_FEATURE * np.sqrt(j.in_degree)))
        for j in design.junctions
    ]
    biases = [rng.integers(number.minimum, number.maximum, j.right, endpoint=True) for j in design.junctions]
    states = [rng.integers(1, 1 << lfsr.LENGTH, lfsr.groups(j.z), dtype=np.uint64) for j in design.junctions]
    return State(weights, biases, states)


def _slots(design: Design, rng: np.random.Generator, count: int) -> Slots:
    kinds = rng.choice(_KINDS, count, p=(0.05, 0.85, 0.1)).astype(np.uint8)
    return Slots(
        rng.integers(0, 256, (count, design.network.inputs), np.uint8), rng.integers(0, design.network.classes, count),
        kinds, np.where(kinds == TRAIN, rng.integers(0, 5, count), 0),
    )


def _compare(client: Client, given, due, state: State) -> None:
    name = client.window.link.name
    for what in ("predictions", "correct", "activations"):
        found, want = getattr(given, what), getattr(due, what)
        if found.shape != want.shape:
            raise SelfTestFailed(f"{name}: self-test: {len(want)} results were due, got {len(found)}")
        if wrong := np.argwhere(found != want).tolist():
            at = tuple(wrong[0])
            raise SelfTestFailed(
                f"{name}: self-test: {what} of result {at[0]}{f', neuron {at[1]}' if len(at) > 1 else ''} is "
                f"{int(found[at])}, the golden model says {int(want[at])}"
            )
    if client.matches(state.weights, state.biases, state.lfsr):
        return
    stochastic = client.design.arithmetic.rounding == "stochastic"
    for what, found, want in zip(("weight", "bias", "LFSR"), client.state(), vars(state).values(), strict=True):
        if what == "LFSR" and not stochastic:
            break
        for i, (there, here) in enumerate(zip(found, want, strict=True), 1):
            if differing := np.flatnonzero(there != here).tolist():
                raise SelfTestFailed(
                    f"{name}: self-test: junction {i}: {what} {differing[0]} is {there[differing[0]]}, the golden "
                    f"model says {here[differing[0]]}"
                )
    raise SelfTestFailed(f"{name}: self-test: the signature is wrong, but every value that was read is right")
