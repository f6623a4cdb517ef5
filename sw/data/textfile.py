"""Lines of text files, gzip-compressed or not, as they are published."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from sw.data.dataset import DataError

__all__ = ["lines_of", "quoted"]

_GZIP = b"\x1f\x8b"  # how such files begin, by RFC 1952
_TELL_EVERY = 4096  # lines
_SHOWN = 60  # characters of a line in a message


def lines_of(path: str | Path, tell: Callable[[int, int], None] | None = None) -> Iterator[tuple[int, bytes]]:
    """Number, from 1, and content of each line, without white space at its ends; one line is held at a time.

    `tell` is called now and then with how many bytes of the file have been read, and its size. DataError if it cannot
    be read, also where it ends too early.
    """
    try:
        with open(path, "rb") as file:
            size, packed = os.fstat(file.fileno()).st_size, file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            for number, line in enumerate(gzip.GzipFile(fileobj=file) if packed else file, 1):
                if tell and number % _TELL_EVERY == 0:
                    tell(file.tell(), size)
                yield number, line.strip()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def quoted(line: bytes) -> str:
    """The beginning of a line, for a message."""
    text = line.decode("ascii", "backslashreplace")
    return repr(text[:_SHOWN] + "..." if len(text) > _SHOWN else text)
