"""Every source by its name, taking the first samples, limits of a design, and the errors."""

import gzip
import struct

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.load import SOURCES, load, load_raw


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "toy.npz"
    np.savez(path, xtr=np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 8.0]]), ytr=np.array([0, 1, 4]),
             xte=np.array([[1.0, 2.0], [8.0, 0.0]]), yte=np.array([1, 0]),
             xva=np.array([[4.0, 4.0]]), yva=np.array([2]))
    return path


@pytest.fixture
def idx_folder(tmp_path):
    for stem, array in (("train-images-idx3", np.arange(8).reshape(2, 2, 2)),
                        ("train-labels-idx1", np.array([1, 0])),
                        ("t10k-images-idx3", np.zeros((1, 2, 2))),
                        ("t10k-labels-idx1", np.array([1]))):
        (tmp_path / f"{stem}-ubyte.gz").write_bytes(gzip.compress(
            bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            + array.astype(np.uint8).tobytes()))
    return tmp_path


def test_digits():
    data = load("digits", train=1000, test=200, seed=3)
    whole = load("digits", seed=3)
    assert (len(data.xtr), len(data.xte), len(whole.xtr), len(whole.xte)) == (1000, 200, 1437, 360)
    np.testing.assert_array_equal(data.xtr, whole.xtr[:1000])
    np.testing.assert_array_equal(data.yte, whole.yte[:200])


def test_npz(npz):
    for source in (npz, str(npz)):
        data = load(source)
        assert (data.name, data.classes, str(data.scaling)) == ("toy", 5, "one range for all features, 0 to 8")
        assert data.xtr.tolist() == [[0, 32], [64, 96], [128, 255]]


def test_first_samples_and_the_scale_of_them_all(npz):
    data = load(npz, train=1, test=1, classes=3, features=2)
    assert (data.xtr.tolist(), data.ytr.tolist(), data.scaling.high.tolist()) == ([[0, 32]], [0], [8.0])
    assert (data.xte.tolist(), data.yte.tolist()) == ([[32, 64]], [1])
    assert data.xva.tolist() == [[128, 128]]


def test_idx_folder(idx_folder):
    data = load(f"mnist:{idx_folder}")
    # bytes that use little of their range are scaled unless they are to be taken as they are
    assert (data.name, data.xtr.tolist()) == ("mnist", [[0, 37, 73, 110], [146, 183, 219, 255]])
    assert load(f"mnist:{idx_folder}", scaling="bytes").xtr.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert load(str(idx_folder)).name == idx_folder.name
    assert load(idx_folder, train=1).ytr.tolist() == [1]


@pytest.mark.parametrize(("arguments", "message"), [
    ({"train": 4}, "toy: train must be at most the 3 samples that are there, got 4"),
    ({"test": 3}, "toy: test must be at most the 2 samples that are there, got 3"),
    ({"features": 1}, ("toy: samples must have at most 1 features, the inputs of the design, got 2: take a design with "
                       "more, or one with keep in its [data] table, or fewer features by 'python -m sw.data reduce'")),
    ({"classes": 4}, ("toy: there must be at most 4 classes, those of the design, got number 5, called 4, at ytr[2]: "
                      "take a design with more")),
    ({"classes": 2, "train": 1}, ("toy: there must be at most 2 classes, those of the design, got number 3, called 2, "
                                  "at yva[0]: take a design with more")),
    ({"train": 0}, "train must be a whole number of at least 1, got 0"),
    ({"test": -1}, "test must be a whole number of at least 0, got -1"),
    ({"classes": 0}, "classes must be a whole number of at least 1, got 0"),
    ({"features": 2.5}, "features must be a whole number of at least 1, got 2.5"),
    ({"seed": None}, "seed must be a whole number of at least 0, got None"),
])
def test_load_wrong(npz, arguments, message):
    with pytest.raises(DataError) as error:
        load(npz, **arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(("source", "arguments", "message"), [
    ("morse", {}, "morse: Morse data are generated: 'python -m sw.morse make' writes them to a file first"),
    ("digits", {"classes": 9},
     "digits: there must be at most 9 classes, those of the design, got number 10, called 9, at ytr["),
    ("morze", {}, f"data source must be {SOURCES}, got 'morze'"),
    ("", {}, f"data source must be {SOURCES}, got ''"),
    ("mnist:", {}, f"data source must be {SOURCES}, got 'mnist:'"),
    ("mnist:none", {}, "none: there is no such file or folder"),
    ("none.npz", {}, "none.npz: there is no such file or folder"),
])
def test_load_wrong_source(source, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as error:
        load(source, **arguments)
    assert str(error.value).startswith(message)
    assert message.endswith(("[", ", ")) or str(error.value) == message


def test_raw_features_of_the_first_samples(npz):
    raw = load_raw(npz, train=2, test=1)
    assert raw.features["xtr"].tolist() == [[0, 1], [2, 3]]
    assert {key: y.tolist() for key, y in raw.labels.items()} == {"ytr": [0, 1], "yte": [1], "yva": [2]}
    assert (raw.name, raw.class_names) == ("toy", tuple("01234"))
    assert raw.features["xva"].tolist() == [[4, 4]]
    digits = load_raw("digits", train=100, seed=3)
    np.testing.assert_array_equal(np.minimum(16 * digits.features["xtr"], 255), load("digits", train=100, seed=3).xtr)
    for wrong in ({"train": 4}, {"test": 3}, {"train": 0}, {"test": -1}, {"seed": -1}):
        with pytest.raises(DataError, match=f"{next(iter(wrong))} must be "):
            load_raw(npz, **wrong)


def test_raw_features_must_be_finite_numbers(tmp_path):
    x = np.ones((2, 2))
    np.savez(tmp_path / "x.npz", xtr=x, ytr=[0, 1], xte=x * np.inf, yte=[0, 1])
    with pytest.raises(DataError, match=r"xte must have finite values only, got 4 that are"):
        load_raw(tmp_path / "x.npz")
