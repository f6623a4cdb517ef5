"""A dataset in a file, a folder or a few files that belong together, known by its content."""

import glob
from dataclasses import replace
from pathlib import Path

import numpy as np

from sw.data.build import Raw, raw_of
from sw.data.dataset import DataError
from sw.data.folder import read_array, read_folder
from sw.data.names import CLASS_NAMES, arrays_by_role
from sw.data.npz import names_in_npz, read_npz
from sw.data.sniff import kind_of, refusal
from sw.data.table import read_table

__all__ = ["begins_file", "files_of", "read_files", "read_pairs"]

_PAIR = "give features and labels together, with a comma: FEATURES,LABELS or those of training and test, four files"


def read_files(path: Path, seed: int = 1, label: str | None = None) -> Raw:
    """The dataset in a file or folder; or that of the files in a folder that begin with the path's name.

    Parameters
    ----------
    path
        npz, CSV or another table, Parquet, Arrow, or a folder of idx or npy files.
    seed
        Draws the test split of data in one piece.
    label
        The column of the labels, for tables.

    Raises
    ------
    DataError
        No such file, one of another kind, a damaged one, or arrays that make no dataset.
    """
    if not path.exists() and not begins_file(path):
        raise DataError(f"{path}: there is no such file or folder")
    if path.is_dir() or not path.exists():
        folder, prefix = (path, "") if path.is_dir() else (path.parent, path.name)
        arrays, begin = read_folder(folder, prefix)
        return raw_of(begin or path.resolve().name, arrays, str(path), seed=seed)
    kind = kind_of(path)
    name = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    if kind == "zip":
        arrays, class_names = _npz(path)
        return raw_of(name, arrays, str(path), seed=seed, class_names=class_names)
    if kind in ("text", "parquet", "arrow"):
        x, y, notes = read_table(path, kind, label)
        raw = raw_of(name, {"x": x, "y": y}, str(path), seed=seed)
        return replace(raw, notes=(*notes, *raw.notes))
    if kind in ("npy", "idx"):
        raise DataError(f"{path}: holds one array, features or labels; {_PAIR}; or give the folder")
    raise refusal(path)


def begins_file(path: Path) -> list[Path]:
    """Files in the path's folder whose names begin with the path's name; none for a name without a folder."""
    if path.parent == Path(".") or not path.name or not path.parent.is_dir():
        return []
    return [file for file in path.parent.glob(f"{glob.escape(path.name)}*") if file.is_file()]


def files_of(path: Path) -> list[Path]:
    """The file of that path, all files below the folder, or those whose names begin with the path's name."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else sorted(begins_file(path))


def read_pairs(paths: list[Path], seed: int = 1) -> Raw:
    """Features and labels from two files, or those of training and test from four; each holds one array.

    Raises
    ------
    DataError
        Another number of files, or files that do not hold one array each.
    """
    roles = {2: ("x", "y"), 4: ("xtr", "ytr", "xte", "yte")}.get(len(paths))
    if roles is None:
        raise DataError(f"{','.join(map(str, paths))}: {_PAIR}; got {len(paths)} files")
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: there is no such file")
    arrays = {role: read_array(path) for role, path in zip(roles, paths, strict=True)}
    return raw_of(paths[0].stem, arrays, ",".join(map(str, paths)), seed=seed)


def _npz(path: Path) -> tuple[dict[str, np.ndarray], list[str] | None]:
    names = names_in_npz(path)
    if len(names) == 1 and names[0] == "arr_0":
        raise DataError(f"{path}: holds one array without a name; {_PAIR}")
    roles = arrays_by_role((name for name in names if name != CLASS_NAMES), str(path))
    found = read_npz(path, [*roles.values(), *(name for name in names if name == CLASS_NAMES)])
    class_names = found.get(CLASS_NAMES)
    if class_names is not None and (class_names.dtype.kind != "U" or class_names.ndim != 1):
        raise DataError(f"{path}: class_names must be text (classes,), got {class_names.dtype} {class_names.shape}")
    return ({role: found[name] for role, name in roles.items()},
            None if class_names is None else class_names.tolist())
