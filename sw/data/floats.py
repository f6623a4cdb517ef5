"""Features as floats, for networks in software and for metrics, by a choice that every report names."""

from argparse import ArgumentParser
from dataclasses import replace

import numpy as np

from sw.data.affine import Affine, gaussian
from sw.data.build import Raw
from sw.data.dataset import DataError
from sw.data.scale import check_numbers
from sw.data.scaling import fit_scaling
from sw.design.scaling import FeatureScaling

__all__ = ["FEATURES", "add_features_option", "float_map", "inputs_of", "mapped"]

#: the choices, and what each makes of a feature
FEATURES = {
    "unit": "0 to 1 by the feature scaling, neither rounded nor clipped",
    "standardised": "mean 0 and deviation 1",
    "raw": "as they are, bytes as v/256",
}


def inputs_of(raw: Raw, scaling: FeatureScaling) -> Raw:
    """The dataset with those features alone that a scaling makes inputs."""
    kept = scaling.kept
    if not len(kept):
        return raw
    return replace(raw, features={split: x[:, kept] for split, x in raw.features.items()}, whole=raw.to_fit[:, kept])


def float_map(raw: Raw, choice: str, scaling: FeatureScaling | None = None) -> Affine:
    """What ``choice``, a key of FEATURES, makes of features; fitted to the whole training split.

    ``scaling``: for "unit", of these features; None for the one that they call for. DataError for another choice, and
    for features that cannot be scaled.
    """
    if choice not in FEATURES:
        raise DataError(f"features must be one of {', '.join(FEATURES)}, got {choice!r}")
    xtr = raw.to_fit
    if choice == "standardised":
        return gaussian(xtr)
    if choice == "raw":
        return Affine(np.zeros(xtr.shape[1]), np.ones(xtr.shape[1]))
    found = scaling or fit_scaling(xtr, source=raw.source)[0]
    bounds = (np.zeros(1), np.full(1, 256.0)) if found.kind == "bytes" else (found.low, found.high)
    # an Affine takes bytes as v/256
    low, high = (np.broadcast_to(bound, xtr.shape[1:]) / (256 if xtr.dtype == np.uint8 else 1) for bound in bounds)
    return Affine(low, 1 / np.where(high > low, high - low, np.inf))


def mapped(raw: Raw, by: Affine) -> Raw:
    """The dataset with features (samples, features) of float32; bytes that stay v/256 stay bytes.

    DataError where a value is beyond float32.
    """
    if raw.to_fit.dtype == np.uint8 and not by.shift.any() and (by.factor == 1).all():
        return raw
    with np.errstate(over="ignore"):  # checked when all is done
        features = {split: by(x) for split, x in raw.features.items()}
    check_numbers(features, f"{raw.source} in 32-bit floats")
    return replace(raw, features=features, whole=None)


def add_features_option(parser: ArgumentParser, default: str) -> None:
    """The option of every command that takes features as floats."""
    told = "; ".join(f"{choice}: {text}" for choice, text in FEATURES.items())
    parser.add_argument("--features", choices=FEATURES, default=default, help=f"{told} ({default})")
