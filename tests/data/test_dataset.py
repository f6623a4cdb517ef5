"""The dataset object: what it accepts, and one error per rule, its message in full."""

import numpy as np
import pytest

from sw.data.dataset import DataError, Dataset


def parts(**changes):
    return {"name": "toy", "xtr": np.zeros((4, 3), np.uint8), "ytr": np.array([0, 1, 2, 1]),
            "xte": np.zeros((2, 3), np.uint8), "yte": np.array([2, 0]), "classes": 3,
            "class_names": ("a", "b", "c"), **changes}


def test_dataset():
    data = Dataset(**parts())
    assert (data.features, data.scaling.kind, data.xva, data.yva) == (3, "bytes", None, None)
    with pytest.raises(AttributeError):
        data.classes = 4


def test_splits_that_may_be_empty_or_there():
    data = Dataset(**parts(xte=np.zeros((0, 3), np.uint8), yte=np.zeros(0, np.int64),
                           xva=np.ones((1, 3), np.uint8), yva=np.array([1])))
    assert (data.xte.shape, data.xva.shape) == ((0, 3), (1, 3))


@pytest.mark.parametrize(("changes", "message"), [
    ({"classes": 0}, "toy: classes must be at least 1, got 0"),
    ({"class_names": ("a",)},
     "toy: class_names must have one name for each of the 3 classes, got 1"),
    ({"xva": np.zeros((1, 3), np.uint8)}, "toy: xva and yva must be given together"),
    ({"xtr": np.zeros((4, 3))},
     "toy: xtr must be uint8 (samples, features), got float64 (4, 3)"),
    ({"xte": np.zeros(6, np.uint8)}, "toy: xte must be uint8 (samples, features), got uint8 (6,)"),
    ({"yte": np.array([[0], [1]])}, "toy: yte must be int64 (samples,), got int64 (2, 1)"),
    ({"ytr": np.zeros(4, np.uint8)}, "toy: ytr must be int64 (samples,), got uint8 (4,)"),
    ({"yte": np.array([0])}, "toy: xte and yte must have as many samples, got 2 and 1"),
    ({"xte": np.zeros((2, 4), np.uint8)},
     "toy: xte must have as many features as xtr, got 4 and 3"),
    ({"ytr": np.array([0, 1, 3, -1])}, "toy: labels must be 0..2, got 3 at ytr[2]"),
    ({"yte": np.array([0, -1])}, "toy: labels must be 0..2, got -1 at yte[1]"),
    ({"xtr": np.zeros((0, 3), np.uint8), "ytr": np.zeros(0, np.int64)},
     "toy: xtr must have at least one sample, got 0"),
])
def test_dataset_wrong(changes, message):
    with pytest.raises(DataError) as error:
        Dataset(**parts(**changes))
    assert str(error.value) == message
