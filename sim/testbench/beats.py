"""What crosses the streams: payloads and their fields, slots as beats, beats as results."""

from collections.abc import Sequence

import numpy as np

from sim.errors import SimError
from sim.harness.process import record_type
from sw.design.design import Design
from sw.design.ports import Field, Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, Slots

__all__ = ["ResultBeats", "pack", "slot_beats", "unpack"]


def pack(fields: Sequence[Field], **values: int | Sequence[int]) -> int:
    """Payload with these fields; the others are 0. A field of many words takes up to that many, else one number."""
    payload = 0
    for field in fields:
        value = values.pop(field.name, 0)
        for i, word in enumerate(value if isinstance(value, Sequence) else [value]):
            payload |= (int(word) & ((1 << field.width) - 1)) << (field.offset + i * field.width)
    if values:
        raise SimError(f"payload has the fields {[f.name for f in fields]}, got {sorted(values)}")
    return payload


def unpack(field: Field, payload: int) -> list[int]:
    """The words of one field, unsigned."""
    mask = (1 << field.width) - 1
    return [payload >> (field.offset + i * field.width) & mask for i in range(field.count)]


def slot_beats(design: Design, slots: Slots) -> list[int]:
    """Payloads of the slot stream. What only counts on a slot's first beat is junk on the others."""
    schedule, fields = Schedule.of(design), Ports.of(design).slots
    words = schedule.features_per_beat
    padded = np.zeros((len(slots), design.network.neurons[0]), np.uint8)
    padded[:, : slots.features.shape[1]] = slots.features
    beats = []
    for n, features in enumerate(padded.tolist()):
        head = {
            "kind": int(slots.kinds[n]),
            "label": min(int(slots.labels[n]), design.network.classes),
            "rate_shift": int(slots.rate_shifts[n]),
        }
        for at in range(0, words if head["kind"] == EMPTY else len(features), words):
            beats.append(pack(fields, features=features[at : at + words], **head))
            head = {"kind": 3, "label": 0, "rate_shift": 15}
    return beats


class ResultBeats:
    """Puts results together from the beats of the result stream."""

    def __init__(self, design: Design) -> None:
        self._fields, self._outputs = Ports.of(design).results, design.network.neurons[-1]
        self._record = record_type(self._outputs)
        self._activations: list[int] = []
        self._whole = 0

    def take(self, payload: int, clock: int = 0) -> np.ndarray | None:
        """The result, one `record_type`, if this beat ends it. SimError if ``last`` is not where it must be."""
        activations, prediction, correct, last = (unpack(field, payload) for field in self._fields)
        self._activations += activations
        if bool(last[0]) != (len(self._activations) == self._outputs):
            raise SimError(
                f"result {self._whole}: last is {last[0]} after {len(self._activations)} of {self._outputs} activations"
            )
        if not last[0]:
            return None
        record = np.array([(clock, prediction[0], correct[0], self._activations)], self._record)
        self._activations = []
        self._whole += 1
        return record
