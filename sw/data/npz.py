"""Datasets from NumPy archives with 4 keys (xtr ytr xte yte) or 6 (and xva yva), and perhaps class_names."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from sw.data.build import Raw, raw_of
from sw.data.dataset import DataError

REQUIRED = ("xtr", "ytr", "xte", "yte")
OPTIONAL = ("xva", "yva")
NAMES = "class_names"


def load_npz(path: str | Path) -> Raw:
    """The dataset in an npz file, its features as they are there; its name is the file's stem.

    Arrays are as `sw.data.build.raw_of` takes them; other keys are ignored. Nothing in the file
    is unpickled.

    Raises
    ------
    DataError
        No such file, not an npz file, damaged, an array of objects, missing keys, or arrays that
        make no dataset.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path}: not an npz file (a zip archive of arrays)")
    try:
        with np.load(path, allow_pickle=False) as archive:
            wanted = _wanted_keys(path, archive.files)
            arrays = {key: _array(path, archive, key) for key in wanted}
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError,
            RuntimeError, MemoryError) as error:
        # NotImplementedError: unknown compression. RuntimeError: encrypted. MemoryError: a header
        # that claims an absurd shape.
        raise DataError(f"{path}: cannot be read: {_one_line(error)}") from error
    return raw_of(path.stem, arrays, str(path))


def _wanted_keys(path: Path, found: list[str]) -> list[str]:
    listed = ", ".join(found) or "none"
    missing = [key for key in REQUIRED if key not in found]
    if missing:
        raise DataError(f"{path}: must have the keys {', '.join(REQUIRED)}; "
                        f"missing {', '.join(missing)}, found {listed}")
    optional = [key for key in OPTIONAL if key in found]
    if len(optional) == 1:
        raise DataError(f"{path}: must have both xva and yva or neither, found {listed}")
    return [*REQUIRED, *optional, *(key for key in (NAMES,) if key in found)]


def _array(path: Path, archive: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    what = "text" if key == NAMES else "numbers"
    try:
        array = archive[key]
    except ValueError as error:  # pickled objects, or a header that does not parse
        raise DataError(f"{path}: {key} must be an array of {what}, but it cannot be read: "
                        f"{_one_line(error)}") from error
    if not isinstance(array, np.ndarray):  # a member of the archive that is not in npy format
        raise DataError(f"{path}: {key} must be an array of {what}, got {len(array)} plain bytes")
    return array


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
