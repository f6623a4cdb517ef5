"""npz datasets: 4 and 6 keys, label forms, image shapes, and every way a file can be wrong."""

import zipfile

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.npz import load_npz
from tests.data.made import flat

LABELS = np.array([2, 0, 1, 2])


def arrays(**changes):
    kept = {"xtr": np.arange(12, dtype=np.uint8).reshape(4, 3), "ytr": LABELS,
            "xte": np.array([[9, 8, 7], [6, 5, 4]], np.uint8), "yte": np.array([1, 0]), **changes}
    return {key: value for key, value in kept.items() if value is not None}


@pytest.fixture
def save(tmp_path):
    def save(compressed=False, **changes):
        path = tmp_path / "toy.npz"
        (np.savez_compressed if compressed else np.savez)(path, **arrays(**changes))
        return path
    return save


def test_four_keys(save):
    data = flat(load_npz(save()))
    assert (data.name, data.classes, data.class_names) == ("toy", 3, ("0", "1", "2"))
    assert data.xva is None
    for key, value in arrays().items():
        np.testing.assert_array_equal(getattr(data, key), value)


def test_six_keys_and_others_that_are_ignored(save):
    data = flat(load_npz(save(compressed=True, xva=np.full((1, 3), 7, np.uint8), yva=np.array([4]),
                              notes=np.array(["text"]))))
    assert (data.xva.tolist(), data.yva.tolist(), data.classes) == ([[7, 7, 7]], [4], 5)


@pytest.mark.parametrize("labels", [
    LABELS.astype(np.uint8), LABELS.astype(np.float32), LABELS[:, None],
    np.eye(3)[LABELS], np.eye(3, dtype=bool)[LABELS], np.eye(3, dtype=np.int8)[LABELS],
], ids=["uint8", "float", "column", "one-hot float", "one-hot bool", "one-hot int8"])
def test_label_forms(save, labels):
    data = flat(load_npz(save(ytr=labels)))
    assert data.ytr.dtype == np.int64
    assert (data.ytr.tolist(), data.classes) == (LABELS.tolist(), 3)


def test_one_hot_width_is_the_number_of_classes(save):
    data = flat(load_npz(save(ytr=np.eye(64)[LABELS], yte=np.eye(64)[[5, 6]])))
    assert (data.classes, data.yte.tolist()) == (64, [5, 6])


def test_images_are_flattened_row_by_row(save):
    xtr = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    data = flat(load_npz(save(xtr=xtr, xte=xtr[:2, :, :])))
    assert data.xtr.tolist() == np.arange(24).reshape(4, 6).tolist()


def test_features_keep_their_type_and_values(save):
    xtr, xte = np.array([[0, 0.5, 1]] * 4, ">f4"), np.array([[4.0, 1, -1], [1, 0, 3]], ">f4")
    data = flat(load_npz(save(xtr=xtr, xte=xte)))
    assert data.xtr.dtype == np.dtype(">f4")
    assert (data.xtr.tolist(), data.xte.tolist()) == (xtr.tolist(), xte.tolist())


def nan_in(shape, index):
    x = np.zeros(shape)
    x[index] = np.nan
    return x


def bad_row(value):
    rows = np.eye(3)[LABELS]
    rows[2, 0] = value
    return rows


