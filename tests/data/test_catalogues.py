"""Sets by name: scikit-learn's bundled ones, and stand-ins for those that are fetched."""

import sys
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import datasets

from sw.data.catalogues import digits
from sw.data.dataset import DataError
from sw.data.load import load, load_raw
from tests.data.made import flat


def rows(x, y):
    return Counter(row.tobytes() + bytes([label]) for row, label in zip(x, y, strict=True))


def test_digits_are_all_in_exactly_one_split():
    data = flat(digits(seed=1))
    assert (data.xtr.shape, data.xte.shape, data.class_names) == ((1437, 64), (360, 64), tuple("0123456789"))
    expected = rows(*datasets.load_digits(return_X_y=True))
    assert rows(data.xtr, data.ytr) + rows(data.xte, data.yte) == expected
    wrong = data.yte.copy()  # planted: one label changed
    wrong[0] = (wrong[0] + 1) % 10
    assert rows(data.xtr, data.ytr) + rows(data.xte, wrong) != expected


def test_the_seed_decides_the_split():
    first, again, other = (flat(digits(seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.xtr, again.xtr)
    assert (first.ytr != other.ytr).any()
    assert (first.ytr != datasets.load_digits(return_X_y=True)[1][:1437]).mean() > 0.8


@pytest.mark.parametrize(("name", "samples", "features", "names"), [
    ("iris", (120, 30), 4, ("setosa", "versicolor", "virginica")),
    ("wine", (142, 36), 13, ("class_0", "class_1", "class_2")),
    ("breast_cancer", (456, 113), 30, ("malignant", "benign")),
    ("digits", (1437, 360), 64, tuple("0123456789")),
])
def test_bundled_sets(name, samples, features, names):
    data = load(f"sklearn:{name}")
    assert ((len(data.xtr), len(data.xte)), data.features, data.class_names) == (samples, features, names)
    assert data.scaling.kind == ("global" if name == "digits" else "per_feature")


def message(source):
    with pytest.raises(DataError) as error:
        load_raw(source)
    return str(error.value)


def test_wrong_names(monkeypatch):
    assert message("sklearn:diabetes") == ("sklearn:diabetes: must be one of iris, wine, breast_cancer, digits, the "
                                           "bundled sets for classification")
    with pytest.raises(DataError, match=r"^seed must be a whole number of at least 0, got -1$"):
        digits(seed=-1)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert message("digits") == "digits: needs scikit-learn, which is not installed (pip install scikit-learn)"
    assert message("sklearn:wine").startswith("sklearn:wine: needs scikit-learn")


def test_openml_by_a_stand_in(monkeypatch):
    asked = []

    def fetch(**options):
        asked.append(options)
        if options.get("name") == "none":
            raise OSError("no route to host")
        return SimpleNamespace(data=np.arange(20.0).reshape(10, 2), target=np.array(["b", "a"] * 5, object))

    monkeypatch.setattr(datasets, "fetch_openml", fetch)
    data = load("openml:mine")
    assert (data.name, len(data.xtr), data.class_names) == ("mine", 8, ("a", "b"))
    load("openml:61")
    assert [{k: v for k, v in one.items() if k in ("name", "data_id")} for one in asked] == [
        {"name": "mine"}, {"data_id": 61}]
    assert message("openml:none") == "openml:none: cannot be fetched: no route to host"


def test_torchvision_by_a_stand_in(monkeypatch):
    class Made:
        def __init__(self, root, train, download):
            self.data = np.full((6 if train else 2, 3, 3), 200, np.uint8)
            self.targets = [0, 1] * (3 if train else 1)

    class Other:
        def __init__(self, root, split):
            pass

    monkeypatch.setitem(sys.modules, "torchvision", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "torchvision.datasets", SimpleNamespace(Made=Made, Other=Other))
    data = load("torchvision:Made")
    assert (data.xtr.shape, data.xte.shape, data.scaling.kind) == ((6, 9), (2, 9), "bytes")
    assert message("torchvision:None_") == "torchvision:None_: torchvision.datasets has no None_"
    assert message("torchvision:Other") == ("torchvision:Other: only sets with a training and a test part and data and "
                                            "targets are taken")
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    assert message("torchvision:MNIST") == ("torchvision:MNIST: needs torchvision, which is not installed (pip install "
                                            "torchvision)")
