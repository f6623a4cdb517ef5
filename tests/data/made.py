"""Made data of the form that the loaders and reductions take."""

from types import SimpleNamespace

import numpy as np

from sw.data.build import Raw

_RNG = np.random.default_rng(1)

#: 300 correlated samples of 6 features, and samples of another spread.
TRAIN = _RNG.standard_normal((300, 6)) @ _RNG.standard_normal((6, 6)) + 3
TEST = 2 * TRAIN[:50] + _RNG.standard_normal((50, 6))


def raw(train=TRAIN, test=TEST):
    labels = {"ytr": np.arange(len(train)) % 3, "yte": np.arange(len(test)) % 3}
    return Raw(name="made", source="made", features={"xtr": train, "xte": test}, labels=labels,
               class_names=("a", "b", "c"))


def flat(raw):
    """The arrays of a `Raw` by their names, None for splits that are not there."""
    arrays = dict.fromkeys(("xva", "yva")) | raw.features | raw.labels
    return SimpleNamespace(name=raw.name, class_names=raw.class_names, classes=len(raw.class_names), **arrays)
