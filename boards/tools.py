"""Finds the programs of a flow and runs them: output in a log, a time limit, errors in one line."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from boards.errors import BoardError
from sw.common.tool import tool

__all__ = ["Search", "TimeLimit", "run"]

_LOOK = 1.0  # seconds between two looks at the process
Tell = Callable[[str, float], None]


class TimeLimit(BoardError):
    """A program has not ended in time, and was ended."""


@dataclass(frozen=True)
class Search:
    """Programs or files by name, those that were found, and the places where all were looked for, in words."""

    found: Mapping[str, Path]
    wanted: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def of(cls, programs: Sequence[str], folders: Sequence[Path] = ()) -> "Search":
        """Programs, in ``folders`` and then on PATH."""
        path = ":".join(map(str, folders))
        found = {name: shutil.which(name, path=path) or shutil.which(name) for name in programs}
        there = {name: Path(file) for name, file in found.items() if file}
        return cls(there, tuple(programs), (*map(str, folders), "PATH"))

    @property
    def missing(self) -> list[str]:
        return [name for name in self.wanted if name not in self.found]

    def __str__(self) -> str:
        """What is missing, and where it was looked for."""
        return f"{', '.join(self.missing)} (looked in {', '.join(self.places)})"


def run(
    command: Sequence[str | Path], folder: Path, *, log: Path, limit: float, tell: Tell | None = None,
    output: Path | None = None,
) -> float:
    """Run a program in ``folder``; the seconds it took. ``output``: file for what it prints, which else is in the log.

    BoardError, which names the log: it failed. TimeLimit: it has not ended within ``limit`` seconds.
    """
    words = [str(word) for word in command]
    name = Path(words[0]).name
    started = time.perf_counter()
    with log.open("ab") as said, output.open("wb") if output else nullcontext(said) as printed:
        said.write(f"$ {' '.join(words)}\n".encode())
        said.flush()
        with tool(words, cwd=folder, stdout=printed, stderr=said) as process:
            while process.poll() is None:
                seconds = time.perf_counter() - started
                if seconds >= limit:
                    raise TimeLimit(f"{name} must end within {limit:,.0f} s, has not; see {log}")
                if tell is not None:
                    tell(name, seconds)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(min(_LOOK, limit - seconds))
    if process.returncode:
        raise BoardError(f"{name} failed: {_reason(log, process.returncode)}; see {log}")
    return time.perf_counter() - started


def _reason(log: Path, status: int) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = lines[max((n for n, line in enumerate(lines) if line.startswith("$ ")), default=-1) + 1 :]
    errors = [line for line in last if line.upper().startswith("ERROR")]
    return next(iter([*errors[:1], *last[-1:]]), f"exit status {status}")
