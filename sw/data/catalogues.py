"""Datasets by name: bundled with scikit-learn, or fetched by scikit-learn or torchvision where these are installed.

The only file that imports them, and only when one is asked for.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator

from sw.data.build import Raw, raw_of
from sw.data.dataset import DataError, check_whole

__all__ = ["CATALOGUES", "DIGITS_TEST", "DIGITS_TRAIN", "digits", "openml", "scikit_learn", "torchvision"]

BUNDLED = ("iris", "wine", "breast_cancer", "digits")
DIGITS_TRAIN = 1437
DIGITS_TEST = 360


def _package(name: str, source: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0].replace("sklearn", "scikit-learn")
        raise DataError(f"{source}: needs {package}, which is not installed (pip install {package})") from None


def digits(seed: int = 1) -> Raw:
    """The handwritten digits that come with scikit-learn: 8 x 8 pixels of 0..16, ten classes.

    Shuffled by `seed` (a whole number from 0) and split 1437 to 360: a plain shuffle, not balanced by class.
    """
    check_whole("seed", seed, 0)
    pixels, labels = _package("sklearn.datasets", "digits").load_digits(return_X_y=True)
    order = Generator(PCG64(seed)).permutation(len(pixels))
    train, test = order[:DIGITS_TRAIN], order[DIGITS_TRAIN : DIGITS_TRAIN + DIGITS_TEST]
    return raw_of("digits", {"xtr": pixels[train], "ytr": labels[train], "xte": pixels[test], "yte": labels[test]},
                  "digits")


def scikit_learn(name: str, seed: int = 1) -> Raw:
    """`sklearn:NAME`: a set for classification that comes with scikit-learn; the test split is drawn from `seed`."""
    source = f"sklearn:{name}"
    if name == "digits":
        return digits(seed)
    if name not in BUNDLED:
        raise DataError(f"{source}: must be one of {', '.join(BUNDLED)}, the bundled sets for classification")
    found = getattr(_package("sklearn.datasets", source), f"load_{name}")()
    names = found.target_names.tolist()
    return raw_of(name, {"x": found.data, "y": found.target}, source, seed=seed, class_names=names)


def openml(name: str, seed: int = 1) -> Raw:
    """`openml:NAME` or `openml:NUMBER`: fetched by scikit-learn, which keeps it; needs the network the first time."""
    source = f"openml:{name}"
    wanted = {"data_id": int(name)} if name.isdigit() else {"name": name}
    try:
        found = _package("sklearn.datasets", source).fetch_openml(**wanted, as_frame=False, parser="liac-arff")
    except (OSError, ValueError) as error:  # network errors are OSErrors
        raise DataError(f"{source}: cannot be fetched: {' '.join(str(error).split())}") from None
    labels = np.asarray(found.target)
    return raw_of(name, {"x": found.data, "y": labels.astype(str) if labels.dtype == object else labels}, source,
                  seed=seed)


def torchvision(name: str, seed: int = 1) -> Raw:
    """`torchvision:NAME` such as `torchvision:MNIST`: fetched by torchvision into build/torchvision, which keeps it."""
    source = f"torchvision:{name}"
    sets = _package("torchvision.datasets", source)
    make = getattr(sets, name, None)
    if make is None:
        raise DataError(f"{source}: torchvision.datasets has no {name}")
    arrays = {}
    try:
        for split, train in (("tr", True), ("te", False)):
            part = make(root="build/torchvision", train=train, download=True)
            arrays[f"x{split}"], arrays[f"y{split}"] = np.asarray(part.data), np.asarray(part.targets)
    except (OSError, RuntimeError) as error:
        raise DataError(f"{source}: cannot be fetched: {' '.join(str(error).split())}") from None
    except (TypeError, AttributeError):
        raise DataError(f"{source}: only sets with a training and a test part and data and targets are taken") from None
    return raw_of(name, arrays, source, seed=seed)


CATALOGUES: dict[str, Callable[[str, int], Raw]] = {
    "sklearn": scikit_learn, "openml": openml, "torchvision": torchvision,
}
