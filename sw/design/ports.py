"""The payloads of the accelerator's four streams, bit by bit. Hardware and test benches both build on this.

slots     in   features, kind, label, rate_shift. A slot is ``beats`` beats with ``features_per_beat``
               features each, in order; kind, label and rate shift count on its first beat. An empty slot
               is one beat. A label of ``classes`` or more means: no label.
results   out  activations (of ``per_clock`` output neurons, in neuron order), prediction, correct, last.
               Every slot that is not empty gives N_L / per_clock beats; prediction and correct count on
               the beat with ``last``.
config    in   value, index, kind, junction (from 0), write. The machine pauses between two slot clocks,
               lets its pipeline drain, and serves one request a few clocks later.
readback  out  value, one for each config beat that does not write.

Values of weights and biases are two's complement in the lowest ``width`` bits (sign-extended in
``readback``); an LFSR state takes 47. A request for what is not there (junction, kind, index; an LFSR where
rounding is to nearest) writes nothing and reads 0. Nor is the LFSR state 0 written, which no LFSR could leave.
"""

from dataclasses import dataclass

from sw.design import lfsr
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS

__all__ = ["CONFIG_BIAS", "CONFIG_LFSR", "CONFIG_WEIGHT", "Field", "Ports"]

CONFIG_WEIGHT, CONFIG_BIAS, CONFIG_LFSR = 0, 1, 2


@dataclass(frozen=True)
class Field:
    """``count`` unsigned words of ``width`` bits from bit ``offset`` on, the first word lowest."""

    name: str
    offset: int
    width: int
    count: int = 1


def _layout(*members: tuple[str, int, int]) -> tuple[Field, ...]:
    fields, offset = [], 0
    for name, width, count in members:
        fields.append(Field(name, offset, width, count))
        offset += width * count
    return tuple(fields)


@dataclass(frozen=True)
class Ports:
    """Fields of each stream's payload, lowest bits first."""

    slots: tuple[Field, ...]
    results: tuple[Field, ...]
    config: tuple[Field, ...]
    readback: tuple[Field, ...]

    @classmethod
    def of(cls, design: Design) -> "Ports":
        last = design.junctions[-1]
        classes = design.network.classes
        value = max(design.arithmetic.width, lfsr.LENGTH)
        index = max(max(j.weights, j.right) for j in design.junctions)
        return cls(
            slots=_layout(
                ("features", INPUT_BITS, Schedule.of(design).features_per_beat),
                ("kind", 2, 1),
                ("label", classes.bit_length(), 1),
                ("rate_shift", 4, 1),
            ),
            results=_layout(
                ("activations", design.arithmetic.number.fraction_bits + 1, last.per_clock),
                ("prediction", max(1, (classes - 1).bit_length()), 1),
                ("correct", 1, 1),
                ("last", 1, 1),
            ),
            config=_layout(
                ("value", value, 1),
                ("index", max(1, (index - 1).bit_length()), 1),
                ("kind", 2, 1),
                ("junction", max(1, (len(design.junctions) - 1).bit_length()), 1),
                ("write", 1, 1),
            ),
            readback=_layout(("value", value, 1)),
        )

    def as_json(self) -> dict:
        """Plain data for programs that do not import this package."""
        return {
            stream: [vars(field) for field in getattr(self, stream)]
            for stream in ("slots", "results", "config", "readback")
        }
