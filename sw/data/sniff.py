"""What a file is, by its content: names lie, and downloads fail."""

import gzip
import zlib
from pathlib import Path

from sw.data.dataset import DataError

__all__ = ["kind_of", "start_of"]

_IDX_TYPES = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}
_STARTS = {
    b"PK\x03\x04": "zip", b"\x93NUMPY": "npy", b"PAR1": "parquet", b"ARROW1": "arrow", b"\x89HDF": "hdf5",
    b"SQLite": "sqlite", b"\x80\x02": "pickle", b"\x80\x03": "pickle", b"\x80\x04": "pickle", b"\x80\x05": "pickle",
    b"version https://git-lfs": "lfs", b"%PDF": "pdf", b"\xfd7zXZ": "xz", b"BZh": "bzip2", b"ustar": "tar",
}


def start_of(path: Path, count: int = 64) -> bytes:
    """The first bytes of a file's content, of a gzip file those of what it holds. DataError if it cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(count)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                start = packed.read(count)
    except (OSError, EOFError, zlib.error) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"{path}: cannot be read: {said}") from None
    return start


def kind_of(path: Path) -> str:
    """"idx", "npy", "zip", "parquet", "arrow", "text", "empty" ..., "unknown"."""
    start = start_of(path)
    if not start:
        return "empty"
    if start[:2] == b"\0\0" and len(start) >= 4 and start[2] in _IDX_TYPES and 1 <= start[3] <= 8:
        return "idx"
    for magic, kind in _STARTS.items():
        if start.startswith(magic):
            return kind
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "html"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "unknown" if b"\0" in start else "text"
