"""npz files written piece by piece: whole or not at all, never all in memory, the same bytes for the same arrays."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import DTypeLike

from sw.common.atomic import atomic_file

__all__ = ["npz_file", "npz_member", "write_array"]

_BLOCK = 1 << 24  # bytes
_LEVEL = 1  # of zlib: higher ones take several times as long for a few per cent


@contextmanager
def npz_file(path: str | Path) -> Iterator[zipfile.ZipFile]:
    """A compressed npz file to fill with members; it takes the place of `path` when the block ends without an error.

    DesignError if it cannot be written; then nothing is left.
    """
    with atomic_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        yield archive


@contextmanager
def npz_member(archive: zipfile.ZipFile, key: str, dtype: DTypeLike, shape: tuple[int, ...]) -> Iterator[IO[bytes]]:
    """One array of an archive: its bytes, last dimension running fastest, are to be written piece by piece."""
    # opened by its name, a member is dated 1980 and not by the clock
    with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
        descr = np.lib.format.dtype_to_descr(np.dtype(dtype))
        np.lib.format.write_array_header_1_0(member, {"descr": descr, "fortran_order": False, "shape": shape})
        yield member


def write_array(archive: zipfile.ZipFile, key: str, array: np.ndarray) -> None:
    """One array of an archive, a block in memory at a time."""
    octets = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    with npz_member(archive, key, array.dtype, array.shape) as member:
        for start in range(0, len(octets), _BLOCK):
            member.write(octets[start:start + _BLOCK].tobytes())
