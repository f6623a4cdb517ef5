"""Files that appear as a whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from sw.design.errors import DesignError

__all__ = ["write_whole"]


def write_whole(path: str | Path, content: bytes) -> None:
    """Write or replace a file; nothing half-written is left behind. DesignError if it cannot be."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise DesignError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):  # it is gone where all went well
            temporary.unlink()
