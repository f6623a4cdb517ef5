"""idx folders: a round trip of small files in both spellings, plain and gzipped; the errors."""

import gzip
import struct

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.idx import load_idx
from tests.data.made import flat

RNG = np.random.Generator(np.random.PCG64(1))
ARRAYS = {
    "train-images": RNG.integers(0, 256, (7, 4, 5), np.uint8),
    "train-labels": np.array([0, 1, 2, 9, 4, 5, 6], np.uint8),
    "t10k-images": RNG.integers(0, 256, (3, 4, 5), np.uint8),
    "t10k-labels": np.array([7, 8, 9], np.uint8),
}


def encoded(array, kind=8):
    return (bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            + array.tobytes())


def write(folder, spelling="-", end="", **changes):
    """The four files; `changes` replace the bytes of one (None: leave it out)."""
    for stem, array in ARRAYS.items():
        data = changes.get(stem.replace("-", "_"), encoded(array))
        if data is not None:
            data = gzip.compress(data) if end else data
            (folder / f"{stem}{spelling}idx{array.ndim}-ubyte{end}").write_bytes(data)
    return folder


@pytest.mark.parametrize("spelling", ["-", "."])
@pytest.mark.parametrize("end", ["", ".gz"])
def test_round_trip(tmp_path, spelling, end):
    folder = tmp_path / "small"
    folder.mkdir()
    data = flat(load_idx(write(folder, spelling, end)))
    assert (data.name, data.classes) == ("small", 10)
    np.testing.assert_array_equal(data.xtr, ARRAYS["train-images"].reshape(7, 20))
    np.testing.assert_array_equal(data.xte, ARRAYS["t10k-images"].reshape(3, 20))
    assert data.ytr.tolist() == ARRAYS["train-labels"].tolist()
    assert data.yte.tolist() == ARRAYS["t10k-labels"].tolist()


def test_plain_file_goes_before_the_gzipped(tmp_path):
    write(tmp_path, end=".gz", train_images=b"never read")
    assert len(load_idx(write(tmp_path)).class_names) == 10


IMAGES = encoded(ARRAYS["train-images"])


@pytest.mark.parametrize(("changes", "message"), [
    ({"train_images": IMAGES[:-1]},
     ("/train-images-idx3-ubyte: must have 156 bytes for the shape (7 x 4 x 5) in its header, "
      "got 155")),
    ({"train_images": IMAGES + b"\0"},
     ("/train-images-idx3-ubyte: must have 156 bytes for the shape (7 x 4 x 5) in its header, "
      "got 157")),
    ({"train_images": IMAGES[:10]},
     "/train-images-idx3-ubyte: must have a header of 16 bytes, got 10 in all"),
    ({"train_images": b""},
     ("/train-images-idx3-ubyte: must start with the magic number 00000803 (unsigned bytes, "
      "dimensions 3), got an empty file")),
    ({"t10k_labels": encoded(ARRAYS["t10k-labels"], kind=9)},
     ("/t10k-labels-idx1-ubyte: must start with the magic number 00000801 (unsigned bytes, "
      "dimensions 1), got 00000901")),
    ({"t10k_labels": None},
     (": must have one of t10k-labels-idx1-ubyte, t10k-labels.idx1-ubyte, "
      "t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte.gz, found none")),
    ({"train_labels": encoded(ARRAYS["t10k-labels"])},
     ": xtr and ytr must have as many samples, got 7 and 3"),
    ({"t10k_images": encoded(ARRAYS["t10k-images"][:, :3])},
     ": xte must have as many features as xtr, got 15 and 20"),
])
def test_idx_wrong(tmp_path, changes, message):
    write(tmp_path, **changes)
    with pytest.raises(DataError) as error:
        load_idx(tmp_path)
    assert str(error.value) == f"{tmp_path}{message}"


def test_idx_wrong_gzip_and_folder(tmp_path):
    write(tmp_path, end=".gz")
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    for damaged in (path.read_bytes()[:-20], b"no gzip"):
        path.write_bytes(damaged)
        with pytest.raises(DataError) as error:
            load_idx(tmp_path)
        assert str(error.value).startswith(f"{path}: cannot be read: ")
    with pytest.raises(DataError) as error:
        load_idx(tmp_path / "none")
    assert str(error.value) == f"{tmp_path}/none: there is no such folder"
