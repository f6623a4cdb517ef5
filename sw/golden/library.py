"""C++ of this package to a library of this process: compiled by g++ for this processor, once, and kept."""

import ctypes
import fcntl
import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.cache import cached
from sw.common.tool import run_tool
from sw.golden.errors import GoldenError

__all__ = ["CACHE", "library"]

CACHE = Path("build/golden")
_FLAGS = ("-O3", "-march=native", "-std=gnu++17", "-shared", "-fPIC", "-Wall", "-Wextra")


def library(source: Path, cache: Path = CACHE) -> ctypes.CDLL:
    """The library of a C++ file, from ``cache`` where the same source, compiler and processor have made it before.

    Raises
    ------
    GoldenError : no g++, or it failed, or the library does not load. FileError : ``cache`` cannot be written to.
    """
    # the commands that this would run hold the compiler's version and all that "native" means here
    said = _compile(source, ["-S", "-###", "-x", "c++", "/dev/null", "-o", "/dev/null"])
    folder = cache / hashlib.sha256(said.encode() + source.read_bytes()).hexdigest()[:20]
    name = f"{source.stem}.so"

    def make(work: Path) -> Path:
        _compile(source, [str(source), "-o", str(work / name)], work / "g++.log")
        return work / name

    if not folder.is_dir():
        check_folder(cache)
        with _alone(cache):
            cached(folder, make)
    try:
        return ctypes.CDLL(str(folder.resolve() / name))
    except OSError as error:
        raise GoldenError(f"{folder}: the library cannot be loaded, remove the folder: {error}") from None


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Another process that wants the same library waits for it."""
    with (cache / "lock").open("w") as file:
        with suppress(OSError):  # a file system without locks: then both build
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compile(source: Path, arguments: list[str], log: Path | None = None) -> str:
    """What g++ says."""
    try:
        done = run_tool(
            ["g++", *_FLAGS, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except FileNotFoundError:
        raise GoldenError(
            "g++ not found on PATH; the compiled golden model needs it: install it (for instance 'apt install g++')"
        ) from None
    if log:
        log.write_text(done.stdout)
    if done.returncode != 0:
        lines = done.stdout.splitlines()
        first = next((line for line in lines if "error" in line), "it said nothing")
        raise GoldenError(
            f"g++ ended with status {done.returncode} on {source.name}: {first.strip()}",
            detail="\n".join(lines[-15:]),
        )
    return done.stdout
