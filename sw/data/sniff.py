"""What a file is, by its content: names lie, and downloads fail."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from sw.data.dataset import DataError

__all__ = ["CUT", "PICKLED", "kind_of", "opened", "refusal", "start_of"]

CUT = "was the download cut?"

_IDX_TYPES = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}
_STARTS = {
    b"PK\x03\x04": "zip", b"\x93NUMPY": "npy", b"PAR1": "parquet", b"ARROW1": "arrow", b"\x89HDF": "hdf5",
    b"SQLite": "sqlite", b"MATLAB": "matlab", b"\x89PNG": "picture", b"\xff\xd8\xff": "picture",
    b"\x80\x02": "pickle", b"\x80\x03": "pickle", b"\x80\x04": "pickle", b"\x80\x05": "pickle",
    b"version https://git-lfs": "lfs", b"%PDF": "pdf", b"\xfd7zXZ": "xz", b"BZh": "bzip2", b"ustar": "tar",
    b"{": "json", b"[": "json", b"@": "arff",
}
_SAVE = "save arrays with numpy.savez"
PICKLED = f"pickled objects, which are never loaded, as they can run any code: {_SAVE}"
# What a person can do about files that are no data.
_HINTS = {
    "empty": f"the file is empty: {CUT}",
    "html": "this is a web page: the download failed",
    "lfs": "this is a pointer of Git LFS: fetch the file with 'git lfs pull'",
    "pickle": f"these are {PICKLED}",
    "hdf5": f"HDF5 is not read: {_SAVE}",
    "matlab": f"MATLAB's files are not read: {_SAVE}",
    "picture": f"single pictures are not read: {_SAVE}",
    "json": f"JSON is not read: save a table as CSV, or {_SAVE.removeprefix('save ')}",
    "arff": "ARFF is not read: save it as CSV",
    "utf-16": "text in UTF-16 is not read: save it as UTF-8",
    "xz": "unpack it first", "bzip2": "unpack it first", "tar": "unpack it first",
}


def opened(path: Path) -> BinaryIO:
    """A file's content; of a gzip file what it holds."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path) if packed else path.open("rb"))


def refusal(path: Path) -> DataError:
    """What to say of a file that is no data."""
    hint = _HINTS.get(kind_of(path), "npz, npy, idx, CSV, Parquet and Arrow files are read")
    return DataError(f"{path}: is not data that can be read (starts with {start_of(path, 12)!r}): {hint}")


def start_of(path: Path, count: int = 64) -> bytes:
    """The first bytes of a file's content, of a gzip file those of what it holds. DataError if it cannot be read."""
    try:
        with opened(path) as file:
            start = file.read(count)
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
