"""idx files, the format of MNIST and its relatives.

Two zero bytes, a type, the number of dimensions, each dimension as a big-endian 32-bit number, then the values,
big-endian, with the last dimension running fastest. Source: the description at MNIST's own page.
"""

import zlib
from pathlib import Path

import numpy as np

from sw.data.dataset import DataError
from sw.data.sniff import CUT, opened

__all__ = ["read_idx"]

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Path) -> np.ndarray:
    """The array in an idx file, gzipped or plain.

    Raises
    ------
    DataError
        Unreadable file, another magic number, or a size that is not what the header says.
    """
    try:
        with opened(path) as file:
            data = file.read()
    except (EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}: {CUT}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _TYPES:
        raise DataError(f"{path}: must start with the magic number of an idx file, for instance 00000803 (images) or "
                        f"00000801 (labels), got {data[:4].hex() or 'an empty file'}")
    dtype, ndim = np.dtype(_TYPES[data[2]]), data[3]
    header = 4 + 4 * ndim
    if len(data) < header:
        raise DataError(f"{path}: must have a header of {header} bytes, got {len(data)} in all")
    shape = tuple(int(size) for size in np.frombuffer(data, ">u4", ndim, 4))
    expected = header + int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(data) != expected:
        raise DataError(f"{path}: must have {expected} bytes for the shape ({' x '.join(map(str, shape))}) in its "
                        f"header, got {len(data)}: {CUT}")
    return np.frombuffer(data, dtype, offset=header).reshape(shape)
