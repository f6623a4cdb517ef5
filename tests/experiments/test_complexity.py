"""Measures of complexity against a package's figures, what they may know, and how they are kept."""

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits

from sw.experiments.difficulty import measures, store
from sw.experiments.difficulty.complexity import borderline, fisher, left_out_error, nearest_error, spanning_tree
from sw.experiments.difficulty.measures import NEAREST, OWN, measures_of
from sw.experiments.morse.ladder import Part
from sw.morse.generator import generate
from sw.morse.settings import BASELINE


def test_as_pymfe_computes_them():
    # MFEComplexity of pymfe 0.4.4 with scipy's Euclidean distances: ft_n1, mean of ft_n3, least of ft_f1
    x, y = (each[::3] for each in load_digits(return_X_y=True))
    assert borderline(x, y) == pytest.approx(0.09181969949916527, rel=1e-12)
    assert left_out_error(x, y, np.arange(len(y))) == pytest.approx(0.03005008347245409, rel=1e-12)
    assert fisher(x, y) == pytest.approx(0.3667441195279293, rel=1e-12)


@pytest.mark.parametrize("samples", [1, 2, 700])
def test_the_spanning_tree_is_as_short_as_scipys(samples):
    x = np.random.Generator(np.random.PCG64(samples)).normal(size=(samples, 5)).astype(np.float32)
    edges = spanning_tree(x)
    assert len(edges) == samples - 1
    assert len(np.unique(edges)) == (samples if samples > 1 else 0)
    distances = cdist(x, x)
    due = minimum_spanning_tree(distances).sum()
    assert distances[edges[:, 0], edges[:, 1]].sum() == pytest.approx(due, rel=1e-6)


def test_by_hand():
    # 0 - 1 - 3 - 4 on a line; the classes change between 1 and 3
    x, y = np.array([[0.0], [1], [3], [4]]), np.array([0, 0, 1, 1])
    assert borderline(x, y) == 0.5
    assert left_out_error(x, y, np.arange(4)) == 0
    assert nearest_error(x, y, np.array([[1.9], [2.1]]), np.array([1, 1])) == 0.5
    # means 1/2 and 7/2, variances 1/4: r = (3/2)² / (1/4)
    assert fisher(x, y) == pytest.approx(1 / 10)


def test_a_sample_is_not_its_own_neighbour():
    x, y = np.array([[0.0], [0], [0], [5]]), np.array([0, 1, 0, 1])
    assert left_out_error(x, y, np.array([3])) == 1 - (y[0] == 1)
    assert nearest_error(x, y, x[3:], y[3:]) == 0  # the fault: the sample itself is there
    assert left_out_error(np.array([[0.0], [1]]), np.array([0, 1]), np.arange(2)) == 1


@pytest.fixture(scope="module")
def small():
    return [generate(BASELINE, per_class=6, seed=1, split=split) for split in (0, 1)]


def test_only_the_one_that_says_so_sees_the_test_split(small):
    (x, y), (xte, yte) = small
    before = measures_of(x, y, xte, yte)["values"]
    # the fault would be any other measure that follows
    after = measures_of(x, y, 255 - xte, (yte + 1) % 64)["values"]
    assert {name for name in before if before[name] != after[name]} == {NEAREST}
    assert before["n"] == 6
    assert {"V_lower", "V_upper", "V_dist", "V_thresh", "F1", "N1", "N3", NEAREST, OWN} <= set(before)


def test_a_leak_of_labels_would_be_seen(small):
    (x, y), (xte, yte) = small
    honest = measures_of(x, y, xte, yte)["values"]
    leaking = np.concatenate([x, (4 * y[:, None]).astype(np.uint8)], axis=1)  # the fault: a feature is the label
    found = measures_of(leaking, y, xte=np.concatenate([xte, xte[:, :1]], axis=1), yte=yte)["values"]
    assert found["F1"] == 0 < honest["F1"]
    assert found["N3"] < honest["N3"]


def test_what_was_measured_is_not_measured_again(tmp_path, monkeypatch):
    part = Part("short", ("size-50", "size-100"), 0.1, 1)
    first = store.measured([part], tmp_path)
    assert first["short"]["size-50"]["values"]["n"] == 5
    monkeypatch.setattr(store, "measure", lambda *_: pytest.fail("measured again"))
    assert store.measured([part], tmp_path) == first
    more = Part("short", (*part.variants, "size-250"), 0.1, 1)
    assert store.measured([more], tmp_path, kept_only=True) == first
    monkeypatch.setattr(measures, "TREE", 10)  # then the kept ones are of something else
    with pytest.raises(pytest.fail.Exception, match="measured again"):
        store.measured([part], tmp_path)
