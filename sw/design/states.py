"""Trained states: what training has changed, in an npz file beside the design file.

The file also holds the design, with what its seeds stood for (patterns and initial weights) and the lags of its
schedule: it is enough to build that design even where a later version would draw something else. Two hashes are kept:
that of the network (``sw.design.hashes``), to which the state is bound, and one over the state.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from sw.common.atomic import write_atomic
from sw.design import lfsr as lfsr_definition
from sw.design.design import Design
from sw.design.drawn import Drawn
from sw.design.errors import DesignError
from sw.design.hashes import network_hash
from sw.design.scaling import FeatureScaling
from sw.design.schedule import Schedule
from sw.design.text import settings_of, text_of

__all__ = ["design_with_state", "load_notes", "load_scaling", "load_state", "save_state", "state_hash"]

Arrays = list[np.ndarray]
_SCHEMA = 2
_FACTS = ("schema", "design", "network_hash", "state_hash")
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
    path: str | Path, design: Design, weights: Sequence, biases: Sequence, lfsr: Sequence,
    scaling: FeatureScaling | None = None, notes: Mapping[str, Any] | None = None,
) -> None:
    """Write one array per junction of raw weights (W_i,), raw biases (N_i,), LFSR states (groups_i,).

    ``scaling``: how the features of the training samples became 8 bits, so that new ones are scaled in the same way.
    ``notes``: what else the writer wants to find there (``load_notes``), as JSON.

    The same state gives the same bytes; the file is replaced as a whole or not at all. Raises
    DesignError if the arrays do not fit the design, FileError if the file cannot be written.
    """
    state = dict(zip(_PARTS, ([np.asarray(a) for a in part] for part in (weights, biases, lfsr)), strict=True))
    with _named(path):
        _check(design, state)
    kept = replace(design, hardware=replace(design.hardware, lags=Schedule.of(design).lags))
    drawn = kept.all_drawn()
    arrays: dict[str, Any] = {
        "schema": np.array(_SCHEMA),
        "design": np.array(text_of(kept)),
        "network_hash": np.array(network_hash(kept)),
        "state_hash": np.array(state_hash(*state.values())),
    }
    for i, orders in enumerate(drawn.orders):
        for part in _PARTS:
            arrays[f"{part}_{i + 1}"] = state[part][i].astype(np.uint64 if part == "lfsr" else np.int64)
        arrays[f"pattern_{i + 1}"] = drawn.tables[i]
        if orders is not None:
            arrays[f"orders_{i + 1}"] = orders
        arrays[f"initial_weights_{i + 1}"] = drawn.weights[i]
    if scaling is not None:
        arrays |= scaling.arrays()
    if notes is not None:
        arrays["notes"] = np.array(json.dumps(notes, sort_keys=True))
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_atomic(path, content.getvalue())


def load_state(path: str | Path, design: Design | None = None) -> tuple[Design, Arrays, Arrays, Arrays]:
    """What ``save_state`` was given: the design, weights (int64), biases (int64) and LFSR states (uint64).

    With ``design``, the state must be of the same network, and the design that comes back is that one, with the
    patterns and initial weights of the file: stages, multipliers, memories, rates and data may be others than when
    the state was saved.

    Raises DesignError, one line that begins with the file's name: no such file, damaged, of another
    design, or with arrays that do not fit the design.
    """
    with _named(path):
        archive = _read(path)
        saved = _saved_design(archive)
    if design is None:
        design = saved
    else:
        held = design.drawn
        design = _joined(path, saved, {f.name: getattr(design, f.name) for f in fields(Design) if f.name != "drawn"})
        if held is not None and held != design.all_drawn():
            raise DesignError(f"{path}: its seeds stand for other patterns or initial weights than {design.name} holds")
    with _named(path):
        state = {part: [_array(archive, f"{part}_{j.index}") for j in design.junctions] for part in _PARTS}
        _check(design, state)
        if state_hash(*state.values()) != str(archive["state_hash"]):
            raise DesignError("the arrays do not have the hash that was saved with them")
    weights, biases, lfsr = state.values()
    return (
        design,
        [a.astype(np.int64) for a in weights],
        [a.astype(np.int64) for a in biases],
        [a.astype(np.uint64) for a in lfsr],
    )


def load_scaling(path: str | Path) -> FeatureScaling | None:
    """The feature scaling that was saved with a state, None where there was none. DesignError as ``load_state``."""
    with _named(path):
        return FeatureScaling.from_arrays(_read(path))


def load_notes(path: str | Path) -> dict[str, Any]:
    """The notes that were saved with a state, empty where there were none. DesignError as ``load_state``."""
    with _named(path):
        archive = _read(path)
        try:
            return json.loads(str(archive.get("notes", "{}")))
        except json.JSONDecodeError as error:
            raise DesignError(f"its notes cannot be read: {error}") from None


def design_with_state(path: str | Path, settings: Mapping[str, Any]) -> Design:
    """The design of these settings (``sw.design.text.settings_of``), with the patterns and initial weights of a state.

    Nothing has to be drawn for it. Raises DesignError as ``load_state``.
    """
    with _named(path):
        saved = _saved_design(_read(path))
    return _joined(path, saved, settings)


@contextmanager
def _named(path: str | Path) -> Iterator[None]:
    """Errors begin with the file's name."""
    try:
        yield
    except DesignError as error:
        raise DesignError(f"{path}: {error}") from None


