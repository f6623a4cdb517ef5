"""Files that appear as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sw.design.errors import DesignError

__all__ = ["whole_file", "write_whole"]


def write_whole(path: str | Path, content: bytes) -> None:
    """Write or replace a file; nothing half-written is left behind. DesignError if it cannot be."""
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, seekable; it takes the place of `path` when the block ends without an error.

    Nothing half-written is left behind. DesignError if it cannot be opened, written or put in place.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
        os.replace(temporary, path)
    except OSError as error:
        raise DesignError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):  # it is gone where all went well
            temporary.unlink()
