"""Files that appear as a whole or not at all, in folders that can be written to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sw.common.errors import FileError

__all__ = ["atomic_file", "check_folder", "write_atomic"]

_TRIED = bytes(1 << 16)  # more than a full disk may still take


def write_atomic(path: str | Path, content: bytes) -> None:
    """Write or replace a file; nothing half-written is left behind. FileError if it cannot be."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, seekable; it takes the place of `path` when the block ends without an error.

    Nothing half-written is left behind. FileError if it cannot be opened, written or put in place.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
        os.replace(temporary, path)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):  # it is gone where all went well
            temporary.unlink()


def check_folder(folder: Path) -> None:
    """Make a folder and try to write to it, before long work whose results go there. FileError if it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "a file is in its place" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise FileError(f"{folder}: the folder cannot be made: {why}") from None
    trial = folder / f".trial.{os.getpid()}"
    try:
        trial.write_bytes(_TRIED)
    except OSError as error:
        raise FileError(f"{folder}: cannot be written to: {error.strerror}") from None
    finally:
        with suppress(OSError):
            trial.unlink()
