"""Runs the configurations of an experiment, several at a time; those that were run before are not run again."""

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

import torch

from sw.design.whole import write_whole
from sw.sparse.experiments.point import Point, run
from sw.sparse.experiments.statistics import estimate

__all__ = ["run_all"]

Tell = Callable[[str], None]


def _stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run_all(points: Sequence[Point], store: Path, jobs: int = 1, tell: Tell = _stderr) -> list[dict[str, Any]]:
    """The results of ``points``, in their order; see `sw.sparse.experiments.point.run`.

    ``store``: folder with one file per result, written as soon as it is there; a run that was stopped goes on. Equal
    points are run once. ``jobs``: processes, each with one thread, which small networks need no more of. ``tell`` gets
    a line for each point that is done, with the time left.

    Raises
    ------
    SparseError, DesignError, DataError : of a point that cannot be run.
    """
    store.mkdir(parents=True, exist_ok=True)
    found = {point.identity: _stored(store, point) for point in points}
    missing = {point.identity: point for point in points if found[point.identity] is None}
    if len(missing) < len(found):
        tell(f"{len(found) - len(missing)} of {len(found)} configurations were run before")
    # the longest first, so that no process is left alone with one at the end
    for result in _run(sorted(missing.values(), key=lambda point: -point.work), store, jobs, tell):
        found[result["identity"]] = result
    return [found[point.identity] or {} for point in points]


def _run(points: Sequence[Point], store: Path, jobs: int, tell: Tell) -> list[dict[str, Any]]:
    if not points:
        return []
    results, done, of = [], 0.0, sum(point.work for point in points)
    begun = time.perf_counter()
    # a process of its own for each: torch's threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(points)), context, initializer=_one_thread) as pool:
        futures: dict[Future[dict[str, Any]], Point] = {pool.submit(_one, point, store): point for point in points}
        try:
            while futures:
                for future in wait(futures, return_when=FIRST_COMPLETED).done:
                    point = futures.pop(future)
                    results.append(future.result())
                    done += point.work
                    left = (time.perf_counter() - begun) * (of - done) / done
                    tell(_line(len(results), len(points), results[-1], left))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def _one_thread() -> None:
    torch.set_num_threads(1)


def _one(point: Point, store: Path) -> dict[str, Any]:
    result = run(point)
    write_whole(_path(store, point), (json.dumps(result) + "\n").encode())
    return result


def _path(store: Path, point: Point) -> Path:
    return store / f"{point.identity}.json"


def _stored(store: Path, point: Point) -> dict[str, Any] | None:
    try:
        result: dict[str, Any] = json.loads(_path(store, point).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return result if result.get("identity") == point.identity else None


def _line(number: int, of: int, result: dict[str, Any], left: float) -> str:
    point = result["point"]
    network = "-".join(map(str, point["neurons"]))
    accuracy = estimate([100 * a for a in result["test_accuracy"]])
    return (f"[{number}/{of}] {network}, out-degrees {tuple(point['out_degrees'])}, {point['kind']}: {accuracy} %, "
            f"{result['seconds']:.0f} s, about {left / 60:.0f} min left")
