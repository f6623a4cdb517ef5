"""Arrays of raw values, slots and results as bytes of the protocol, and back."""

from dataclasses import dataclass

import numpy as np

from sw.design.frames import SLOT_HEAD, Identity
from sw.design.slots import EMPTY, TRAIN, Slots

__all__ = ["Results", "pack_slots", "pack_values", "unpack_results", "unpack_values"]


@dataclass(frozen=True)
class Results:
    """Of slots that are not empty, in order: predictions (m,) int64, correct (m,) bool, and where they were asked for,
    raw output activations (m, N_L) int32."""

    predictions: np.ndarray
    correct: np.ndarray
    activations: np.ndarray | None

    def __len__(self) -> int:
        return len(self.predictions)

    @classmethod
    def join(cls, parts: "list[Results]") -> "Results":
        activations = [part.activations for part in parts if part.activations is not None]
        return cls(
            np.concatenate([part.predictions for part in parts]) if parts else np.zeros(0, np.int64),
            np.concatenate([part.correct for part in parts]) if parts else np.zeros(0, bool),
            np.concatenate(activations) if activations else None,
        )


def pack_values(values: np.ndarray, size: int) -> np.ndarray:
    """(n,) integers as (n, size) uint8, two's complement, lowest byte first."""
    wide = np.ascontiguousarray(values).astype(np.uint64 if values.dtype.kind == "u" else np.int64)
    return wide.astype(f"<{wide.dtype.kind}8").view(np.uint8).reshape(-1, 8)[:, :size]


def unpack_values(data: bytes, size: int, *, signed: bool) -> np.ndarray:
    """(n,) int64, or uint64 where they have no sign."""
    parts = np.frombuffer(data, np.uint8).reshape(-1, size)
    filled = np.zeros((len(parts), 8), np.uint8)
    filled[:, :size] = parts
    if signed:
        filled[:, size:] = np.where(parts[:, -1:] & 0x80, 0xFF, 0)
    return filled.view("<i8" if signed else "<u8")[:, 0].astype(np.int64 if signed else np.uint64)


def pack_slots(slots: Slots, inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of the slot stream, and after how many of them each slot has ended, (n,) int64."""
    rows = np.zeros((len(slots), SLOT_HEAD + inputs), np.uint8)
    shifts = np.where(slots.kinds == TRAIN, slots.rate_shifts, 0)
    rows[:, 0] = slots.kinds | shifts.astype(np.uint8) << 4
    rows[:, 1:SLOT_HEAD] = np.minimum(slots.labels, 0xFFFF).astype("<u2").view(np.uint8).reshape(-1, 2)
    rows[:, SLOT_HEAD : SLOT_HEAD + slots.features.shape[1]] = slots.features
    lengths = np.where(slots.kinds == EMPTY, 1, rows.shape[1])
    return rows[np.arange(rows.shape[1]) < lengths[:, None]], np.cumsum(lengths)


def unpack_results(data: bytes, identity: Identity, *, activations: bool) -> Results:
    size = identity.activation_bytes
    rows = np.frombuffer(data, np.uint8).reshape(-1, 2 + (identity.outputs * size if activations else 0))
    words = rows[:, 0].astype(np.int64) | rows[:, 1].astype(np.int64) << 8
    values = None
    if activations:
        flat = unpack_values(rows[:, 2:].tobytes(), size, signed=False)
        values = flat.astype(np.int32).reshape(len(rows), identity.outputs)
    return Results(words & 0x7FFF, words >> 15 > 0, values)
