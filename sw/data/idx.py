"""Datasets from a folder of idx files, the format of MNIST and its relatives.

An idx file: two zero bytes, a type (8 = unsigned byte), the number of dimensions, each dimension
as a big-endian 32-bit number, then the values with the last dimension running fastest.
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from sw.data.build import Raw, raw_of
from sw.data.dataset import DataError

_FILES = {  # array: (stem, dimensions)
    "xtr": ("train-images", 3), "ytr": ("train-labels", 1),
    "xte": ("t10k-images", 3), "yte": ("t10k-labels", 1),
}
_UNSIGNED_BYTE = 8


def load_idx(folder: str | Path) -> Raw:
    """The dataset in a folder of four idx files; its name is the folder's.

    Files are called `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
    and `t10k-labels-idx1-ubyte`, also spelt `train-images.idx3-ubyte` and so on, each plain or
    gzipped with `.gz` appended; the plain one is taken where both are there.

    Raises
    ------
    DataError
        No such folder, a missing or damaged file, or counts that differ.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    paths = {key: _find(folder, stem, ndim) for key, (stem, ndim) in _FILES.items()}
    arrays = {key: read_idx(path, _FILES[key][1]) for key, path in paths.items()}
    return raw_of(folder.resolve().name, arrays, str(folder))


def read_idx(path: Path, ndim: int) -> np.ndarray:
    """The unsigned bytes of one idx file, gzipped if its name ends so: uint8 with `ndim` axes.

    Raises
    ------
    DataError
        Unreadable file, other magic number, or a size that is not what the header says.
    """
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    magic = bytes([0, 0, _UNSIGNED_BYTE, ndim])
    if data[:4] != magic:
        raise DataError(f"{path}: must start with the magic number {magic.hex()} (unsigned bytes, "
                        f"dimensions {ndim}), got {data[:4].hex() or 'an empty file'}")
    header = 4 + 4 * ndim
    if len(data) < header:
        raise DataError(f"{path}: must have a header of {header} bytes, got {len(data)} in all")
    shape = tuple(int(size) for size in np.frombuffer(data, ">u4", ndim, 4))
    expected = header + int(np.prod(shape, dtype=object))
    if len(data) != expected:
        raise DataError(f"{path}: must have {expected} bytes for the shape "
                        f"({' x '.join(map(str, shape))}) in its header, got {len(data)}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def _find(folder: Path, stem: str, ndim: int) -> Path:
    names = [f"{stem}{dot}idx{ndim}-ubyte{end}" for end in ("", ".gz") for dot in "-."]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DataError(f"{folder}: must have one of {', '.join(names)}, found none")
