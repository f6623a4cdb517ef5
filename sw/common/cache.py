"""Folders of things that take long to make, each kept under a name that says what it was made from."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

__all__ = ["cached"]


def cached(folder: Path, make: Callable[[Path], Path]) -> tuple[Path, bool]:
    """``folder`` with the file that ``make`` leaves, and whether it was made now.

    ``make`` works in a folder of its own, from which that file and the logs are taken. If it fails, it leaves the
    folder for inspection; if it is stopped, it does not. The result appears under its final name at once, however many
    processes try.
    """
    if folder.is_dir():
        return folder, False
    work = folder.with_name(f"{folder.name}.work-{os.getpid()}")
    ready = folder.with_name(f"{folder.name}.ready-{os.getpid()}")
    for path in (work, ready):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    try:
        made = make(work)
        shutil.move(made, ready / made.name)
        for log in work.glob("*.log"):
            shutil.move(log, ready / log.name)
        shutil.rmtree(work)
        try:
            ready.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
        return folder, True
    except KeyboardInterrupt:
        shutil.rmtree(work, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(ready, ignore_errors=True)
