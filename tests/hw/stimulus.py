"""What goes into the accelerator: random slots and states, and their payloads."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.testbench.streams import pack, unpack
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import Field, Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.network import State

__all__ = ["pack_words", "random_slots", "random_state", "slot_beats", "unpack_fields", "usual_slots"]


def pack_words(fields: Sequence[Field], **values: Any) -> int:
    return pack(fields, **{name: v if isinstance(v, list) else int(v) for name, v in values.items()})


def unpack_fields(fields: Sequence[Field], payload: int) -> dict[str, Any]:
    """Fields by name; activations as a list, even of one."""
    words = {f.name: unpack(f, payload) for f in fields}
    return {name: w if name == "activations" else w[0] for name, w in words.items()}


def random_slots(design: Design, count: int, seed: int, kinds: Sequence[int] | None = None) -> Slots:
    """All kinds and rates, labels missing in some inference slots, features at both ends now and then.

    Unless ``kinds`` are given, the last slot trains, so that a flush has something to finish, and slots that do not
    are not left to chance.
    """
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    network = design.network
    features = rng.integers(0, 256, (count, network.inputs), dtype=np.uint8)
    features[rng.random(count) < 0.15] = 255
    drawn = rng.choice([TRAIN, INFER, EMPTY], count, p=[0.75, 0.15, 0.1])
    drawn[count // 2 :: 5] = INFER
    drawn[count // 3 :: 11] = EMPTY
    drawn[-1:] = TRAIN
    taken = (drawn if kinds is None else np.asarray(kinds)).astype(np.uint8)
    labels = rng.integers(0, network.classes, count)
    labels[(taken == INFER) & (rng.random(count) < 0.5)] = network.classes
    shifts = np.where(rng.random(count) < 0.8, rng.integers(0, 5, count), rng.integers(5, 16, count))
    return Slots(features, labels, taken, shifts)


def usual_slots(design: Design, seed: int) -> Slots:
    """Random slots, enough for every queue to be used again."""
    schedule = Schedule.of(design)
    return random_slots(design, schedule.lags[0] + max(schedule.activation_sets) + 8, seed)


def random_state(design: Design, seed: int) -> State:
    """Weights and biases anywhere in their range, the first ones at its ends; any LFSR states."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    number = design.arithmetic.number
    weights, biases = [], []
    for j in design.junctions:
        weights.append(rng.integers(number.minimum, number.maximum + 1, j.weights))
        weights[-1][:2] = (number.minimum, number.maximum)[: j.weights]
        biases.append(rng.integers(number.minimum // 2, number.maximum // 2 + 1, j.right))
    states = [rng.integers(1, 1 << lfsr.LENGTH, lfsr.groups(j.z)).astype(np.uint64) for j in design.junctions]
    return State(weights, biases, states)


def slot_beats(design: Design, slots: Slots) -> list[int]:
    """Payloads of the slot stream; what only counts on a slot's first beat is junk on the others."""
    schedule, fields = Schedule.of(design), Ports.of(design).slots
    words = schedule.features_per_beat
    beats = []
    for i in range(len(slots)):
        kind = int(slots.kinds[i])
        features = np.zeros(design.network.neurons[0], int)
        features[: design.network.inputs] = slots.features[i]
        for beat in range(1 if kind == EMPTY else schedule.beats):
            first = {"kind": kind, "label": int(slots.labels[i]), "rate_shift": int(slots.rate_shifts[i])}
            head = first if beat == 0 else {"kind": 3, "label": 0, "rate_shift": 15}
            part = features[beat * words : (beat + 1) * words].tolist()
            beats.append(pack_words(fields, features=part, **head))
    return beats
