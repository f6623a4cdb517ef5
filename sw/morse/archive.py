"""Morse datasets as npz files: six arrays, streamed to the file, and the recipe that made them."""

import dataclasses
import json
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sw.data.archive import npz_file, npz_member, write_array
from sw.morse.generator import FORMS, blocks, check_whole
from sw.morse.settings import MorseError, MorseSettings

__all__ = ["Recipe", "Saved", "recipe_of", "save"]

_SPLITS = {"tr": ("train", 0), "va": ("validation", 2), "te": ("test", 1)}  # count and stream of each
_KEY = "recipe"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that a file depends on.

    Parameters
    ----------
    settings
        How samples are drawn.
    train, validation, test
        Samples per class in each split; 0 for validation leaves it out.
    seed
        Whole number from 0.
    form
        Of the features, a key of `sw.morse.generator.FORMS`.
    one_hot
        True: labels are uint8 rows (samples, classes) with one 1, as in the published files. False:
        int64 (samples,).
    name
        What the dataset is called; shapes nothing.

    Raises
    ------
    MorseError
        When a knob breaks its rule.
    """

    settings: MorseSettings
    train: int = 5000
    validation: int = 1000
    test: int = 1000
    seed: int = 1
    form: str = "units"
    one_hot: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        for knob, lowest in (("train", 1), ("validation", 0), ("test", 1), ("seed", 0)):
            check_whole(knob, getattr(self, knob), lowest)
        if self.form not in FORMS:
            raise MorseError(f"form must be one of {', '.join(FORMS)}, got {self.form!r}")

    @property
    def samples(self) -> int:
        """Samples of all splits."""
        return len(self.settings.class_indices) * (self.train + self.validation + self.test)

    def to_json(self) -> str:
        """As JSON; the names of the classes are there for the reader."""
        return json.dumps({**dataclasses.asdict(self), "class_names": self.settings.class_names})

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """The recipe that `to_json` wrote."""
        found = json.loads(text)
        del found["class_names"]
        knobs: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value
                                 in found["settings"].items()}
        return cls(**{**found, "settings": MorseSettings(**knobs)})


@dataclass(frozen=True)
class Saved:
    """What saving took: seconds of drawing, and of compressing and writing, by the clock and of the processor (one
    core); bytes of the file, and the CRC-32 of each array's bytes by key, which are the same on every machine
    (compressed bytes follow the zlib in use)."""

    generation_seconds: float
    saving_seconds: float
    generation_cpu_seconds: float
    saving_cpu_seconds: float
    size: int
    checksums: dict[str, int]


def save(path: str | Path, recipe: Recipe, tell: Callable[[int, int], None] | None = None) -> Saved:
    """Draw a dataset and write it as compressed npz with the keys xtr ytr xva yva xte yte and `recipe` (JSON text).

    Holds the labels and one block of samples at a time. `tell` is called with the samples done and all of them.
    DesignError if the file cannot be written; then nothing is left.
    """
    clock, done = _Clock(), 0
    with npz_file(path) as archive:
        for split, (knob, stream) in _SPLITS.items():
            per_class = getattr(recipe, knob)
            if not per_class:
                continue
            count = per_class * len(recipe.settings.class_indices)
            labels = []
            with npz_member(archive, f"x{split}", FORMS[recipe.form], (count, recipe.settings.features)) as member:
                for x, y in clock.drawing(blocks(recipe.settings, per_class=per_class, seed=recipe.seed,
                                                 split=stream, form=recipe.form)):
                    member.write(x.tobytes())
                    labels.append(y)
                    done += len(y)
                    if tell:
                        tell(done, recipe.samples)
            write_array(archive, f"y{split}", _labels(np.concatenate(labels), recipe))
        write_array(archive, _KEY, np.array(recipe.to_json()))
        checksums = {info.filename.removesuffix(".npy"): info.CRC for info in archive.infolist()}
    drawing, all_of_it = clock.drawn, clock.total()
    saving = all_of_it - drawing
    return Saved(drawing[0], saving[0], drawing[1], saving[1], Path(path).stat().st_size, checksums)


def recipe_of(path: str | Path) -> Recipe | None:
    """The recipe recorded in an npz file, None where there is none; MorseError if it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return Recipe.from_json(str(archive[_KEY])) if _KEY in archive.files else None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, ValueError, TypeError, KeyError) as error:
        raise MorseError(f"{path}: the recipe cannot be read: {' '.join(str(error).split())}") from None


def _labels(y: np.ndarray, recipe: Recipe) -> np.ndarray:
    if not recipe.one_hot:
        return y
    rows = np.zeros((len(y), len(recipe.settings.class_indices)), np.uint8)
    rows[np.arange(len(y)), y] = 1
    return rows


class _Clock:
    """Seconds since it was made, by the clock and of the processor, and those of them that an iterator took."""

    def __init__(self) -> None:
        self.begun, self.drawn = self._now(), np.zeros(2)

    def _now(self) -> np.ndarray:
        return np.array([time.perf_counter(), time.process_time()])

    def total(self) -> np.ndarray:
        return self._now() - self.begun

    def drawing(self, parts: Iterator[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            started = self._now()
            part = next(parts, None)
            self.drawn += self._now() - started
            if part is None:
                return
            yield part
