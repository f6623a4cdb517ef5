"""A dataset with its features preprocessed: what is fitted is fitted on the training split alone."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator

from sw.data.affine import as_float, gaussian, min_max
from sw.data.archive import npz_file, write_array
from sw.data.build import Raw
from sw.data.contrast import global_contrast
from sw.data.dataset import DataError, check_whole
from sw.data.pca import components, pca, zca
from sw.data.scale import check_numbers
from sw.data.varied import most_varied

__all__ = ["SCALES", "Steps", "reduce", "save_raw"]

SCALES = {"minmax": min_max, "gaussian": gaussian}


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What is done, in this order; the default is nothing.

    Parameters
    ----------
    keep
        Number of features that are kept: those with the largest variance, in the order in which they are.
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

    keep: int | None = None
    contrast: bool = False
    pca: int | None = None
    zca: bool = False
    shuffle: int | None = None
    scale: str | None = None
    clip: float | None = None

    def __post_init__(self) -> None:
        if self.pca is not None and self.zca:
            raise DataError("pca and zca must not be given together: components are whitened by scale gaussian")
        for name, value, lowest in (("keep", self.keep, 1), ("pca", self.pca, 1), ("shuffle", self.shuffle, 0)):
            if value is not None:
                check_whole(name, value, lowest)
        if self.scale not in (None, *SCALES):
            raise DataError(f"scale must be one of {', '.join(SCALES)}, got {self.scale!r}")
        if self.clip is not None and not (np.isfinite(self.clip) and self.clip > 0):
            raise DataError(f"clip must be a number above 0, got {self.clip!r}")


def reduce(raw: Raw, steps: Steps, tell: Callable[[str, int, int], None] | None = None,
           ) -> tuple[Raw, dict[str, Any]]:
    """The dataset after `steps`, and what was found on the way.

    Features become float32 by any step but keep and shuffle, which leave bytes bytes.

    Parameters
    ----------
    raw
        Features of finite real numbers, as `sw.data.load.load_raw` gives them. Labels are not looked at.
    tell
        Is called with the name of the step, the samples done and all of them.

    Returns
    -------
    Raw
        The same samples in the same order.
    dict
        `features_before` and `features` after; with pca `variance_kept`, the share of the training split's variance
        that the components keep.

    Raises
    ------
    DataError
        More features to keep than there are, or more components than the rank of the training features; no training
        sample, or only equal ones; features that are beyond float32, before or after.
    """
    tell = tell or (lambda step, done, total: None)
    x, facts = dict(raw.features), dict[str, Any](features_before=raw.features["xtr"].shape[1])
    raw = replace(raw, features={}, whole=None)  # what was given is freed split by split, if nobody else has it

    def all_by(name: str, function: Callable[[np.ndarray], np.ndarray]) -> None:
        done, total = 0, sum(map(len, x.values()))
        for split in x:
            x[split] = function(x[split])
            done += len(x[split])
            tell(name, done, total)

    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # checked when all is done
            all_by("numbers", _checked)
            if steps.keep is not None:
                kept = most_varied(x["xtr"], steps.keep)
                all_by("keep", lambda part: part[:, kept])
            if steps.contrast:
                all_by("contrast", global_contrast)
            if steps.pca is not None or steps.zca:
                found = components(x["xtr"], partial(tell, "covariance"))
                all_by("projection", zca(found) if steps.pca is None else pca(found, steps.pca))
                if steps.pca is not None:
                    facts["variance_kept"] = float(found.variances[:steps.pca].sum() / found.variances.sum())
            if steps.shuffle is not None:
                order = Generator(PCG64(steps.shuffle)).permutation(x["xtr"].shape[1])
                all_by("shuffle", lambda part: part[:, order])
            if steps.scale is not None:
                all_by(steps.scale, SCALES[steps.scale](x["xtr"]))
            if steps.clip is not None:
                limit = np.float32(steps.clip)
                all_by("clip", lambda part: np.clip(as_float(part), -limit, limit))
    except DataError as error:
        raise DataError(f"{raw.source}: {error}") from None
    check_numbers(x, f"{raw.source} after these steps")
    facts["features"] = x["xtr"].shape[1]
    return replace(raw, features=x), facts


def _checked(x: np.ndarray) -> np.ndarray:
    most = max(abs(float(x.min())), abs(float(x.max()))) if x.size else 0.0
    if most > np.finfo(np.float32).max:
        raise DataError(f"features must be within the range of float32, 3.4e38, got one of magnitude {most:.3g}")
    return x


def save_raw(path: str | Path, raw: Raw, steps: Steps, facts: dict[str, Any]) -> None:
    """Write an npz that `sw.data.load` takes: the splits, `class_names`, and `recipe`, JSON text of where it is from.

    DesignError if the file cannot be written; then nothing is left.
    """
    with npz_file(path) as archive:
        for split in raw.features:
            write_array(archive, split, raw.features[split])
            write_array(archive, f"y{split[1:]}", raw.labels[f"y{split[1:]}"])
        write_array(archive, "class_names", np.array(raw.class_names))
        write_array(archive, "recipe", np.array(json.dumps({"data": raw.name, "steps": asdict(steps), **facts})))