def _read(path: str | Path) -> dict[str, np.ndarray]:
    if not Path(path).is_file():
        raise DesignError("there is no such file")
    if not zipfile.is_zipfile(path):
        raise DesignError("not an npz file (a zip archive of arrays)")
    try:
        with np.load(path, allow_pickle=False) as content:
            archive = {key: np.asarray(content[key]) for key in content.files}
    except _DAMAGED as error:
        raise DesignError(f"cannot be read: {' '.join(str(error).split())}") from None
    if "schema" not in archive:
        raise DesignError(f"not a state file, it needs {', '.join(_FACTS)}")
    if str(archive["schema"]) != str(_SCHEMA):
        raise DesignError(
            f"schema must be {_SCHEMA}, got {archive['schema']}: another version has saved this state; train again"
        )
    return archive


def _array(archive: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in archive:
        raise DesignError(f"the array {name} is missing")
    return archive[name]


def _saved_design(archive: Mapping[str, np.ndarray]) -> Design:
    """The design that was saved with the state, drawn as it was then."""
    text, due, _ = (str(_array(archive, name)) for name in _FACTS[1:])
    settings = settings_of(text)
    numbers = range(1, len(settings["pattern"]) + 1)
    drawn = Drawn(
        tuple(_array(archive, f"pattern_{i}") for i in numbers),
        tuple(archive.get(f"orders_{i}") for i in numbers),
        tuple(_array(archive, f"initial_weights_{i}") for i in numbers),
    )
    design = Design(**settings, drawn=drawn)
    if network_hash(design) != due:
        raise DesignError("the design and its patterns do not have the hash that was saved with them")
    return design


def _joined(path: str | Path, saved: Design, settings: Mapping[str, Any]) -> Design:
    """The design of ``settings``, drawn as ``saved``; DesignError at the first setting that makes another network."""
    for compared in _network_settings(saved, settings):
        _check_same(path, settings["name"], *compared)
    design = replace(saved, **settings)
    _check_same(path, design.name, "hardware.lags", Schedule.of(saved).lags, Schedule.of(design).lags)
    return design


def _network_settings(saved: Design, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Settings that patterns and formats depend on: their name, as saved, and as in ``settings``."""
    tables = [(key, getattr(saved, key), settings[key]) for key in ("network", "arithmetic")]
    patterns = zip(saved.pattern, settings["pattern"], strict=False)
    tables += [(f"junction {i}: pattern", there, here) for i, (there, here) in enumerate(patterns, 1)]
    for name, there, here in tables:
        for field in fields(there):
            yield f"{name}.{field.name}", getattr(there, field.name), getattr(here, field.name)
    yield "hardware.z", saved.hardware.z, settings["hardware"].z


def _check_same(path: str | Path, design: str, name: str, there: Any, here: Any) -> None:
    if there != here:
        raise DesignError(
            f"{path}: the state of another design: {name} is {json.dumps(there)} there, {json.dumps(here)} in {design}"
        )


def _check(design: Design, state: dict[str, Arrays]) -> None:
    """Numbers of arrays, their shapes, types and ranges."""
    number = design.arithmetic.number
    junctions = design.junctions
    for part, arrays in state.items():
        if len(arrays) != len(junctions):
            raise DesignError(
                f"{part} needs one array per junction, {len(junctions)} of them, "
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
                    f"junction {j.index}: {part} must be {length} integers, "
                    f"got shape {array.shape} of {array.dtype}"
                )
            wrong = (array < low) | (array > high)
            if wrong.any():
                at = int(np.argmax(wrong))
                raise DesignError(
                    f"junction {j.index}: {part}[{at}] must be {low}..{high}, "
                    f"got {array[at]}"
                )
