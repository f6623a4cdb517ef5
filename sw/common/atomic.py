"""Files that appear as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sw.common.errors import FileError

__all__ = ["atomic_file", "write_atomic"]


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
