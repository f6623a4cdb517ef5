"""Any dataset by the name that a command line or a design file gives it."""

import dataclasses
from pathlib import Path

import numpy as np

from sw.data.build import Raw
from sw.data.dataset import DataError, Dataset, check_whole
from sw.data.digits import load_digits
from sw.data.idx import load_idx
from sw.data.npz import load_npz, raw_npz
from sw.data.scale import check_numbers
from sw.morse.generator import generate
from sw.morse.settings import MorseError
from sw.morse.variants import variant

MORSE_TRAIN = 20_000
MORSE_TEST = 2_000


def load(source: str | Path, *, train: int | None = None, test: int | None = None,
         classes: int | None = None, features: int | None = None, seed: int = 1) -> Dataset:
    """The dataset that `source` names.

    Parameters
    ----------
    source
        `morse` (generated, the baseline variant), `morse:VARIANT` (see `sw.morse.variants`),
        `digits` (bundled with scikit-learn), `mnist:FOLDER` or a folder (idx files), or
        `FILE.npz`.
    train, test
        How many samples to take: the first ones of each split, all when None. For `morse` and
        its variants: how many to generate, 20000 and 2000 when None; labels are balanced to
        within one. A validation split is kept whole.
    classes, features
        The most that a design can take; None for no limit. The dataset keeps its own numbers.
    seed
        Whole number from 0: draws `morse`, and shuffles `digits` before they are split. Files
        keep their order.

    The range that scales the features to 8 bits is that of the whole training split in the file,
    so that it does not depend on `train`.

    Raises
    ------
    DataError
        Unknown source, unusable data, fewer samples than asked for, a label or a number of
        features beyond the limit, `train` below 1 or `test` below 0.
    """
    _check_counts(train, test, seed)
    for name, value in (("classes", classes), ("features", features)):
        if value is not None:
            check_whole(name, value, 1)
    if (morse := _variant(source)) is not None:
        data = _morse(str(source), morse, MORSE_TRAIN if train is None else train,
                      MORSE_TEST if test is None else test, seed)
    else:
        data = _take(_stored(source, seed), train, test)
    _check_limits(data, classes, features)
    return data


def load_raw(source: str | Path, *, train: int | None = None, test: int | None = None, seed: int = 1) -> Raw:
    """The dataset that `source` names, as in `load`, with features as they are there, not yet of 8 bits.

    Where they are bytes (`morse`, `digits`, idx files, some npz), v is worth v/256.

    Raises
    ------
    DataError
        Unknown source, unusable data, features that are not finite real numbers, fewer samples than asked for,
        `train` below 1, `test` below 0, a wrong seed.
    """
    _check_counts(train, test, seed)
    if source != "morse" and source != "digits" and Path(source).suffix == ".npz" and not Path(source).is_dir():
        raw = raw_npz(source)
        check_numbers(raw.features, raw.source)
        _check_there(raw.name, raw.labels["ytr"], raw.labels["yte"], train, test)
        first = {"xtr": train, "ytr": train, "xte": test, "yte": test}
        return dataclasses.replace(raw, features={key: x[:first.get(key)] for key, x in raw.features.items()},
                                   labels={key: y[:first.get(key)] for key, y in raw.labels.items()})
    data = load(source, train=train, test=test, seed=seed)
    there = [split for split in ("tr", "te", "va") if getattr(data, f"x{split}") is not None]
    return Raw(name=data.name, source=str(source), class_names=data.class_names,
               features={f"x{split}": getattr(data, f"x{split}") for split in there},
               labels={f"y{split}": getattr(data, f"y{split}") for split in there})


def _stored(source: str | Path, seed: int) -> Dataset:
    if source == "digits":
        return load_digits(seed)
    if isinstance(source, str) and source.startswith("mnist:") and source != "mnist:":
        return dataclasses.replace(load_idx(source.removeprefix("mnist:")), name="mnist")
    if str(source) and Path(source).is_dir():
        return load_idx(source)
    if Path(source).suffix == ".npz":
        return load_npz(source)
    raise DataError(f"data source must be morse, digits, mnist:FOLDER, FILE.npz or a folder that "
                    f"exists, got {str(source)!r}")


def _variant(source: str | Path) -> str | None:
    """The Morse variant that is named, None where something else is."""
    kind, colon, name = str(source).partition(":")
    return None if kind != "morse" else name if colon else "baseline"


def _morse(source: str, name: str, train: int, test: int, seed: int) -> Dataset:
    try:
        settings = variant(name).settings
    except MorseError as error:
        raise DataError(f"{source}: {error}") from None
    # Splits 0 and 1 of one seed draw from independent streams.
    xtr, ytr = generate(settings, samples=train, seed=seed, split=0)
    xte, yte = generate(settings, samples=max(test, 1), seed=seed, split=1)
    names = settings.class_names
    return Dataset(name=source, xtr=xtr, ytr=ytr, xte=xte[:test], yte=yte[:test],
                   classes=len(names), class_names=names, scale=(0.0, 1.0))


def _take(data: Dataset, train: int | None, test: int | None) -> Dataset:
    _check_there(data.name, data.ytr, data.yte, train, test)
    return dataclasses.replace(data, xtr=data.xtr[:train], ytr=data.ytr[:train],
                               xte=data.xte[:test], yte=data.yte[:test])


def _check_there(name: str, ytr: np.ndarray, yte: np.ndarray, train: int | None, test: int | None) -> None:
    for split, asked, there in (("train", train, len(ytr)), ("test", test, len(yte))):
        if asked is not None and asked > there:
            raise DataError(f"{name}: {split} must be at most the {there} samples that are there, got {asked}")


def _check_limits(data: Dataset, classes: int | None, features: int | None) -> None:
    if features is not None and data.features > features:
        raise DataError(f"{data.name}: samples must have at most features={features} values, "
                        f"got {data.features}")
    if classes is None:
        return
    for name, labels in (("ytr", data.ytr), ("yte", data.yte), ("yva", data.yva)):
        if labels is None:
            continue
        wrong = np.flatnonzero(labels >= classes)
        if len(wrong):
            raise DataError(f"{data.name}: labels must be 0..{classes - 1} for "
                            f"classes={classes}, got {labels[wrong[0]]} at {name}[{wrong[0]}]")


def _check_counts(train: int | None, test: int | None, seed: int) -> None:
    for name, value, lowest in (("train", train, 1), ("test", test, 0)):
        if value is not None:
            check_whole(name, value, lowest)
    check_whole("seed", seed, 0)
