"""Speed of Morse data and of its metrics, each beside a plain per-sample loop in the same run: part of `make bench`.

    python -m sw.app.speed_morse

The loops of `sw.app.plain_morse` take minutes for a whole dataset: they run on some samples of each class, and
their time is scaled to all of them. Seconds are the processor's, of one core: what else runs on the machine counts
for little.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sw.app import plain_morse
from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.report import write_report
from sw.morse.archive import Recipe, save
from sw.morse.better import outlook_of_dataset
from sw.morse.metrics import difficulty
from sw.morse.moments import Moments
from sw.morse.settings import MorseError
from sw.morse.variants import variant
from sw.sources import load_raw

__all__ = ["main", "measure"]

_Result = TypeVar("_Result")
_PLAIN = 100  # samples of each class for the plain loops


def measure(name: str, train: int, folder: Path) -> dict[str, object]:
    """The figures of a variant with ``train`` samples per class in training, a fifth of it in the other splits.

    MorseError if plain loop and vectorised metrics differ.
    """
    settings = variant(name).settings
    recipe = Recipe(settings=settings, train=train, validation=train // 5, test=train // 5, name=name)
    path = folder / f"{name}.npz"
    saved = save(path, recipe)
    peak = _peak()
    data, loading = _timed(lambda: load_raw(path))
    found, measuring = _timed(lambda: difficulty(Moments.of_dataset(data)))
    new, scoring = _timed(lambda: outlook_of_dataset(data, Moments.of_dataset(data)))

    per_class = min(_PLAIN, train)
    (x, y), drawing = _timed(lambda: plain_morse.samples(settings, per_class, 1))
    first, second = len(x) * 5 // 7, len(x) * 6 // 7
    parts: dict[str, Any] = {f"{kind}{split}": part for kind, array in (("x", x), ("y", y))
             for split, part in zip(("tr", "va", "te"), np.split(array, (first, second)), strict=True)}
    _, writing = _timed(lambda: np.savez_compressed(folder / "plain.npz", **parts))
    plain, looping = _timed(lambda: plain_morse.metrics(x, y))
    check(plain, x, y)

    factor = recipe.samples / len(x)
    return {
        "dataset": name,
        "samples": recipe.samples,
        "generation_and_saving_wall_seconds": round(saved.generation_seconds + saved.saving_seconds, 2),
        "generation_seconds": round(saved.generation_cpu_seconds, 2),
        "plain_generation_seconds": round(drawing * factor, 1),
        "plain_per_generation": round(drawing * factor / saved.generation_cpu_seconds, 1),
        "saving_seconds": round(saved.saving_cpu_seconds, 2),
        "plain_saving_seconds": round(writing * factor, 1),
        "plain_per_saving": round(writing * factor / saved.saving_cpu_seconds, 1),
        "bytes": saved.size,
        "peak_megabytes": peak,
        "loading_seconds": round(loading, 2),
        "metrics_seconds": round(measuring, 3),
        "plain_metrics_seconds": round(looping * factor, 1),
        "plain_per_metrics": round(looping * factor / measuring, 1),
        "score_seconds": round(scoring, 3),
        "score_per_metrics": round(scoring / measuring, 2),
        "score": new.score if new else None,
        "v_lower": found.v_lower,
        "v_upper": found.v_upper,
        "v_dist": found.v_dist,
        "v_thresh": found.v_thresh,
    }


def check(plain: tuple[float, float, float, int], x: np.ndarray, y: np.ndarray) -> None:
    """MorseError if the metrics of a plain loop are not those of `sw.morse.metrics` for the same samples."""
    found = difficulty(Moments.of([(x, y.argmax(axis=1))]))
    ours = (found.v_lower, found.v_upper, found.v_dist, found.v_thresh)
    if found.v_dist is None or not np.allclose(plain, np.array(ours, np.float64), rtol=1e-9):
        raise MorseError(f"plain loop and metrics must agree, got {plain} and {ours}")


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def _peak() -> int:
    """The most memory this process has held so far, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10))


_TABLE = (
    ("Morse samples drawn, s", "generation_seconds", "plain_per_generation"),
    ("saved, s", "saving_seconds", "plain_per_saving"),
    ("metrics after loading, s", "metrics_seconds", "plain_per_metrics"),
    ("score after loading, s", "score_seconds", ""),
    ("loaded, s", "loading_seconds", ""),
    ("peak memory of drawing and saving, MB", "peak_megabytes", ""),
)


@command
def main(arguments: Sequence[str] | None) -> int:
    """Command line. Exit status 0, or 2 if something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m sw.app.speed_morse", description=__doc__.split("\n\n")[0])
    parser.add_argument("--variant", default="baseline", help="the dataset (baseline)")
    parser.add_argument("--train", type=int, default=5000, help="training samples per class (5000)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder of everything generated (build)")
    options = parser.parse_args(arguments)
    path = options.build / "bench" / "morse.json"
    if options.train < 50:
        raise MorseError(f"train must be at least 50, got {options.train}")
    check_folder(path.parent)
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options.variant, options.train, Path(folder))
    write_report(path, figures, {})
    print(f"  {figures['samples']:,} Morse samples, {options.variant}")
    for text, name, ratio in _TABLE:
        beside = f"{figures[ratio]:>9} x faster than a loop over samples" if ratio else ""
        print(f"  {text:<38}{figures[name]:>12,}{beside}")
    print(f"  {'report':<38}{path}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
