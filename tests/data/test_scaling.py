"""The choice of a scaling and its robust ranges: by the rule, by hand-worked quartiles, and the errors in full."""

import numpy as np
import pytest
from sklearn import datasets

from sw.data import scaling
from sw.data.dataset import DataError
from sw.data.scaling import fit_scaling, ranges

RNG = np.random.Generator(np.random.PCG64(1))
IMAGE = RNG.integers(0, 256, (50, 9), dtype=np.uint8)
UNLIKE = np.stack([RNG.normal(0, 1, 50), RNG.normal(1000, 50, 50), RNG.normal(0, 0.01, 50)], axis=1)


@pytest.mark.parametrize(("x", "kind", "low", "high"), [
    (IMAGE, "bytes", [], []),
    (IMAGE // 16, "global", [0], [15]),
    (IMAGE // 128, "global", [0], [1]),
    (IMAGE / 255, "global", [0], [1]),
    (IMAGE.astype(np.int8), "global", [-128], [127]),
    (IMAGE > 9, "global", [0], [1]),
    (UNLIKE, "per_feature", UNLIKE.min(axis=0).tolist(), UNLIKE.max(axis=0).tolist()),
    (UNLIKE.astype(np.float32).astype(">f8"), "per_feature", None, None),
])
def test_auto(x, kind, low, high):
    found, _ = fit_scaling(x)
    assert found.kind == kind
    if low is not None:
        assert (found.low.tolist(), found.high.tolist()) == (low, high)


@pytest.mark.parametrize(("name", "kind"), [
    ("digits", "global"), ("wine", "per_feature"), ("breast_cancer", "per_feature"), ("iris", "per_feature"),
])
def test_auto_of_known_data(name, kind):
    assert fit_scaling(getattr(datasets, f"load_{name}")(return_X_y=True)[0])[0].kind == kind


def test_the_reason_is_told():
    assert fit_scaling(IMAGE)[1] == f"they reach {IMAGE.max()} of 255"
    assert fit_scaling(IMAGE, "global")[1] == "asked for"
    assert fit_scaling(UNLIKE)[1].startswith("0% of the features that vary use half of the common range, -")


def test_the_kept_features_are_those_that_vary_most_and_alone_make_the_scale():
    x = np.array([[0, 100, 0, 9, 0], [0, 255, 8, 0, 8]], np.uint8)
    assert fit_scaling(x, keep=1)[0].kind == "bytes"
    x[:, 1] = 200
    found, why = fit_scaling(x, keep=2)  # of equal variances the first
    assert found.kept.tolist() == [False, False, True, True, False]
    assert (found.kind, found.high.tolist()) == ("global", [9])
    assert why == "100% of the features that vary use half of the common range, 0 to 9"
    assert found(x).tolist() == [[0, 255], [228, 0]]
    assert len(fit_scaling(UNLIKE, keep=2)[0].low) == 2
    with pytest.raises(DataError) as error:
        fit_scaling(x, "bytes", "file", keep=6)
    assert str(error.value) == "file: keep must be at most the 5 features that are there, got 6"


def test_ranges_end_at_three_interquartile_ranges():
    # of 0..8 the quartiles are 2 and 6: fences at -10 and 18
    column = np.arange(9.0)
    for far, kept in ((18.0, 18.0), (1e6, 18.0)):
        column[8] = far
        assert [found.tolist() for found in ranges(column[:, None])] == [[0.0], [kept]]
    column[:] = np.arange(9.0)
    column[0] = -1e9
    assert [found.tolist() for found in ranges(column[:, None])] == [[-10.0], [8.0]]


def test_ranges_of_features_that_are_mostly_one_value():
    sparse = np.zeros(100)
    sparse[:9] = np.arange(1, 10)  # of 1..9 the quartiles are 3 and 7: fences at -9 and 19
    assert [found.tolist() for found in ranges(sparse[:, None])] == [[0.0], [9.0]]
    sparse[8] = 1e6
    assert [found.tolist() for found in ranges(sparse[:, None])] == [[0.0], [19.0]]
    flags = np.zeros(100)
    flags[3] = 1
    assert [found.tolist() for found in ranges(np.stack([flags, np.full(100, 7.0)], axis=1))] == [[0, 7], [1, 7]]


def test_ranges_in_blocks_and_of_some_rows(monkeypatch):
    whole = [found.tolist() for found in ranges(UNLIKE)]
    monkeypatch.setattr(scaling, "_BLOCK", 50)
    assert [found.tolist() for found in ranges(UNLIKE)] == whole
    monkeypatch.setattr(scaling, "_ROWS", 25)
    some = UNLIKE[::2]
    assert [found.tolist() for found in ranges(UNLIKE)] == [some.min(axis=0).tolist(), some.max(axis=0).tolist()]


@pytest.mark.parametrize(("x", "wish", "message"), [
    (np.zeros((0, 2)), "auto", "file: xtr must have at least one sample to scale by, got 0"),
    (np.full((2, 2), 0.5), "auto", "file: xtr must have values that differ, got 0.5 everywhere"),
    (np.array([[1.0, 2.0]] * 3), "auto", "file: no feature differs between the samples of xtr"),
    (np.full((1, 1), 0.25), "bytes", ("file: the scaling bytes needs whole numbers 0..255, got type float64 and values "
                                      "0.25 to 0.25; others: auto, global, per_feature")),
    (np.array([[-1.5e308], [1.5e308]]), "global", ("file: xtr must have a range below 1.8e308, got values from "
                                                   "-1.5e+308 to 1.5e+308")),
])
def test_wrong(x, wish, message):
    with pytest.raises(DataError) as error, np.errstate(over="ignore"):
        fit_scaling(x, wish, "file")
    assert str(error.value) == message
