"""Arrays written piece by piece: every type and shape as it was, the same bytes every time."""

import numpy as np
import pytest

from sw.data import archive
from sw.data.archive import npz_file, write_array

ARRAYS = {
    "skipped": np.arange(30.0).reshape(5, 6)[:, ::2], "text": np.array("recipe"), "names": np.array(["x", "yy"]),
    "empty": np.zeros((0, 3)), "columns": np.asfortranarray(np.arange(6).reshape(2, 3)), "flags": np.arange(9) % 2 > 0,
}


def written(path):
    with npz_file(path) as file:
        for key, array in ARRAYS.items():
            write_array(file, key, array)
    return path.read_bytes()


@pytest.mark.parametrize("block", [7, 1 << 24])
def test_arrays_are_as_they_were(tmp_path, monkeypatch, block):
    monkeypatch.setattr(archive, "_BLOCK", block)
    first = written(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as found:
        for key, array in ARRAYS.items():
            np.testing.assert_array_equal(found[key], array)
            assert (found[key].dtype, found[key].shape) == (array.dtype, array.shape)
    assert written(tmp_path / "a.npz") == first
