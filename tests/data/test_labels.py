"""Labels of every customary form, and those that are refused, their messages in full."""

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.labels import class_indices

PLAIN = np.array([0, 2, 1, 2])


@pytest.mark.parametrize(("y", "indices", "names"), [
    (PLAIN, [0, 2, 1, 2], "012"),
    (PLAIN.astype(np.uint8), [0, 2, 1, 2], "012"),
    (PLAIN.astype(">f4"), [0, 2, 1, 2], "012"),
    (PLAIN[:, None], [0, 2, 1, 2], "012"),
    (np.array([0, 5]), [0, 5], "012345"),
    (PLAIN + 1, [0, 2, 1, 2], "123"),
    (np.array([-1, 1, 1.0]), [0, 1, 1], ("-1", "1")),
    (np.array([30, 10, 20]), [2, 0, 1], ("10", "20", "30")),
    (np.array([True, False]), [1, 0], "01"),
    (np.array(["dog", "ant", "dog"]), [1, 0, 1], ("ant", "dog")),
    (np.array([["dog"], ["ant"]]), [1, 0], ("ant", "dog")),
    (np.array([b"b", b"a"]), [1, 0], "ab"),
    (np.eye(3)[PLAIN], [0, 2, 1, 2], "012"),
    (np.eye(3, dtype=bool)[PLAIN], [0, 2, 1, 2], "012"),
    (np.eye(64, dtype=np.int8)[PLAIN], [0, 2, 1, 2], tuple(map(str, range(64)))),
])
def test_forms(y, indices, names):
    found, class_names = class_indices({"y": y})
    assert found["y"].dtype == np.int64
    assert (found["y"].tolist(), class_names) == (indices, tuple(names))


def test_splits_are_numbered_together():
    found, names = class_indices({"ytr": np.array([3, 1]), "yte": np.array([2])})
    assert ({name: y.tolist() for name, y in found.items()}, names) == ({"ytr": [2, 0], "yte": [1]}, ("1", "2", "3"))
    found, names = class_indices({"ytr": np.array(["b", "a"]), "yte": np.array([], "<U3")})
    assert (found["yte"].shape, names) == ((0,), ("a", "b"))


def bad_row(value):
    rows = np.eye(3)[PLAIN]
    rows[2, 0] = value
    return rows


ROWS = ("y must have exactly one 1 and zeros in each row, which row {} has not; soft labels and several labels per "
        "sample are not supported")
WHOLE = ("y must hold whole numbers as class labels, got {}; values to be predicted (regression) are not supported")


@pytest.mark.parametrize(("labels", "message"), [
    ({"y": np.array([0, 1.5])}, WHOLE.format("1.5 at y[1]")),
    ({"y": np.array([np.nan, 1])}, WHOLE.format("nan at y[0]")),
    ({"y": np.array([0, 2**63], np.uint64)}, WHOLE.format(f"{2**63} at y[1]")),
    ({"y": np.array([0, 65_536])}, "y must hold class labels 0..65535, got 65536"),
    ({"y": np.arange(1, 70_000)}, "there must be at most 65536 classes, got 69999 different labels"),
    ({"y": np.array([1j])}, "y must hold class labels (numbers or text) or one-hot rows, got type complex128"),
    ({"y": np.zeros((4, 3, 2))}, "y must have the shape (samples,), (samples, 1) or (samples, classes), got (4, 3, 2)"),
    ({"y": bad_row(1)}, ROWS.format(2)),
    ({"y": bad_row(0.1)}, ROWS.format(2)),
    ({"y": bad_row(np.nan)}, ROWS.format(2)),
    ({"y": np.zeros((4, 3))}, ROWS.format(0)),
    ({"y": np.array([["a", "b"]])}, "y must hold class labels or one-hot rows, got type <U1 of shape (1, 2)"),
    ({"y": np.eye(3), "z": np.eye(4)}, "one-hot labels must be equally wide in all splits, got y (3, 3), z (4, 4)"),
    ({"y": np.eye(3), "z": PLAIN}, "one-hot labels must be equally wide in all splits, got y (3, 3), z (4,)"),
    ({"y": PLAIN, "z": np.array(["a"])}, "labels must be numbers in all splits or text in all, got y int64, z <U1"),
    ({"y": np.array(["a", ""])}, "y must name a class for each sample, got none at y[1]"),
    ({"y": np.array([b"\xff"])}, "y must be text in UTF-8"),
])
def test_wrong(labels, message):
    with pytest.raises(DataError) as error:
        class_indices(labels, "file")
    assert str(error.value) == f"file: {message}"
