"""NumPy's own files, gzipped or plain. Nothing in them is unpickled."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from tokenize import TokenError

import numpy as np

from sw.data.dataset import DataError
from sw.data.sniff import CUT, PICKLED, opened

__all__ = ["names_in_npz", "read_npy", "read_npz"]

# NotImplementedError: unknown compression. RuntimeError: encrypted. MemoryError: a header that claims an absurd shape.
_MISREAD = (ValueError, TokenError)  # pickled objects, or a header that does not parse
_DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, MemoryError)


def names_in_npz(path: Path) -> list[str]:
    """Names of the arrays in an npz file. DataError if it is none."""
    try:
        with opened(path) as file:
            if not zipfile.is_zipfile(file):
                raise DataError(f"{path}: not an npz file (a zip archive of arrays), or only a part of one: {CUT}")
            with zipfile.ZipFile(file) as members:
                names = members.namelist()
        arrays = [name.removesuffix(".npy") for name in names if name.endswith(".npy")]
        if not arrays:
            raise DataError(f"{path}: a zip archive of {', '.join(names[:4]) or 'nothing'}, not of arrays: "
                            f"{_other_zip(names)}")
        return arrays
    except _DAMAGED as error:
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error


def read_npz(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Arrays of an npz file by name. DataError for damaged ones and for objects."""
    try:
        with opened(path) as file, np.load(file, allow_pickle=False) as archive:
            return {name: _array(path, archive, name) for name in names}
    except _DAMAGED as error:
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error


def read_npy(path: Path) -> np.ndarray:
    """The array in an npy file. DataError if it is damaged or holds objects."""
    try:
        with opened(path) as file:
            array: np.ndarray = np.load(file, allow_pickle=False)
    except _MISREAD as error:
        raise DataError(
            f"{path}: must be an array of numbers or text, but it cannot be read: {_one_line(error)}"
        ) from None
    except _DAMAGED as error:
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error
    return array


def _array(path: Path, archive: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    try:
        array = archive[name]
    except _MISREAD as error:
        raise DataError(f"{path}: {name} must be an array of numbers or text, but it cannot be read: "
                        f"{_one_line(error)}") from error
    if not isinstance(array, np.ndarray):  # a member of the archive that is not in npy format
        raise DataError(f"{path}: {name} must be an array of numbers or text, got {len(array)} plain bytes")
    return array


def _other_zip(names: list[str]) -> str:
    if any(name.endswith("data.pkl") for name in names):
        return f"torch's files are {PICKLED}"
    return "save the sheet as CSV" if "[Content_Types].xml" in names else "unpack it first"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
