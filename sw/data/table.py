"""Tables: CSV and its relatives with a header line; Parquet and Arrow files where pyarrow is installed.

Numbers are features as they are, text is one feature per value that occurs (0 or 1), one column is the label.
"""

import csv
import re
import zlib
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sw.data.dataset import DataError
from sw.data.sniff import CUT, opened

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LABELS", "MOST_TEXTS", "read_table"]

#: what a label column is called if nobody says so, in this order of preference
LABELS = ("label", "labels", "class", "target", "y", "species", "category", "diagnosis", "outcome")
#: a text column with more different values is refused: it names things, it does not describe them
MOST_TEXTS = 100
_SEPARATORS = ",;\t|"
_SAMPLE = 1 << 16
# numbers as people write them: 1,000 and 5% and $3
_WRITTEN = re.compile(r"[-+$\u20ac]?\d+([,' ]\d{3})*([.,]\d+)?\s?[%\u20ac]?")


def read_table(path: Path, kind: str, label: str | None = None) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Features (samples, features), labels (samples,) as they are in the table, and notes of what was done.

    ``kind``: "text" (CSV), "parquet" or "arrow". ``label``: the column of the labels; else one that is called as in
    LABELS.

    Raises
    ------
    DataError
        A file that cannot be read, no such label column, missing cells, a text column with too many different values
        or of numbers.
    """
    frame = _csv(path) if kind == "text" else _columnar(path, kind)
    if not len(frame):
        raise DataError(f"{path}: must have at least one row below its header")
    column = _label_column(path, [str(name) for name in frame.columns], label)
    frame = frame.rename(columns=str)
    counting = [name for name in frame.columns if name != column and _counts_rows(name, frame[name])]
    frame = frame.drop(columns=counting)
    _check_missing(path, frame)
    labels = _numbers(frame[column])
    if labels is None:
        labels = frame[column].to_numpy().astype(str)
    notes = [f"column {name} numbers the rows: it is no feature" for name in counting]
    if label is None:
        notes.append(f"column {column} is the label")
    return _features(path, frame.drop(columns=column)), labels, notes


def _csv(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        with opened(path) as file, TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            sample = text.read(_SAMPLE)
        try:
            separator = csv.Sniffer().sniff(sample, _SEPARATORS).delimiter
        except csv.Error:  # one column, or rows too few to tell
            separator = max(_SEPARATORS, key=sample.partition("\n")[0].count)
        header = next(csv.reader(sample.splitlines()[:1], delimiter=separator, skipinitialspace=True), [])

        def read(decimal: str) -> pd.DataFrame:
            with opened(path) as file:
                return pd.read_csv(file, sep=separator, decimal=decimal, encoding="utf-8-sig", skipinitialspace=True,
                                   na_values=["?"])

        frame = read(".")
        if separator == ";" and any(map(pd.api.types.is_string_dtype, frame.dtypes)):  # of countries that write 1,5
            frame = max(frame, read(","), key=lambda found: sum(map(pd.api.types.is_numeric_dtype, found.dtypes)))
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: must be text in UTF-8, got byte {error.object[error.start]:#04x} at {error.start}: "
                        "save it as CSV UTF-8") from None
    except (EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}: {CUT}") from None
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise DataError(f"{path}: cannot be read as a table: {' '.join(str(error).split())}") from None
    if frame.shape[1] < 2:
        raise DataError(f"{path}: must have at least two columns, separated by comma, semicolon, tab or |; found "
                        f"{', '.join(map(str, frame.columns))}")
    _check_twice(path, header)  # pandas would give them other names
    if sum(_is_number(name) for name in header) > len(header) / 2:
        raise DataError(f"{path}: the first line must name the columns, got {', '.join(header[:6])}")
    return frame


def _columnar(path: Path, kind: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_parquet(path) if kind == "parquet" else pd.read_feather(path)
    except ImportError:
        raise DataError(
            f"{path}: reading {kind} files needs pyarrow, which is not installed (pip install pyarrow)"
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None


def _label_column(path: Path, columns: list[str], label: str | None) -> str:
    _check_twice(path, columns)
    if label is not None:
        if label not in columns:
            raise DataError(f"{path}: there is no column '{label}'; found {_listed(columns)}")
        return label
    for known in LABELS:
        for name in columns:
            if name.strip().lower() == known:
                return name
    raise DataError(f"{path}: which column is the label? give one with --label COLUMN; found {_listed(columns)}")


def _check_twice(path: Path, columns: list[str]) -> None:
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise DataError(f"{path}: column names must differ, got {twice[0]} twice")


def _counts_rows(name: str, column: "pd.Series") -> bool:
    """Whether this is an index that was saved as a column: 0, 1, 2 ... or 1, 2, 3 ..."""
    if not (name.lower() in ("id", "index") or name.startswith("Unnamed:")) or column.dtype.kind not in "iu":
        return False
    values = column.to_numpy()
    return bool(values[0] in (0, 1) and (np.diff(values) == 1).all())


def _check_missing(path: Path, frame: "pd.DataFrame") -> None:
    missing = frame.isna()
    count = int(missing.to_numpy().sum())
    if count:
        by_column = missing.sum()
        where = ", ".join(f"{name} ({n:,})" for name, n in by_column[by_column > 0].items())
        first = int(missing.any(axis=1).to_numpy().argmax())
        raise DataError(
            f"{path}: {count:,} cells are missing (empty, NA, ?), in the columns {where}; the first in row {first + 1} "
            "below the header: fill them or leave these rows out"
        )


def _numbers(column: "pd.Series") -> np.ndarray | None:
    """The values of a column of numbers, also of those types of pandas that know missing values; None for others."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(column.dtype):
        return None
    values = column.to_numpy()
    return values.astype(np.float64) if values.dtype == object else values


def _features(path: Path, frame: "pd.DataFrame") -> np.ndarray:
    parts: list[np.ndarray] = []
    for name, column in frame.items():
        if (values := _numbers(column)) is not None:
            parts.append(values[:, None])
            continue
        texts, which = np.unique(column.to_numpy().astype(str), return_inverse=True)
        numbers = [text for text in texts.tolist() if _WRITTEN.fullmatch(text)]
        if 2 * len(numbers) >= len(texts):
            odd = next((text for text in texts.tolist() if not _is_number(text)), texts[0])
            raise DataError(f"{path}: column {name} holds numbers, but not only plain ones, such as '{odd}': write all "
                            "as 1000 or 0.5, or all as words")
        if len(texts) > MOST_TEXTS:
            raise DataError(f"{path}: column {name} holds text with {len(texts):,} different values, at most "
                            f"{MOST_TEXTS} can become features: leave it out or group its values")
        parts.append(which[:, None] == np.arange(len(texts)))
    if not parts:
        raise DataError(f"{path}: needs at least one column besides the label")
    return np.concatenate(parts, axis=1)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _listed(columns: list[str]) -> str:
    return ", ".join(columns[:12]) + (f" and {len(columns) - 12} more" if len(columns) > 12 else "")
