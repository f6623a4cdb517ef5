"""From raw arrays of a file to a `Dataset`: shapes, labels, class names, 8 bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sw.data.dataset import DataError, Dataset
from sw.data.labels import class_indices
from sw.data.scale import check_numbers
from sw.data.split import stratified
from sw.design.errors import DesignError
from sw.design.scaling import FeatureScaling

_BLOCK = 1 << 24  # values that are reordered at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class Raw:
    """A dataset whose features are still as they were given.

    Parameters
    ----------
    name, source
        Name of the dataset, and what to call the data in error messages.
    features
        xtr, xte and perhaps xva: (samples, features), equally wide, of any type.
    labels
        ytr, yte and perhaps yva: class indices, int64 (samples,), as many as there are samples.
    class_names
        The name of each class.
    notes
        What was done to it that its user should know, in words.
    sample_shape
        Of a sample before it was flattened, such as (rows, columns); () where it was flat or that is not known.
    whole
        The features of all training samples where `features` has only the first of them, else None.
    """

    name: str
    source: str
    features: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    sample_shape: tuple[int, ...] = ()
    whole: np.ndarray | None = None

    @property
    def to_fit(self) -> np.ndarray:
        """The training features that a scaling is fitted to, so that it does not depend on how many are taken."""
        return self.features["xtr"] if self.whole is None else self.whole

    def first(self, train: int | None, test: int | None) -> "Raw":
        """The first samples of the training and of the test split; None: all. DataError if there are fewer."""
        for split, name, asked in (("tr", "train", train), ("te", "test", test)):
            there = len(self.labels[f"y{split}"])
            if asked is not None and asked > there:
                raise DataError(f"{self.name}: {name} must be at most the {there} samples that are there, got {asked}")
        most = {"tr": train, "te": test, "va": None}
        return replace(self, features={key: x[: most[key[1:]]] for key, x in self.features.items()},
                       labels={key: y[: most[key[1:]]] for key, y in self.labels.items()},
                       whole=None if train is None else self.to_fit)

    def scaled(self, scaling: FeatureScaling, reason: str = "") -> Dataset:
        """The same with 8-bit features. DataError if they cannot be had by this scaling."""
        try:
            features = {split: scaling(x) for split, x in self.features.items()}
        except DesignError as error:
            raise DataError(f"{self.source}: {error}") from None
        return Dataset(name=self.name, classes=len(self.class_names), class_names=self.class_names, scaling=scaling,
                       scaling_reason=reason, **features, **self.labels)


def raw_of(name: str, arrays: Mapping[str, np.ndarray], source: str, *, seed: int = 1,
           class_names: Sequence[str] | None = None) -> Raw:
    """The raw arrays as a dataset whose shapes, numbers and labels are right.

    Parameters
    ----------
    name
        Name of the dataset.
    arrays
        Features and labels of each split: xtr, ytr and perhaps xte, yte and xva, yva; or x and y, one piece. Features
        (samples, ...) are flattened to (samples, features), the last axis running fastest, as they are stored. Labels
        are as in `sw.data.labels`. Where there is no test split, the validation split takes its place; where there is
        neither, a fifth of the samples, stratified, drawn from `seed`; then the features may be reordered in place.
    source
        What to call the data in error messages.
    class_names
        What to call the classes instead of by their labels, at least one for each.

    Raises
    ------
    DataError
        Wrong shape of an array; wrong labels; numbers of samples or features that differ; features that are not
        finite real numbers.
    """
    arrays, notes = dict(arrays), []
    if "x" in arrays:
        arrays["xtr"], arrays["ytr"] = arrays.pop("x"), arrays.pop("y")
    if "xte" not in arrays and "xva" in arrays:
        arrays["xte"], arrays["yte"] = arrays.pop("xva"), arrays.pop("yva")
        notes.append("no test split: the validation split takes its place")
    there = [split for split in ("tr", "te", "va") if f"x{split}" in arrays]
    for split in there:
        if _is_qmnist(arrays[f"y{split}"]):
            arrays[f"y{split}"] = arrays[f"y{split}"][:, 0]
            notes.append(f"y{split} has 8 columns, as QMNIST's: the first is the class")
    shapes = {arrays[f"x{split}"].shape[1:] for split in there if arrays[f"x{split}"].ndim > 2}
    if len(shapes) > 1:
        raise DataError(f"{source}: samples must have the same shape in all splits, got "
                        f"{' and '.join(map(str, sorted(shapes)))}")
    features = {f"x{split}": _flattened(f"x{split}", arrays[f"x{split}"], source) for split in there}
    labels, names = class_indices({f"y{split}": arrays[f"y{split}"] for split in there}, source)
    for split in there:
        _check_counts(split, features, labels, source)
    check_numbers(features, source)  # last, as it is slow on big data and would hide a plainer mistake
    if "xte" not in features:
        train, test = stratified(labels["ytr"], seed)
        ordered = _reordered(features["xtr"], np.concatenate([train, test]))
        features = {"xtr": ordered[: len(train)], "xte": ordered[len(train) :]}
        labels = {"ytr": labels["ytr"][train], "yte": labels["ytr"][test]}
        notes.append(f"one piece: {len(test):,} of its {len(train) + len(test):,} samples were drawn for the test, "
                     f"stratified, seed {seed}")
    if class_names is not None:
        if len(class_names) < len(names):
            raise DataError(f"{source}: class_names must have one name for each of the {len(names)} classes of the "
                            f"labels, got {len(class_names)}")
        names = tuple(str(name) for name in class_names)
    return Raw(name=name, source=source, features=features, labels=labels, class_names=names, notes=tuple(notes),
               sample_shape=next(iter(shapes), ()))


def _is_qmnist(y: np.ndarray) -> bool:
    """Whether labels are QMNIST's, idx files of 32 bits: the class, then where the sample is from (C. Yadav, L. Bottou,
    "Cold Case: The Lost MNIST Digits", 2019)."""
    return y.ndim == 2 and y.shape[1] == 8 and y.dtype == ">i4" and bool((y > 1).any())


def _reordered(x: np.ndarray, order: np.ndarray) -> np.ndarray:
    """``x[order]``, a few columns at a time and in place where that may be: x can be half of what memory holds."""
    if not x.flags.writeable:
        return x[order]
    columns = max(1, _BLOCK // len(x))
    for start in range(0, x.shape[1], columns):
        x[:, start : start + columns] = x[order, start : start + columns]
    return x


def _flattened(name: str, x: np.ndarray, source: str) -> np.ndarray:
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise DataError(f"{source}: {name} must have the shape (samples, features) or "
                        f"(samples, rows, columns, ...), got {x.shape}")
    return x.reshape(len(x), int(np.prod(x.shape[1:])))


def _check_counts(split: str, features: dict[str, np.ndarray], labels: dict[str, np.ndarray],
                  source: str) -> None:
    x, y = features[f"x{split}"], labels[f"y{split}"]
    if len(x) != len(y):
        raise DataError(f"{source}: x{split} and y{split} must have as many samples, "
                        f"got {len(x)} and {len(y)}")
    if x.shape[1] != features["xtr"].shape[1]:
        raise DataError(f"{source}: x{split} must have as many features as xtr, "
                        f"got {x.shape[1]} and {features['xtr'].shape[1]}")
    if split == "tr" and len(x) == 0:
        raise DataError(f"{source}: xtr must have at least one sample, got 0")
