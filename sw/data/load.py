"""The datasets that are stored: in files, in folders, bundled with scikit-learn."""

import dataclasses
from pathlib import Path

import numpy as np

from sw.data.build import Raw
from sw.data.catalogues import CATALOGUES, digits
from sw.data.dataset import DataError, Dataset, check_whole
from sw.data.files import begins_file, files_of, read_files, read_pairs
from sw.data.scaling import fit_scaling
from sw.design.scaling import FeatureScaling

__all__ = ["SOURCES", "check_counts", "check_limits", "load", "load_raw", "scaled", "source_files"]

SOURCES = ("morse, digits, sklearn:NAME, a file (npz, CSV, Parquet, Arrow), a folder of idx or npy files, or "
           "FEATURES,LABELS")


def load(source: str | Path, *, train: int | None = None, test: int | None = None,
         classes: int | None = None, features: int | None = None, seed: int = 1,
         scaling: str | FeatureScaling = "auto", keep: int | None = None, label: str | None = None) -> Dataset:
    """The dataset that `source` names.

    Parameters
    ----------
    source
        `digits`, `sklearn:NAME`, `openml:NAME`, `torchvision:NAME`; a file or folder as of
        `sw.data.files`; two or four files with commas; `mnist:FOLDER`, a folder that is to be called so.
    train, test
        How many samples to take: the first ones of each split, all when None. A validation split
        is kept whole.
    classes, features
        The most that a design can take; None for no limit. The dataset keeps its own numbers.
    seed
        Whole number from 0: draws the test split of data in one piece. Other files keep their order.
    scaling
        How the features become 8 bits: a scaling, such as one saved with a trained state, or a wish as of
        `sw.data.scaling`. Then its numbers are those of the whole training split in the file, so that they
        do not depend on `train`.
    keep
        How many features are inputs, those with the largest variance over that training split; all when None. A
        scaling that is given has made this choice already.
    label
        The column of the labels, for tables.

    Raises
    ------
    DataError
        Unknown source, unusable data, fewer samples than asked for, a label or a number of
        features beyond the limit, fewer features than `keep`, `train` below 1 or `test` below 0.
    """
    return scaled(load_raw(source, train=train, test=test, seed=seed, label=label), scaling, keep, classes, features)


def scaled(raw: Raw, scaling: str | FeatureScaling = "auto", keep: int | None = None, classes: int | None = None,
           features: int | None = None) -> Dataset:
    """The dataset with 8-bit features, by a scaling or one that is fitted; the others as of `load`."""
    found = (scaling, "that of the trained state") if isinstance(scaling, FeatureScaling) else fit_scaling(
        raw.to_fit, scaling, raw.source, keep)
    data = raw.scaled(*found)
    check_limits(data, classes, features)
    return data


def load_raw(source: str | Path, *, train: int | None = None, test: int | None = None, seed: int = 1,
             label: str | None = None) -> Raw:
    """The dataset that `source` names, as in `load`, with features as they are there, not yet of 8 bits.

    Where they are bytes (idx files, some npz), v is worth v/256.

    Raises
    ------
    DataError
        Unknown source, unusable data, features that are not finite real numbers, fewer samples than asked for,
        `train` below 1, `test` below 0, a wrong seed.
    """
    check_counts(train, test, seed)
    return _stored(source, seed, label).first(train, test)


def _stored(source: str | Path, seed: int, label: str | None) -> Raw:
    text = str(source)
    kind, _, name = text.partition(":")
    if text == "digits":
        return digits(seed)
    if kind in CATALOGUES and name:
        return CATALOGUES[kind](name, seed)
    if kind == "morse":
        raise DataError(f"{text}: Morse data are generated: 'python -m sw.morse make' writes them to a file first")
    if kind == "mnist" and name:
        return dataclasses.replace(read_files(Path(name), seed, label), name="mnist")
    paths = _paths(text)
    if len(paths) > 1:
        return read_pairs(paths, seed)
    if paths:
        return read_files(paths[0], seed, label)
    raise DataError(f"data source must be {SOURCES}, got {text!r}")


def _paths(text: str) -> list[Path]:
    """The paths that a source names: one, or several with commas; none where it can be no path."""
    path = Path(text)
    if "," in text and not path.exists():
        return [Path(part.strip()) for part in text.split(",")]
    known = text and (path.exists() or begins_file(path) or path.suffix or path.parent != Path("."))
    return [path] if known else []


def source_files(source: str | Path) -> list[Path]:
    """The files that a source is read from, those below its folders too; none for data that follow from its name."""
    text = str(source)
    kind, _, name = text.partition(":")
    if text == "digits" or kind == "morse" or (kind in CATALOGUES and name):
        return []
    paths = [Path(name)] if kind == "mnist" and name else _paths(text)
    return [file for path in paths for file in files_of(path)]


def check_limits(data: Dataset, classes: int | None, features: int | None) -> None:
    """DataError if there are more classes or features than a design can take; None: no limit."""
    for name, value in (("classes", classes), ("features", features)):
        if value is not None:
            check_whole(name, value, 1)
    if features is not None and data.features > features:
        raise DataError(f"{data.name}: samples must have at most {features} features, the inputs of the design, got "
                        f"{data.features}: take a design with more, or one with keep in its [data] table, or fewer "
                        "features by 'python -m sw.data reduce'")
    if classes is None:
        return
    for name, labels in (("ytr", data.ytr), ("yte", data.yte), ("yva", data.yva)):
        if labels is None:
            continue
        wrong = np.flatnonzero(labels >= classes)
        if len(wrong):
            label = int(labels[wrong[0]])
            raise DataError(f"{data.name}: there must be at most {classes} classes, those of the design, got number "
                            f"{label + 1}, called {data.class_names[label]}, at {name}[{wrong[0]}]: take a design with "
                            "more")


def check_counts(train: int | None, test: int | None, seed: int) -> None:
    """DataError unless the numbers of samples asked for and the seed are such numbers."""
    for name, value, lowest in (("train", train, 1), ("test", test, 0)):
        if value is not None:
            check_whole(name, value, lowest)
    check_whole("seed", seed, 0)
