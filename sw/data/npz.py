"""NumPy's own files. Nothing in them is unpickled."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sw.data.dataset import DataError

__all__ = ["names_in_npz", "read_npy", "read_npz"]

# NotImplementedError: unknown compression. RuntimeError: encrypted. MemoryError: a header that claims an absurd shape.
_DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, MemoryError)


def names_in_npz(path: Path) -> list[str]:
    """Names of the arrays in an npz file. DataError if it is none."""
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path}: not an npz file (a zip archive of arrays), or cut")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return list(archive.files)
    except _DAMAGED as error:
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error


def read_npz(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Arrays of an npz file by name. DataError for damaged ones and for objects."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: _array(path, archive, name) for name in names}
    except _DAMAGED as error:
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error


def read_npy(path: Path) -> np.ndarray:
    """The array in an npy file. DataError if it is damaged or holds objects."""
    try:
        array: np.ndarray = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise DataError(
            f"{path}: must be an array of numbers or text, but it cannot be read: {_one_line(error)}"
        ) from None
    except _DAMAGED as error:
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error
    return array


def _array(path: Path, archive: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    try:
        array = archive[name]
    except ValueError as error:  # pickled objects, or a header that does not parse
        raise DataError(f"{path}: {name} must be an array of numbers or text, but it cannot be read: "
                        f"{_one_line(error)}") from error
    if not isinstance(array, np.ndarray):  # a member of the archive that is not in npy format
        raise DataError(f"{path}: {name} must be an array of numbers or text, got {len(array)} plain bytes")
    return array


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
