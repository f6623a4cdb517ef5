"""A dataset with its features preprocessed: what is fitted is fitted on the training split alone."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from numbers import Integral
from pathlib import Path

import numpy as np
from numpy.random import PCG64, Generator

from sw.data.affine import gaussian, min_max
from sw.data.archive import npz_file, write_array
from sw.data.build import Raw
from sw.data.contrast import global_contrast
from sw.data.dataset import DataError
from sw.data.pca import components, pca, zca

__all__ = ["SCALES", "Steps", "reduce", "save_raw"]

SCALES = {"minmax": min_max, "gaussian": gaussian}


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What is done, in this order; the default is nothing.

    Parameters
    ----------
    contrast
        Each sample to mean 0 and deviation 1 (`global_contrast`).
    pca
        Number of principal components that take the place of the features.
    zca
        Whitening by ZCA, eps 1e-5; not together with pca.
    shuffle
        Seed (whole number from 0) that draws an order of the features once, or None to keep it.
    scale
        A key of SCALES: each feature by its own range, or mean and deviation; or None.
    clip
        Values are limited to -clip..clip; above 0, or None.

    Raises
    ------
    DataError
        pca and zca together, or a value that is none of these.
    """

    contrast: bool = False
    pca: int | None = None
    zca: bool = False
    shuffle: int | None = None
    scale: str | None = None
    clip: float | None = None

    def __post_init__(self) -> None:
        if self.pca is not None and self.zca:
            raise DataError("pca and zca must not be given together: components are whitened by scale gaussian")
        if self.pca is not None and (not isinstance(self.pca, Integral) or isinstance(self.pca, bool) or self.pca < 1):
            raise DataError(f"pca must be a whole number of at least 1, got {self.pca!r}")
        if self.shuffle is not None and (not isinstance(self.shuffle, Integral) or self.shuffle < 0):
            raise DataError(f"shuffle must be a whole number of at least 0, got {self.shuffle!r}")
        if self.scale not in (None, *SCALES):
            raise DataError(f"scale must be one of {', '.join(SCALES)}, got {self.scale!r}")
        if self.clip is not None and not (np.isfinite(self.clip) and self.clip > 0):
            raise DataError(f"clip must be a number above 0, got {self.clip!r}")


def reduce(raw: Raw, steps: Steps, tell: Callable[[str], None] | None = None) -> tuple[Raw, dict[str, object]]:
    """The dataset after `steps`, its features float32; and what was found on the way.

    Parameters
    ----------
    raw
        Features of finite real numbers, as `sw.data.load.load_raw` gives them. Labels are not looked at.
    tell
        Is called with the name of each step before it begins.

    Returns
    -------
    Raw
        The same samples in the same order.
    dict
        `features` before and after; with pca `variance_kept`, the share of the training split's variance that the
        components keep.

    Raises
    ------
    DataError
        More components than the rank of the training features; no training sample.
    """
    tell = tell or (lambda step: None)
    x, facts = dict(raw.features), dict[str, object](features_before=raw.features["xtr"].shape[1])
    if len(x["xtr"]) == 0:
        raise DataError(f"{raw.source}: xtr must have at least one sample to fit to, got 0")

    def all_by(name: str, function: Callable[[np.ndarray], np.ndarray]) -> None:
        tell(name)
        for split in x:
            x[split] = function(x[split])

    if steps.contrast:
        all_by("contrast", global_contrast)
    if steps.pca is not None or steps.zca:
        tell("principal components of the training features")
        found = components(x["xtr"])
        try:
            step = zca(found) if steps.pca is None else pca(found, steps.pca)
        except DataError as error:
            raise DataError(f"{raw.source}: {error}") from None
        all_by("zca" if steps.zca else "pca", step)
        if steps.pca is not None:
            facts["variance_kept"] = float(found.variances[:steps.pca].sum() / found.variances.sum())
    if steps.shuffle is not None:
        order = Generator(PCG64(steps.shuffle)).permutation(x["xtr"].shape[1])
        all_by("shuffle", lambda part: part[:, order])
    if steps.scale is not None:
        all_by(steps.scale, SCALES[steps.scale](x["xtr"]))
    if steps.clip is not None:
        limit = np.float32(steps.clip)
        all_by("clip", lambda part: np.clip(part, -limit, limit))
    facts["features"] = x["xtr"].shape[1]
    return Raw(name=raw.name, source=raw.source, features=x, labels=raw.labels, class_names=raw.class_names), facts


def save_raw(path: str | Path, raw: Raw, steps: Steps, facts: dict[str, object]) -> None:
    """Write an npz that `sw.data.load` takes: the splits, `class_names`, and `recipe`, JSON text of where it is from.

    DesignError if the file cannot be written; then nothing is left.
    """
    with npz_file(path) as archive:
        for split in raw.features:
            write_array(archive, split, raw.features[split])
            write_array(archive, f"y{split[1:]}", raw.labels[f"y{split[1:]}"])
        write_array(archive, "class_names", np.array(raw.class_names))
        write_array(archive, "recipe", np.array(json.dumps({"data": raw.name, "steps": asdict(steps), **facts})))
