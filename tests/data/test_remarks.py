"""What is worth knowing of a dataset: each remark for data that call for it, and none for data that do not."""

import numpy as np
import pytest

from sw.data.build import Raw
from sw.data.load import load_raw
from sw.data.remarks import remarks

RNG = np.random.Generator(np.random.PCG64(1))


def made(classes=3, train=60, test=30, names=None, **changes):
    """Classes apart by a unit in each feature, with little noise."""
    ytr, yte = np.arange(train) % classes, np.arange(test) % classes
    parts = {"ytr": ytr, "yte": yte}
    for split, y in (("xtr", ytr), ("xte", yte)):
        parts[split] = y[:, None] + 0.1 * RNG.normal(size=(len(y), 4))
    parts |= changes
    return Raw(name="m", source="m", class_names=names or tuple("abcdefgh"[:classes]),
               features={key: parts[key] for key in ("xtr", "xte")}, labels={key: parts[key] for key in ("ytr", "yte")})


def test_none_where_all_is_well():
    assert remarks(made()) == []
    for name in ("wine", "breast_cancer"):
        assert remarks(load_raw(f"sklearn:{name}")) == []
    # two flowers of one class have the same four measures
    assert [line.partition(" a ")[0] for line in remarks(load_raw("sklearn:iris"))] == ["1 of 30 test samples equals"]
    assert [line for line in remarks(load_raw("digits")) if "same in all" not in line] == []


def test_duplicates():
    data = made()
    data.features["xte"][:3] = data.features["xtr"][[0, 7, 7]]
    (line,) = remarks(data)
    assert line == ("3 of 30 test samples equal a training sample in all features: how such samples are classified "
                    "says nothing about new ones")
    data = made()
    data.features["xte"][0] = data.features["xtr"][5]
    assert remarks(data)[0].startswith("1 of 30 test samples equals a training sample")


def test_constant_features():
    data = made()
    data.features["xtr"][:, 1] = 4
    assert remarks(data) == [
        "1 of 4 features is the same in all training samples: nothing can be learnt from such features"]


@pytest.mark.parametrize(("ytr", "yte", "names", "lines"), [
    ([0] * 60, [0] * 10, "a", ["all training samples are of one class, a"]),
    ([0] * 54 + [1] * 6, [0] * 10, "ab",
     ["90% of the training samples are of one class, a: always answering it is right as often"]),
    ([0] * 30 + [1] * 30, [0, 2], "abc", ["classes in other splits without a training sample: c (0)"]),
    ([0] * 30 + [1] * 30, [0, 1], "abc", ["classes without any sample: c (0)"]),
    ([0] * 30 + [1] * 28 + [2] * 2, [0], "abc", ["classes with fewer than 5 training samples: c (2)"]),
])
def test_classes(ytr, yte, names, lines):
    data = made(train=60, test=len(yte), ytr=np.array(ytr), yte=np.array(yte), names=tuple(names))
    assert remarks(data) == lines


def test_many_small_classes_are_cut_short():
    data = made(train=10, ytr=np.arange(10), yte=np.zeros(30, int), names=tuple("abcdefghij"))
    (line, *_) = [line for line in remarks(data) if "fewer" in line]
    assert line.endswith("g (1), h (1) and 2 more")


def test_shuffled_labels():
    data = made(train=600, test=300)
    assert remarks(data) == []
    data.labels["ytr"][:] = RNG.permutation(data.labels["ytr"])
    (line,) = remarks(data)
    assert "are the labels those of these samples, in the same order?" in line


def test_labels_that_no_line_can_separate_are_not_called_shuffled():
    x = RNG.integers(0, 2, (600, 2))
    y = x[:, 0] ^ x[:, 1]
    x = x + 0.1 * RNG.normal(size=x.shape)
    data = made(xtr=x[:500], ytr=y[:500], xte=x[500:], yte=y[500:], names=("0", "1"))
    assert remarks(data) == []
