"""Files of the best trials; those of others are removed as soon as they are beaten."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from sw.common.atomic import check_folder, write_atomic
from sw.study.pareto import front
from sw.study.stage import Figure, Record, ranked
from sw.study.workers import Outcome

__all__ = ["Keeper", "folder_of"]


def folder_of(out: Path, record: Record) -> Path:
    """Where the files of a trial are."""
    return out / f"{record.trial:04d}-{record.stage}"


class Keeper:
    """Keeps the files of the ``most`` best trials and of the Pareto front in ``out``."""

    def __init__(self, out: Path, most: int, figures: Sequence[Figure]) -> None:
        self._out, self._most, self._figures = out, most, figures

    def write(self, record: Record, outcome: Outcome) -> None:
        """The files of a trial, before it is told as complete: a complete one has its files."""
        for name, content in outcome.files.items():
            check_folder(folder_of(self._out, record))
            write_atomic(folder_of(self._out, record) / name, content)

    def tidy(self, records: Sequence[Record]) -> None:
        """Remove the files of those that are not among the best any more."""
        kept = {one.id for one in (*ranked(records)[: self._most], *front(records, self._figures))}
        for record in records:
            folder = folder_of(self._out, record)
            if record.finished and record.id not in kept and folder.exists():
                shutil.rmtree(folder, ignore_errors=True)
