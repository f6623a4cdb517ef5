"""One at a time: the writer of an SQLite file, and whoever asks for a trial on a PostgreSQL server."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sw.study.errors import StudyError

__all__ = ["FileLock", "ServerLock", "hidden"]


class FileLock:
    """An SQLite file has one writer: this process, from here to `close` or its end, however it ends.

    The lock is a file of its own beside it, FILE.lock. StudyError if another process has it.
    """

    shared = False

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        self._file: int | None = None
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StudyError(f"{path}: cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            by = os.pread(file, 20, 0).decode(errors="replace").strip() or "?"
            os.close(file)
            raise StudyError(
                f"{database}: process {by} is searching there, and an SQLite study has one writer; wait for it, name "
                f"another study, or use PostgreSQL, on which any number can search"
            ) from None
        except OSError:
            pass  # a file system without locks
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    @contextmanager
    def held(self, tables: bool = False) -> Iterator[None]:
        """Nothing to do: nobody else is there."""
        yield

    def close(self) -> None:
        """Let another process write."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class ServerLock:
    """An advisory lock of a PostgreSQL server; the server drops it when the connection of its holder breaks.

    ``name``: of the study that is locked. StudyError if the server cannot be reached.
    """

    shared = True

    def __init__(self, url: str, name: str) -> None:
        import psycopg

        self._name = name
        try:
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
        except psycopg.Error as error:
            raise StudyError(f"{hidden(url)}: cannot be reached: {' '.join(str(error).split())}") from None

    @contextmanager
    def held(self, tables: bool = False) -> Iterator[None]:
        """Wait until no other process holds it, and hold it; ``tables``: that of the whole database."""
        name = b"tables" if tables else b"study " + self._name.encode()
        number = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
        self._connection.execute("SELECT pg_advisory_lock(%s)", (number,))
        try:
            yield
        finally:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", (number,))

    def close(self) -> None:
        """Leave the server."""
        self._connection.close()


def hidden(url: str) -> str:
    """A URL without its password."""
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{place}"
