"""All measures of a Morse variant, from its training samples alone, and the time that each takes."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sw.experiments.difficulty.complexity import borderline, fisher, left_out_error, nearest_error
from sw.experiments.morse.ladder import DATA_SEED, Part
from sw.morse.better import covariance, outlook
from sw.morse.generator import generate
from sw.morse.metrics import difficulty
from sw.morse.moments import Moments
from sw.morse.variants import variant
from sw.sparse.errors import SparseError

__all__ = ["FEWER", "NEAREST", "OWN", "QUERIES", "TREE", "identity", "measure", "measures_of"]

#: samples whose nearest neighbour is looked up, at most, and those where there are very many to look among; of more
#: than `TREE` samples there is no N1
QUERIES, FEWER, TREE = 10_000, 1_000, 32_000
_MANY = 100_000
#: the measure of `sw.morse.better` without its logarithm: V_white D^1.2 / sqrt(n)
OWN = "own"
#: the only one that sees the test split: its samples' nearest neighbours among the training samples
NEAREST = "1-NN, test"
_CHOICE = 1  # seed: which samples, where not all are taken


def identity(part: Part, name: str) -> dict[str, Any]:
    """All that the measures of a variant depend on, for JSON."""
    return {"part": part.name, "variant": name, "per_class": list(part.counts(variant(name))), "seed": DATA_SEED,
            "queries": _queries(part.counts(variant(name))[0] * len(variant(name).settings.class_indices)),
            "tree": TREE}


def _queries(samples: int) -> int:
    return QUERIES if samples < _MANY else FEWER


def measure(part: Part, name: str) -> dict[str, Any]:
    """`measures_of` the samples on which the Morse study trains, and tests, networks."""
    train, _, test = part.counts(variant(name))
    (x, y), (xte, yte) = (generate(variant(name).settings, per_class=count, seed=DATA_SEED, split=split)
                          for count, split in ((train, 0), (test, 1)))
    try:
        return measures_of(x, y, xte, yte)
    except SparseError as error:
        raise SparseError(f"{name}: {error}") from None


def measures_of(x: np.ndarray, y: np.ndarray, xte: np.ndarray, yte: np.ndarray) -> dict[str, Any]:
    """``values`` and processor ``seconds`` by measure; all but `NEAREST` know ``x`` and ``y`` alone.

    ``x``: uint8 (n, features), v worth v/256; ``y``: (n,) labels with equally many samples of each. Every measure rises
    with difficulty. SparseError where V_dist is infinite.
    """
    random = np.random.Generator(np.random.PCG64(_CHOICE))
    queries = _queries(len(x))
    order, of_test = random.permutation(len(x)), random.permutation(len(xte))[:queries]
    # whole numbers: float32 has their squares and sums exactly
    floats, test = x.astype(np.float32), xte[of_test].astype(np.float32)
    values: dict[str, float] = {}
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begin = time.process_time()
        found = work()
        seconds[name] = round(time.process_time() - begin, 3)
        return found

    moments = timed("moments", lambda: Moments.of([(x, y)], 1 / 256))
    old = timed("V_*", lambda: difficulty(moments))
    if old.v_dist is None:
        raise SparseError("two classes have equal centroids, so that V_dist is infinite")
    per_class = len(y) / len(moments.labels)
    new = timed(OWN, lambda: outlook(moments, covariance([(x, y)], moments, 1 / 256), per_class))
    values |= {"V_lower": old.v_lower, "V_upper": old.v_upper, "V_dist": old.v_dist, "V_thresh": float(old.v_thresh)}
    values["F1"] = timed("F1", lambda: fisher(floats, y))
    if len(x) <= TREE:
        values["N1"] = timed("N1", lambda: borderline(floats, y))
    values["N3"] = timed("N3", lambda: left_out_error(floats, y, order[:queries]))
    values[NEAREST] = timed(NEAREST, lambda: nearest_error(floats, y, test, yte[of_test]))
    values |= {OWN: 10 ** new.score, "V_white": new.v_white, "D": new.dimension, "n": per_class}
    return {"values": values, "seconds": seconds}
