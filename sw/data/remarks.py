"""What a person would want to know of a dataset before training on it."""

from collections.abc import Iterator

import numpy as np

from sw.data.affine import gaussian
from sw.data.build import Raw

__all__ = ["remarks"]

_FEW = 5  # training samples of a class
_MOST = 0.8  # share of one class
_TRAIN, _TEST = 2000, 500  # samples that the nearest neighbour is looked for among, and for
_SURE = 3.0  # standard deviations above guessing


def remarks(raw: Raw) -> list[str]:
    """A line for each thing: samples that are in both splits, features that never vary, classes with few samples or
    none to train on, one class that is nearly all, labels that seem to have nothing to do with the features."""
    return [*_duplicates(raw), *_constant(raw), *_classes(raw), *_shuffled(raw)]


def _duplicates(raw: Raw) -> Iterator[str]:
    test = [row.tobytes() for row in raw.features["xte"]]
    wanted = set(test)
    common = {key for row in raw.features["xtr"] if (key := row.tobytes()) in wanted}
    count = sum(key in common for key in test)
    if count:
        equal = "equals" if count == 1 else "equal"
        yield (f"{count:,} of {len(test):,} test samples {equal} a training sample in all features: how such samples "
               "are classified says nothing about new ones")


def _constant(raw: Raw) -> Iterator[str]:
    xtr = raw.features["xtr"]
    count = int((xtr.min(axis=0) == xtr.max(axis=0)).sum())
    if count:
        are = "is" if count == 1 else "are"
        yield (f"{count:,} of {xtr.shape[1]:,} features {are} the same in all training samples: nothing can be learnt "
               "from such features")


def _classes(raw: Raw) -> Iterator[str]:
    train = np.bincount(raw.labels["ytr"], minlength=len(raw.class_names))
    others = np.concatenate([y for key, y in raw.labels.items() if key != "ytr"])
    elsewhere = np.bincount(others, minlength=len(raw.class_names))

    def listed(which: np.ndarray) -> str:
        names = [f"{raw.class_names[i]} ({train[i]})" for i in np.flatnonzero(which)]
        return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

    if (train > 0).sum() == 1:
        yield f"all training samples are of one class, {raw.class_names[int(train.argmax())]}"
    elif train.max() >= _MOST * train.sum():
        yield (f"{train.max() / train.sum():.0%} of the training samples are of one class, "
               f"{raw.class_names[int(train.argmax())]}: always answering it is right as often")
    if ((train == 0) & (elsewhere > 0)).any():
        yield f"classes in other splits without a training sample: {listed((train == 0) & (elsewhere > 0))}"
    if ((train == 0) & (elsewhere == 0)).any():
        yield f"classes without any sample: {listed((train == 0) & (elsewhere == 0))}"
    if ((train > 0) & (train < _FEW)).any():
        yield f"classes with fewer than {_FEW} training samples: {listed((train > 0) & (train < _FEW))}"


def _shuffled(raw: Raw) -> Iterator[str]:
    """The nearest neighbour among some training samples, features standardised, should know more than the most
    frequent class does."""
    xtr, ytr = _some(raw.features["xtr"], raw.labels["ytr"], _TRAIN)
    xte, yte = _some(raw.features["xte"], raw.labels["yte"], _TEST)
    classes = len(np.unique(ytr))
    if len(yte) < 20 or classes < 2:
        return
    with np.errstate(all="ignore"):
        fit = gaussian(xtr)
        train, test = fit(xtr), fit(xte)
        distance = (train * train).sum(axis=1) - 2 * test @ train.T
    right = float((ytr[distance.argmin(axis=1)] == yte).mean())
    # what a neighbour drawn at random would get
    chance = float((np.bincount(ytr, minlength=1) / len(ytr))[np.minimum(yte, ytr.max())].mean())
    if right < chance + _SURE * np.sqrt(max(chance * (1 - chance), 1e-9) / len(yte)):
        yield (f"the nearest training sample has the same label for {right:.1%} of the test samples, a random one for "
               f"{chance:.1%}: are the labels those of these samples, in the same order?")


def _some(x: np.ndarray, y: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    step = max(1, -(-len(x) // most))
    return x[::step], y[::step]
