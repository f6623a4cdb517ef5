"""The metrics of the variants of a part: the four published ones and those of `sw.morse.better`."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from sw.experiments.morse.ladder import DATA_SEED, Part
from sw.morse.better import covariance, outlook
from sw.morse.generator import blocks
from sw.morse.metrics import difficulty
from sw.morse.moments import Moments
from sw.morse.variants import variant
from sw.sparse.errors import SparseError

__all__ = ["BETTER", "PUBLISHED", "measures"]

#: names of the published metrics, and their correlation with accuracy as published
PUBLISHED = {"V_lower": -0.59, "V_upper": -0.64, "V_dist": -0.63, "V_thresh": -0.64}
BETTER = "score"


def measures(part: Part, name: str) -> dict[str, float]:
    """Of all splits together, of 8 bits, as `python -m sw.morse metrics` finds them; by name.

    Those of `sw.morse.better`: score, and what it is made of. They are told how many samples there are to train on.
    """
    counts = part.counts(variant(name))
    # training and test are what `sw.sources.load` draws; validation nobody trains or tests on
    moments = Moments.of(_samples(name, counts), 1 / 256)
    old = difficulty(moments)
    if old.v_dist is None:
        raise SparseError(f"{name}: two classes have equal centroids, so that V_dist is infinite")
    new = outlook(moments, covariance(_samples(name, counts), moments, 1 / 256), counts[0])
    return {
        "V_lower": old.v_lower, "V_upper": old.v_upper, "V_dist": old.v_dist, "V_thresh": float(old.v_thresh),
        "V_white": new.v_white, "dimension": new.dimension, "train": float(counts[0]), BETTER: new.score,
    }


def _samples(name: str, counts: Sequence[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    settings = variant(name).settings
    return chain.from_iterable(
        blocks(settings, per_class=count, seed=DATA_SEED, split=split)
        for split, count in zip((0, 2, 1), counts, strict=True))
