"""A mutant, and the copies of the sources that it is made in: the working tree itself is never touched."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sw.common.errors import UserError

__all__ = ["Mutant", "MutantError", "copied", "fingerprint", "of"]

# What tests read. This folder is left out: a new mutant must not make known outcomes unknown.
_SOURCES = ("hw", "sw", "sim", "boards", "tests", "designs", "pyproject.toml")
_LEFT_OUT = "mutants"


class MutantError(UserError):
    """A mutant cannot be made, or what is needed to judge it is not there."""


@dataclass(frozen=True)
class Mutant:
    """A change of one place in one file, and who should notice.

    ``name``: what it gets wrong. ``old`` occurs once in ``file`` and is replaced by ``new``. ``tests``: of pytest,
    files or tests in them, the likeliest first.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def changed(self, root: Path) -> str:
        """The file's text with the change. MutantError if the old text is not there exactly once."""
        try:
            text = (root / self.file).read_text()
        except OSError as error:
            raise MutantError(f"mutant '{self.name}': {self.file} cannot be read: {error.strerror}") from None
        if (times := text.count(self.old)) != 1:
            raise MutantError(f"mutant '{self.name}': {self.file} must have {self.old!r} once, has it {times} times")
        return text.replace(self.old, self.new)

    def line(self, root: Path) -> int:
        """Where it is, from 1."""
        return (root / self.file).read_text().partition(self.old)[0].count("\n") + 1

    @contextmanager
    def made(self, root: Path) -> Iterator[None]:
        """The copy ``root`` has the change inside the ``with`` block."""
        file, changed = root / self.file, self.changed(root)
        sound, times = file.read_bytes(), file.stat()
        file.write_text(changed)
        os.utime(file, (0, 0))  # or Python might take the compiled file of the sound one
        try:
            yield
        finally:
            file.write_bytes(sound)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def of(file: str, tests: str, *changes: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Mutant, ...]:
    """Mutants of one file: (name, old, new), and other tests where it is not these. Tests are words of one text."""
    return tuple(Mutant(name, file, old, new, tuple((own[0] if own else tests).split()))
                 for name, old, new, *own in changes)


def copied(root: Path, to: Path) -> Path:
    """A copy of the sources in the new folder ``to``; times are kept, so that compiled files stay valid."""
    to.mkdir(parents=True)
    for name in _SOURCES:
        if (root / name).is_dir():
            shutil.copytree(root / name, to / name, ignore=shutil.ignore_patterns(_LEFT_OUT))
        elif (root / name).is_file():
            shutil.copy2(root / name, to / name)
    return to


def fingerprint(folder: Path) -> str:
    """Over every file of a copy but compiled ones."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()