@pytest.mark.parametrize(("changes", "message"), [
    ({"yte": None, "xtr": None},
     "must have the keys xtr, ytr, xte, yte; missing xtr, yte, found ytr, xte"),
    ({"yva": LABELS}, "must have both xva and yva or neither, found xtr, ytr, xte, yte, yva"),
    ({"xtr": nan_in((4, 3), (1, 2))}, "xtr must have finite values only, got nan at xtr[1, 2]"),
    ({"xtr": np.arange(4)}, ("xtr must have the shape (samples, features) or "
                             "(samples, rows, columns, ...), got (4,)")),
    ({"xtr": np.zeros((4, 0))}, ("xtr must have the shape (samples, features) or "
                                 "(samples, rows, columns, ...), got (4, 0)")),
    ({"xtr": np.array([["a", "b", "c"]] * 4)}, "xtr must hold real numbers, got type <U1"),
    ({"xte": np.zeros((2, 3))}, ("xtr and xte must both be uint8 or neither, "
                                 "got uint8 and float64")),
    ({"xte": np.zeros((2, 4), np.uint8)}, "xte must have as many features as xtr, got 4 and 3"),
    ({"yte": np.array([0, 1, 1])}, "xte and yte must have as many samples, got 2 and 3"),
    ({"xtr": np.zeros((0, 3), np.uint8), "ytr": np.zeros(0, np.int64)},
     "xtr must have at least one sample, got 0"),
    ({"ytr": np.array([0, 1, -1, 2])},
     "ytr must hold whole class indices 0..65535, got -1 at ytr[2]"),
    ({"ytr": np.array([0, 1.5, 1, 2])},
     "ytr must hold whole class indices 0..65535, got 1.5 at ytr[1]"),
    ({"ytr": np.array([np.nan, 1, 1, 2])},
     "ytr must hold whole class indices 0..65535, got nan at ytr[0]"),
    ({"yte": np.array([0, 2**63], np.uint64)},
     f"yte must hold whole class indices 0..65535, got {2**63} at yte[1]"),
    ({"yte": np.array(["1", "0"])},
     "yte must hold class indices or one-hot rows, got type <U1"),
    ({"ytr": np.zeros((4, 3, 2), int)},
     "ytr must have the shape (samples,) or (samples, classes), got (4, 3, 2)"),
    ({"ytr": bad_row(1)}, "ytr must have exactly one 1 and zeros in each row, which row 2 has not"),
    ({"ytr": bad_row(0.1)},
     "ytr must have exactly one 1 and zeros in each row, which row 2 has not"),
    ({"ytr": bad_row(np.nan)},
     "ytr must have exactly one 1 and zeros in each row, which row 2 has not"),
    ({"ytr": np.zeros((4, 3))},
     "ytr must have exactly one 1 and zeros in each row, which row 0 has not"),
    ({"ytr": np.eye(3)[LABELS], "yte": np.eye(4)[[0, 1]]},
     "one-hot labels must be equally wide, got ytr 3, yte 4"),
    ({"ytr": np.array([0, None, 1, 2])},
     ("ytr must be an array of numbers, but it cannot be read: "
      "Object arrays cannot be loaded when allow_pickle=False")),
])
def test_npz_wrong_arrays(save, changes, message):
    path = save(**changes)
    with pytest.raises(DataError) as error:
        load_npz(path)
    assert str(error.value) == f"{path}: {message}"


def test_npz_wrong_files(tmp_path, save):
    def message(path):
        with pytest.raises(DataError) as error:
            load_npz(path)
        text = str(error.value)
        assert text.startswith(f"{path}: ")
        assert "\n" not in text
        return text.removeprefix(f"{path}: ")

    assert message(tmp_path / "none.npz") == "there is no such file"
    assert message(tmp_path) == "there is no such file"
    text = tmp_path / "text.npz"
    text.write_text("no archive")
    assert message(text) == "not an npz file (a zip archive of arrays)"

    path = save(compressed=True, xtr=np.arange(12_000, dtype=np.uint8).reshape(4, 3000) * 7)
    whole = bytearray(path.read_bytes())
    whole[200] ^= 0xFF  # within the data of the first array
    path.write_bytes(whole)
    assert message(path).startswith("cannot be read: ")

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xtr", b"abc")
        for key in ("ytr", "xte", "yte"):
            archive.writestr(key, b"")
    assert message(path) == "xtr must be an array of numbers, got 3 plain bytes"
    with zipfile.ZipFile(path, "w"):
        pass
    assert message(path) == ("must have the keys xtr, ytr, xte, yte; "
                             "missing xtr, ytr, xte, yte, found none")
