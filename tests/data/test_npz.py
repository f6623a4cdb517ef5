"""NumPy's files: names, arrays, and the damaged ones, each one line."""

import zipfile

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.npz import names_in_npz, read_npy, read_npz


def test_round_trip(tmp_path):
    x, y = np.arange(6.0).reshape(2, 3), np.array(["a", "b"])
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", x=x, y=y)
        assert names_in_npz(tmp_path / "a.npz") == ["x", "y"]
        found = read_npz(tmp_path / "a.npz", ["y", "x"])
        assert (found["x"].tolist(), found["y"].tolist()) == (x.tolist(), ["a", "b"])
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    assert read_npy(tmp_path / "x.npy").tolist() == x.tolist()


def message(path, call):
    with pytest.raises(DataError) as error:
        call()
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


def test_objects_are_never_unpickled(tmp_path):
    objects = np.array([0, None], object)
    np.savez(tmp_path / "o.npz", y=objects)
    np.save(tmp_path / "o.npy", objects)
    refused = "but it cannot be read: Object arrays cannot be loaded when allow_pickle=False"
    path = tmp_path / "o.npz"
    assert message(path, lambda: read_npz(path, ["y"])) == f"y must be an array of numbers or text, {refused}"
    path = tmp_path / "o.npy"
    assert message(path, lambda: read_npy(path)) == f"must be an array of numbers or text, {refused}"


def test_damaged_files(tmp_path):
    path = tmp_path / "text.npz"
    path.write_text("no archive")
    assert message(path, lambda: names_in_npz(path)) == (
        "not an npz file (a zip archive of arrays), or only a part of one: was the download cut?")
    np.savez_compressed(path, xtr=np.arange(12_000, dtype=np.uint8).reshape(4, 3000) * 7)
    whole = bytearray(path.read_bytes())
    whole[200] ^= 0xFF  # within the data of the array
    path.write_bytes(whole)
    assert message(path, lambda: read_npz(path, ["xtr"])).startswith("cannot be read: ")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xtr", b"abc")
    assert message(path, lambda: read_npz(path, ["xtr"])) == (
        "xtr must be an array of numbers or text, got 3 plain bytes")
    path = tmp_path / "header.npy"
    np.save(path, np.arange(100))
    path.write_bytes(path.read_bytes().replace(b"(100,)", b"(100, "))
    assert message(path, lambda: read_npy(path)).startswith("must be an array of numbers or text, but it cannot be")
    path = tmp_path / "cut.npy"
    np.save(path, np.arange(100))
    path.write_bytes(path.read_bytes()[:-30])
    assert message(path, lambda: read_npy(path)).startswith(("must be an array", "cannot be read"))
