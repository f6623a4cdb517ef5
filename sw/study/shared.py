"""Results on a PostgreSQL server, by which processes on any machines share work of which all is known beforehand."""

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from sw.study.errors import StudyError
from sw.study.locks import hidden

__all__ = ["shared"]

_PAUSE = 2.0  # seconds until what others train is asked for again
_SCHEMES = ("postgresql://", "postgres://")
Result = dict[str, Any]


class _Named(Protocol):
    @property
    def identity(self) -> str: ...


N = TypeVar("N", bound=_Named)


def shared(items: Sequence[N], url: str, run: Callable[[N], Result]) -> Generator[tuple[N, Result]]:
    """Each item with its result, in the order in which they are done, here or by another process on the same server.

    An item is run by whoever has the advisory lock of its identity, which the server drops with the connection of a
    process that dies: then another one runs it. Results are of JSON's types. ``url``:
    postgresql://USER:PASSWORD@HOST/DATABASE, in which the table clashfree_results is made.

    Raises
    ------
    StudyError : the server cannot be reached; and what ``run`` raises.
    """
    import psycopg

    if not url.startswith(_SCHEMES):
        raise StudyError(f"--storage must be postgresql://USER:PASSWORD@HOST/DATABASE, got '{url}'")
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            server = _Server(connection)
            left = list(items)
            while left:
                for item in tuple(left):
                    if (result := server.result(item, run)) is not None:
                        left.remove(item)
                        yield item, result
                        break  # the first ones first: what others had taken may be free again
                else:
                    time.sleep(_PAUSE)
    except psycopg.Error as error:
        raise StudyError(f"{hidden(url)}: cannot be reached: {' '.join(str(error).split())}; the same command goes on"
                          ) from None


class _Server:
    """A connection with the table of results."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        with self._alone("tables"):  # two that make the table at once would trip over each other
            connection.execute("CREATE TABLE IF NOT EXISTS clashfree_results (identity text PRIMARY KEY, result text)")

    def result(self, item: N, run: Callable[[N], Result]) -> Result | None:
        """Of the item; None if another process is running it."""
        with self._alone(item.identity, wait=False) as ours:
            row = self._connection.execute("SELECT result FROM clashfree_results WHERE identity = %s",
                                           (item.identity,)).fetchone()
            if row is None and ours:
                row = (json.dumps(run(item)),)
                self._connection.execute("INSERT INTO clashfree_results VALUES (%s, %s)", (item.identity, row[0]))
            return dict(json.loads(row[0])) if row else None

    @contextmanager
    def _alone(self, name: str, *, wait: bool = True) -> Iterator[bool]:
        """Whether the lock of that name is held; only where it is not waited for it may not be."""
        number = int.from_bytes(hashlib.sha256(f"clashfree {name}".encode()).digest()[:8], "big", signed=True)
        function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        (held,) = self._connection.execute(f"SELECT {function}(%s)", (number,)).fetchone()
        try:
            yield wait or held
        finally:
            if (wait or held) and not self._connection.broken:
                self._connection.execute("SELECT pg_advisory_unlock(%s)", (number,))
