"""The bundled digits: sizes, a split that loses nothing, and the missing package."""

import sys
from collections import Counter

import numpy as np
import pytest
from sklearn.datasets import load_digits as bundled

from sw.data.dataset import DataError
from sw.data.digits import load_digits
from tests.data.made import flat


def rows(x, y):
    return Counter(bytes(row) + bytes([label]) for row, label in zip(x, y, strict=True))


def test_digits():
    data = flat(load_digits(seed=1))
    assert (data.xtr.shape, data.xte.shape) == ((1437, 64), (360, 64))
    assert (data.classes, data.class_names) == (10, tuple("0123456789"))
    assert set(np.unique(data.xtr)) == set(range(17))


def test_every_sample_is_in_exactly_one_split():
    x, y = bundled(return_X_y=True)
    expected = rows(x, y)
    data = flat(load_digits(seed=1))
    assert rows(data.xtr, data.ytr) + rows(data.xte, data.yte) == expected
    wrong = data.yte.copy()  # planted: one label changed
    wrong[0] = (wrong[0] + 1) % 10
    assert rows(data.xtr, data.ytr) + rows(data.xte, wrong) != expected


def test_seed_decides_the_split():
    first, again, other = (flat(load_digits(seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.xtr, again.xtr)
    np.testing.assert_array_equal(first.yte, again.yte)
    assert (first.ytr != other.ytr).any()
    unshuffled = bundled(return_X_y=True)[1][:1437]
    assert (first.ytr != unshuffled).mean() > 0.8


def test_digits_wrong(monkeypatch):
    with pytest.raises(DataError) as error:
        load_digits(seed=-1)
    assert str(error.value) == "seed must be a whole number of at least 0, got -1"
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(DataError) as error:
        load_digits()
    assert str(error.value) == ("digits: need scikit-learn, which is not installed "
                                "(pip install scikit-learn)")
