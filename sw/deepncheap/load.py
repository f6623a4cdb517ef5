"""From a data source to a task."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

import numpy as np
import torch

from sw.data.dataset import DataError
from sw.data.names import arrays_by_role
from sw.data.npz import names_in_npz, read_npz
from sw.data.scale import check_numbers
from sw.deepncheap.errors import SearchError
from sw.deepncheap.images import channels_first, image_shape
from sw.deepncheap.scaling import SCALINGS, fit
from sw.deepncheap.task import KINDS, Samples, Task
from sw.sources import load_raw

__all__ = ["load_task"]

Arrays = dict[str, np.ndarray]
_Found = tuple[str, Arrays, tuple[str, ...], tuple[int, ...]]
"""Name, arrays of each split, names of the classes, shape of a sample as it is stored, () if flat."""


def load_task(
    source: str | Path, *, kind: str = "classification", images: bool = False,
    sample_shape: Sequence[int] | None = None, validation: float = 0.2, shuffle: bool = False, scaling: str = "auto",
    augment: bool | None = None, train: int | None = None, test: int | None = None, label: str | None = None,
    seed: int = 1, device: torch.device | str = "cpu",
) -> Task:
    """The task on the data that ``source`` names.

    Parameters
    ----------
    source
        As of `sw.sources.load_raw`. For a regression an npz whose labels are numbers (samples,) or (samples, targets).
    images
        Whether samples are to be images, (channels, rows, columns); they are kept flat otherwise.
    sample_shape
        Of an image, (channels, rows, columns); None: see `sw.deepncheap.images`.
    validation
        Share of the training samples to validate on, the last ones; 0: the test samples. Data that bring a validation
        split use that.
    shuffle
        Put the training samples in an order drawn from ``seed`` before they are divided.
    scaling
        As of `sw.deepncheap.scaling.fit`; targets of a regression alike.
    augment
        As of `Task`; None: for images of three channels, since a digit or a letter is another one when mirrored.
    train, test, label, seed
        As of `sw.sources.load_raw`.

    Raises
    ------
    DataError : data that cannot be used so. SearchError : an option out of its range.
    """
    _check_options(kind, validation, scaling)
    name, arrays, class_names, stored = _classes(source, train, test, label, seed) if kind == "classification" else \
        _targets(Path(source), train, test)
    arrays = _divided(arrays, validation, shuffle, seed)
    _check_divided(arrays, class_names, str(source))
    shape: tuple[int, ...] = arrays["xtr"].shape[1:]
    if images:
        shape = image_shape(stored or shape, sample_shape, str(source))
        arrays = {key: channels_first(values, stored) if key[0] == "x" else values for key, values in arrays.items()}
    elif sample_shape is not None and prod(sample_shape) != shape[0]:
        raise DataError(f"{source}: a sample has {shape[0]} values, got the shape {tuple(sample_shape)}")
    inputs_by = fit(arrays["xtr"], shape, scaling)
    targets_by = None if kind == "classification" else fit(arrays["ytr"], arrays["ytr"].shape[1:], scaling)

    def samples(split: str) -> Samples:
        x, y = torch.from_numpy(arrays[f"x{split}"]), torch.from_numpy(arrays[f"y{split}"])
        return Samples(inputs_by(x.reshape(-1, *shape)), y if targets_by is None else targets_by(y)).to(device)

    return Task(
        name=name, kind=kind, train=samples("tr"), validation=samples("va"), test=samples("te"),
        outputs=len(class_names) or arrays["ytr"].shape[1], inputs_by=inputs_by, targets_by=targets_by,
        augment=shape[0] == 3 and images if augment is None else augment and images, class_names=class_names,
    )


def _classes(source: str | Path, train: int | None, test: int | None, label: str | None, seed: int) -> _Found:
    raw = load_raw(source, train=train, test=test, seed=seed, label=label)
    return raw.name, {**raw.features, **raw.labels}, raw.class_names, raw.sample_shape


def _targets(path: Path, train: int | None, test: int | None) -> _Found:
    """The arrays of an npz whose labels are numbers to predict, which become float32 (samples, targets)."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; a regression needs an npz with numbers as labels")
    roles = arrays_by_role(names_in_npz(path), str(path))
    found = read_npz(path, roles.values())
    most = {"tr": train, "te": test}
    arrays: Arrays = {}
    for role, name in roles.items():
        kind, split, values = role[0], role[1:] or "tr", found[name]
        if values.ndim < 1 + (kind == "x") or (kind == "y" and values.ndim > 2):
            raise DataError(f"{path}: {name} must have the shape "
                            f"{'(samples, ...)' if kind == 'x' else '(samples,) or (samples, targets)'}, "
                            f"got {values.shape}")
        values = values.reshape(len(values), -1)[: most.get(split)]
        check_numbers({name: values}, str(path))
        arrays[kind + split] = values if kind == "x" else values.astype(np.float32)
    for split in ("tr", "te", "va"):
        if "x" + split in arrays and len(arrays["x" + split]) != len(arrays["y" + split]):
            raise DataError(f"{path}: x{split} and y{split} must have as many samples, got {len(arrays['x' + split])} "
                            f"and {len(arrays['y' + split])}")
    stored = found[next(name for role, name in roles.items() if role in ("x", "xtr"))].shape[1:]
    return path.stem, arrays, (), stored if len(stored) > 1 else ()


def _divided(arrays: Arrays, validation: float, shuffle: bool, seed: int) -> Arrays:
    """With a training, a validation and a test split; the last may be empty."""
    if shuffle:
        order = np.random.Generator(np.random.PCG64(seed)).permutation(len(arrays["xtr"]))
        arrays = {**arrays, "xtr": arrays["xtr"][order], "ytr": arrays["ytr"][order]}
    for kind in "xy":
        arrays.setdefault(kind + "te", arrays[kind + "tr"][:0])
    if "xva" in arrays:
        return arrays
    if not validation:
        return {**arrays, "xva": arrays["xte"], "yva": arrays["yte"]}
    kept = len(arrays["xtr"]) - int(validation * len(arrays["xtr"]))
    divided = {kind + part: arrays[kind + "tr"][rows]
               for kind in "xy" for part, rows in (("tr", slice(kept)), ("va", slice(kept, None)))}
    return {**arrays, **divided}


def _check_divided(arrays: Arrays, class_names: tuple[str, ...], source: str) -> None:
    for split, what in (("tr", "train"), ("va", "validate")):
        if len(arrays["x" + split]) == 0:
            raise DataError(f"{source}: there must be at least one sample to {what} on, got none; "
                            "change the share of the validation samples")
    unseen = np.setdiff1d(arrays["yva"], arrays["ytr"]) if class_names else []
    if len(unseen):
        raise DataError(f"{source}: class {class_names[unseen[0]]} is in the validation samples but not in those to "
                        "train on; if the samples lie in the order of their classes, shuffle them")


def _check_options(kind: str, validation: float, scaling: str) -> None:
    for name, holds, rule, value in (
        ("kind", kind in KINDS, " or ".join(KINDS), kind),
        ("validation", 0 <= validation < 1, "a share of the training samples from 0 up to but not 1", validation),
        ("scaling", scaling in SCALINGS, " or ".join(SCALINGS), scaling),
    ):
        if not holds:
            raise SearchError(f"{name} must be {rule}, got {value}")
