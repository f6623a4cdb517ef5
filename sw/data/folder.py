"""A folder of array files, idx or npy, as MNIST, Fashion-MNIST, EMNIST and torchvision leave them."""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from sw.data.dataset import DataError
from sw.data.idx import read_idx
from sw.data.names import arrays_by_role
from sw.data.npz import read_npy
from sw.data.sniff import kind_of

__all__ = ["read_folder"]

_READERS = {"idx": read_idx, "npy": read_npy}
_ENDINGS = re.compile(r"[-.]idx\d-?[a-z]*|\.(gz|npy|bin)$")


def read_folder(folder: Path, prefix: str = "") -> tuple[dict[str, np.ndarray], str]:
    """The arrays of a folder by their role (see `sw.data.names`), and what their files' names begin with.

    Files are known by their content, whatever they are called, and told apart by their names: `train-images-...`,
    `emnist-letters-test-labels-...`, `x_train.npy`. A folder without any is searched for one below it that has some,
    such as torchvision's MNIST/raw. ``prefix`` chooses among several datasets in one folder.

    Raises
    ------
    DataError
        No such files; several datasets; a file that is missing or damaged.
    """
    files = _array_files(folder)
    if not files:
        below = sorted(sub for sub in folder.rglob("*") if sub.is_dir() and _array_files(sub))
        if len(below) == 1:
            return read_folder(below[0], prefix)
        found = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        where = f"give one of {', '.join(map(str, below[:4]))}" if below else f"found {found}"
        raise DataError(
            f"{folder}: must hold idx or npy files, such as train-images-idx3-ubyte or x_train.npy; {where}"
        )
    sets: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in files:
        begin, name = _parts(path.name)
        if name in sets[begin] and path.suffix == ".gz":
            continue  # the plain one is taken where both are there
        sets[begin][name] = path
    chosen = [begin for begin in sets if begin.startswith(prefix)]
    if len(chosen) != 1:
        which = ", ".join(str(folder / begin) for begin in sorted(sets))
        raise DataError(f"{folder}: holds several datasets; give one of {which}" if chosen
                        else f"{folder}: no file begins with {prefix}; there are {which}")
    by_name = sets[chosen[0]]
    arrays = {name: _READERS[kind_of(path)](path) for name, path in by_name.items()}
    roles = arrays_by_role(arrays, str(folder))
    return {role: arrays[name] for role, name in roles.items()}, chosen[0]


def _array_files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return [path for path in files if path.stat().st_size and kind_of(path) in _READERS]


def _parts(file: str) -> tuple[str, str]:
    """What comes before the words that name split and kind, and these words."""
    stem = _ENDINGS.sub("", _ENDINGS.sub("", file.lower()))
    found = re.search(r"(train|test|t10k|val|valid|validation)?[-_]?(images|imgs|labels|targets|data|x|y)"
                      r"([-_]?(train|test|t10k|val|valid|validation))?$", stem)
    if not found:
        return "", stem
    return stem[: found.start()].strip("-_."), found.group(0)
