"""What the C++ harness is to do: a program of steps, as `harness.cpp` reads it.

A program holds the layout of the ports, so that one harness serves every design. Its slots name rows of a
file of features that is written once, however many epochs run over it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.errors import SimError
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT, Field, Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, TRAIN
from sw.golden.network import State

__all__ = ["NO_PAUSES", "Pauses", "Program", "state_from_values", "state_requests"]

MAGIC = b"CLASHFR2"
_CONFIG, _SLOTS, _DRAIN = 1, 2, 3
_REQUEST = np.dtype(
    [("value", "<i8"), ("index", "<u4"), ("kind", "u1"), ("junction", "u1"), ("write", "u1"), ("unused", "u1")]
)
_SLOT = np.dtype([("row", "<u4"), ("label", "<u2"), ("kind", "u1"), ("rate_shift", "u1")])
_HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("fields", "<i4", (13 + 1, 3)),
        ("beats", "<i4"),
        ("inputs", "<i4"),
        ("outputs", "<i4"),
        ("watchdog", "<i4"),
        ("pause_chance", "<u4"),
        ("longest_pause", "<i4"),
        ("seed", "<u8"),
        ("steps", "<i8"),
        ("model", "<i8"),
    ]
)


@dataclass(frozen=True)
class Pauses:
    """Random pauses on every stream: before a transfer, with this chance (0 to below 1), by this seed.

    Most pauses last up to four clocks, one in sixteen up to three junction cycles and more.
    """

    chance: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.chance < 1:
            raise SimError(f"chance of a pause must be at least 0 and below 1, got {self.chance}")
        if not 0 <= self.seed < 1 << 62:
            raise SimError(f"seed of the pauses must be 0..{(1 << 62) - 1}, got {self.seed}")


NO_PAUSES = Pauses()


class Program:
    """Steps for the harness, in the order of the calls. Slots are numbered from 0 over the whole program.

    ``inputs``: features of a row of the features file (bytes), at most the first layer's neurons; the harness
    pads with 0. ``model``: number of the design in an executable that has several.
    """

    def __init__(self, design: Design, inputs: int, pauses: Pauses = NO_PAUSES, model: int = 0) -> None:
        if not 1 <= inputs <= design.network.neurons[0]:
            raise SimError(
                f"features of a sample must be 1..{design.network.neurons[0]} (the first layer's neurons), got {inputs}"
            )
        self.design = design
        self.inputs = inputs
        self.pauses = pauses
        self.model = model
        self.slots = 0
        self._steps: list[tuple[int, np.ndarray | int]] = []

    def load(self, state: State) -> None:
        """Write weights and biases, and LFSR states where the state has them."""
        self._steps.append((_CONFIG, state_requests(self.design, state)))

    def read(self) -> None:
        """Read everything that training changes; comes back as one block of values."""
        self._steps.append((_CONFIG, state_requests(self.design)))

    def run(
        self, rows: np.ndarray, labels: np.ndarray, kinds: np.ndarray | int = TRAIN, rate_shifts: np.ndarray | int = 0
    ) -> None:
        """Offer slots. All arrays (n,): row in the features file, class (or more: no label), kind, k."""
        items = np.zeros(len(rows), _SLOT)
        classes = self.design.network.classes
        items["row"], items["kind"], items["rate_shift"] = rows, kinds, rate_shifts
        items["label"] = np.minimum(labels, classes)
        self.slots += len(items)
        self._steps.append((_SLOTS, items))

    def flush(self) -> None:
        """Offer the empty slots after which no update is due, and let the machine come to rest."""
        count = Schedule.of(self.design).flush_slots
        items = np.zeros(count, _SLOT)
        items["kind"] = EMPTY
        self.slots += count
        self._steps += [(_SLOTS, items), (_DRAIN, _clocks_to_rest(self.design))]

    def write(self, path: Path) -> None:
        """Write the program file."""
        schedule, ports = Schedule.of(self.design), Ports.of(self.design)
        header = np.zeros((), _HEADER)
        header["magic"] = MAGIC
        header["fields"] = [
            (field.offset, field.width, field.count)
            for stream in (ports.slots, ports.results, ports.config, ports.readback)
            for field in stream
        ]
        _check_order(ports)
        header["beats"], header["inputs"] = schedule.beats, self.inputs
        header["outputs"] = self.design.network.neurons[-1]
        longest = 3 * schedule.clocks + 50
        header["watchdog"] = 4 * (_clocks_to_rest(self.design) + longest) + 1000
        header["pause_chance"] = int(self.pauses.chance * (1 << 32))
        header["longest_pause"], header["seed"] = longest, self.pauses.seed
        header["steps"], header["model"] = len(self._steps), self.model
        with Path(path).open("wb") as file:
            file.write(header.tobytes())
            for operation, items in self._steps:
                count = items if isinstance(items, int) else len(items)
                file.write(np.array([operation, count], "<i4").tobytes())
                if not isinstance(items, int):
                    file.write(items.tobytes())


def state_requests(design: Design, state: State | None = None) -> np.ndarray:
    """Configuration beats that write a state, or that read everything: junction by junction weights, biases, LFSRs.

    Items have the fields value, index, kind, junction (from 0), write. Without stochastic rounding there are no LFSRs.
    """
    parts = []
    for i, j in enumerate(design.junctions):
        wanted = (
            (CONFIG_WEIGHT, j.weights, state.weights if state else []),
            (CONFIG_BIAS, j.right, state.biases if state else []),
            (CONFIG_LFSR, _lfsrs(design, i), state.lfsr if state else []),
        )
        for kind, count, values in wanted:
            if count == 0 or (state is not None and i >= len(values)):
                continue
            items = np.zeros(count, _REQUEST)
            items["index"], items["kind"], items["junction"] = np.arange(count), kind, i
            items["write"] = state is not None
            if state is not None:
                items["value"] = np.asarray(values[i]).astype(np.int64)
            parts.append(items)
    return np.concatenate(parts)


def state_from_values(design: Design, values: np.ndarray) -> State:
    """The state from the raw words of a `Program.read`, in its order; weights and biases sign-extended."""
    width = Ports.of(design).readback[0].width
    signed = values.astype(np.int64)
    signed = np.where(signed >> (width - 1) & 1, signed - (1 << width), signed)
    state, at = State([], [], []), 0
    for j in design.junctions:
        for kept, count in ((state.weights, j.weights), (state.biases, j.right)):
            kept.append(signed[at : at + count])
            at += count
        if count := _lfsrs(design, j.index - 1):
            state.lfsr.append(values[at : at + count].astype(np.uint64))
            at += count
    if at != len(values):
        raise SimError(f"read-back of {design.name}: the state has {at} values, got {len(values)}")
    return state


def _lfsrs(design: Design, junction: int) -> int:
    """LFSRs of a junction (from 0) in hardware."""
    return lfsr.groups(design.junctions[junction].z) if design.arithmetic.rounding == "stochastic" else 0


def _clocks_to_rest(design: Design) -> int:
    """Clocks after the last accepted beat in which the machine surely does everything that it can do."""
    schedule = Schedule.of(design)
    return (schedule.flush_slots + 4) * schedule.clocks + 4 * max(s.activation + s.update for s in schedule.stages) + 64


def _check_order(ports: Ports) -> None:
    """The harness takes the fields in this order; a change of sw.design.ports must show here."""
    expected = {
        "slots": ["features", "kind", "label", "rate_shift"],
        "results": ["activations", "prediction", "correct", "last"],
        "config": ["value", "index", "kind", "junction", "write"],
        "readback": ["value"],
    }
    for stream, names in expected.items():
        fields: tuple[Field, ...] = getattr(ports, stream)
        if [field.name for field in fields] != names:
            raise SimError(f"stream {stream}: the harness knows the fields {names}, got {[f.name for f in fields]}")
