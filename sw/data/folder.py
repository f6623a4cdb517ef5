"""A folder of files with one array each, idx, npy or npz, as MNIST, its relatives and torchvision leave them."""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from sw.data.dataset import DataError
from sw.data.idx import read_idx
from sw.data.names import arrays_by_role
from sw.data.npz import names_in_npz, read_npy, read_npz
from sw.data.sniff import kind_of, refusal

__all__ = ["read_array", "read_folder"]

_ENDINGS = re.compile(r"[-.]idx\d-?[a-z]*|\.(gz|npy|npz|bin)$")
_ROLE = re.compile(r"(train|test|t10k|val|valid|validation)?[-_]?(images|imgs|labels|targets|data|x|y)"
                   r"([-_]?(train|test|t10k|val|valid|validation))?$")

_WHOLE = ("zip", "text", "parquet", "arrow")  # kinds that hold features and labels


def read_array(path: Path) -> np.ndarray:
    """The one array in an idx, npy or npz file. DataError for other files."""
    kind = kind_of(path)
    if kind == "npy":
        return read_npy(path)
    if kind == "idx":
        return read_idx(path)
    if kind == "zip" and len(names := names_in_npz(path)) == 1:
        return read_npz(path, names)[names[0]]
    if kind in _WHOLE:
        raise DataError(f"{path}: must hold one array (npy, idx, or npz with one), holds several")
    raise refusal(path)


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
        others = sorted(path for path in folder.rglob("*") if path.is_file())
        whole = [str(path) for path in others if path.stat().st_size and kind_of(path) in _WHOLE]
        found = ", ".join(str(path.relative_to(folder)) for path in others[:8]) or "nothing"
        where = f"give one of {', '.join([*map(str, below), *whole][:4])}" if below or whole else f"found {found}"
        raise DataError(f"{folder}: must hold files with one array each (idx, npy, npz), such as "
                        f"train-images-idx3-ubyte or x_train.npy; {where}")
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
    arrays = {name: read_array(path) for name, path in by_name.items()}
    try:
        roles = arrays_by_role(arrays, str(folder))
    except DataError:
        # is one missing because its file holds something else?
        for path in sorted(set(_visible(folder)) - set(files)):
            begin, name = _parts(path.name)
            if begin == chosen[0] and name not in by_name and _ROLE.fullmatch(name):
                raise refusal(path) from None
        raise
    return {role: arrays[name] for role, name in roles.items()}, chosen[0]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _array_files(folder: Path) -> list[Path]:
    return [path for path in _visible(folder) if path.stat().st_size and _holds_one(path)]


def _holds_one(path: Path) -> bool:
    kind = kind_of(path)
    return kind in ("idx", "npy") or (kind == "zip" and path.suffix == ".npz" and len(names_in_npz(path)) == 1)


def _parts(file: str) -> tuple[str, str]:
    """What comes before the words that name split and kind, and these words."""
    stem = _ENDINGS.sub("", _ENDINGS.sub("", file.lower()))
    found = _ROLE.search(stem)
    if not found:
        return "", stem
    return stem[: found.start()].strip("-_."), found.group(0)
