"""Trained states: what training has changed, in an npz file beside the design file.

The file also holds what the seeds of the design stood for when it was written (tables of the
patterns, orders of dithering, initial weights), so that they survive a change of the library that draws them, and two
hashes: one of the design, one over the state.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sw.common.atomic import write_atomic
from sw.design import lfsr as lfsr_definition
from sw.design.design import Design, Junction
from sw.design.errors import DesignError
from sw.design.hashes import network_hash

__all__ = ["load_state", "save_state", "state_hash"]

Arrays = list[np.ndarray]
_SCHEMA = 2
_PARTS = ("weights", "biases", "lfsr")
# what zipfile and NumPy raise for archives that are cut off or altered
_DAMAGED = (OSError, EOFError, ValueError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


def state_hash(weights: Sequence, biases: Sequence, lfsr: Sequence) -> str:
    """Over weights, biases and LFSR states: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for part, kind in ((weights, "<i8"), (biases, "<i8"), (lfsr, "<u8")):
        for array in part:
            digest.update(np.asarray(array).astype(kind).tobytes())
    return digest.hexdigest()[:16]


def save_state(
    path: str | Path, design: Design, weights: Sequence, biases: Sequence, lfsr: Sequence
) -> None:
    """Write one array per junction of raw weights (W_i,), raw biases (N_i,), LFSR states (groups_i,).

    The same state gives the same bytes; the file is replaced as a whole or not at all. Raises
    DesignError if the arrays do not fit the design or the file cannot be written.
    """
    state = {
        "weights": [np.asarray(a) for a in weights],
        "biases": [np.asarray(a) for a in biases],
        "lfsr": [np.asarray(a) for a in lfsr],
    }
    _check(design, state, str(path))
    arrays: dict[str, Any] = {
        "schema": np.array(_SCHEMA),
        "network_hash": np.array(network_hash(design)),
        "state_hash": np.array(state_hash(*state.values())),
    }
    for i, initial in enumerate(design.initial_weights()):
        for part in _PARTS:
            kind = np.uint64 if part == "lfsr" else np.int64
            arrays[f"{part}_{i + 1}"] = state[part][i].astype(kind)
        arrays |= _pattern(design.junctions[i])
        arrays[f"initial_weights_{i + 1}"] = initial
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_atomic(path, content.getvalue())


def load_state(path: str | Path, design: Design) -> tuple[Arrays, Arrays, Arrays]:
    """Weights (int64), biases (int64) and LFSR states (uint64) of a file that ``save_state`` wrote.

    Raises DesignError, one line that begins with the file's name: no such file, damaged, of another
    design, or with arrays that do not fit the design.
    """
    needed = ["schema", "network_hash", "state_hash"]
    for i in range(1, len(design.junctions) + 1):
        needed += [f"{part}_{i}" for part in _PARTS]
        needed += _pattern(design.junctions[i - 1])
    if not Path(path).is_file():
        raise DesignError(f"{path}: there is no such file")
    if not zipfile.is_zipfile(path):
        raise DesignError(f"{path}: not an npz file (a zip archive of arrays)")
    try:
        # of another design, a file may lack arrays; its hash is looked at first
        with np.load(path, allow_pickle=False) as archive:
            found = {key: np.asarray(archive[key]) for key in needed if key in archive.files}
    except _DAMAGED as error:
        raise DesignError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    if "schema" not in found or "network_hash" not in found:
        raise DesignError(f"{path}: not a state file, it needs {', '.join(needed[:3])}")
    if str(found["schema"]) != str(_SCHEMA):
        raise DesignError(f"{path}: schema must be {_SCHEMA}, got {found['schema']}")
    if str(found["network_hash"]) != network_hash(design):
        raise DesignError(
            f"{path}: the state of another design: its network hash is {found['network_hash']}, "
            f"that of {design.name} is {network_hash(design)}"
        )
    for key in needed:
        if key not in found:
            raise DesignError(f"{path}: the array {key} is missing")
    state = {
        part: [found[f"{part}_{j.index}"] for j in design.junctions] for part in _PARTS
    }
    _check(design, state, str(path))
    for j in design.junctions:
        for name, due in _pattern(j).items():
            if not np.array_equal(found[name], due):
                raise DesignError(f"{path}: {name} is not the pattern of the design")
    if state_hash(*state.values()) != str(found["state_hash"]):
        raise DesignError(f"{path}: the arrays do not have the hash that was saved with them")
    return (
        [a.astype(np.int64) for a in state["weights"]],
        [a.astype(np.int64) for a in state["biases"]],
        [a.astype(np.uint64) for a in state["lfsr"]],
    )


def _pattern(junction: Junction) -> dict[str, np.ndarray]:
    """Arrays of a file that hold a junction's pattern; without dithering the table alone."""
    pattern = junction.pattern
    arrays = {f"pattern_{junction.index}": pattern.table}
    if pattern.orders is not None:
        arrays[f"orders_{junction.index}"] = pattern.orders
    return arrays


def _check(design: Design, state: dict[str, Arrays], where: str) -> None:
    """Numbers of arrays, their shapes, types and ranges."""
    number = design.arithmetic.number
    junctions = design.junctions
    for part, arrays in state.items():
        if len(arrays) != len(junctions):
            raise DesignError(
                f"{where}: {part} needs one array per junction, {len(junctions)} of them, "
                f"got {len(arrays)}"
            )
    for i, j in enumerate(junctions):
        for part, length, low, high in (
            ("weights", j.weights, number.minimum, number.maximum),
            ("biases", j.right, number.minimum, number.maximum),
            ("lfsr", lfsr_definition.groups(j.z), 1, (1 << lfsr_definition.LENGTH) - 1),
        ):
            array = state[part][i]
            if array.shape != (length,) or array.dtype.kind not in "iu":
                raise DesignError(
                    f"{where}: junction {j.index}: {part} must be {length} integers, "
                    f"got shape {array.shape} of {array.dtype}"
                )
            wrong = (array < low) | (array > high)
            if wrong.any():
                at = int(np.argmax(wrong))
                raise DesignError(
                    f"{where}: junction {j.index}: {part}[{at}] must be {low}..{high}, "
                    f"got {array[at]}"
                )
