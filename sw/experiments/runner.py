"""Runs the configurations of experiments, several at a time; those that were run before are not run again."""

import json
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import torch

from sw.common.atomic import check_folder, write_atomic
from sw.common.workers import in_processes
from sw.experiments.point import Point
from sw.experiments.run import run
from sw.experiments.statistics import estimate
from sw.sparse.errors import SparseError
from sw.study.shared import shared

__all__ = ["run_all"]

Result = dict[str, Any]
Tell = Callable[[str], None]


def _stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run_all(groups: Sequence[Sequence[Point]], store: Path, jobs: int = 1, tell: Tell = _stderr,
            storage: str | None = None) -> Iterator[list[Result]]:
    """The results of each group of points, in their order, as soon as the group is done.

    See `sw.experiments.run` for a result. Equal points are run once, whatever their groups.

    ``store``: folder with one file per result, written as soon as it is there; a run that was stopped goes on. A file
    that is damaged is as if it were not there. ``jobs``: processes, each with one thread, which small networks need no
    more of; one job runs in this process. ``tell`` gets a line for each point that is done, with the time left for all.
    ``storage``: a server by which processes on any machines share the points, one job each; see `sw.study.shared`.

    Raises
    ------
    SparseError, DesignError, DataError, StudyError : of a point that cannot be run, or of a store or server that cannot
        be written to.
    """
    check_folder(store)
    points = {point.identity: point for group in groups for point in group}
    found = {identity: result for identity in points if (result := _stored(store, identity))}
    # group by group; the longest first, so that no process is left alone with one at the end
    missing = list({
        point.identity: point for group in groups for point in sorted(group, key=lambda point: -point.work)
        if point.identity not in found
    }.values())
    if found:
        tell(f"{len(found)} of {len(points)} configurations were run before")
    before, done, of, begun = len(found), 0.0, sum(point.work for point in missing), time.perf_counter()
    with closing(_finished(missing, jobs, storage)) as finished:
        for group in groups:
            while not all(point.identity in found for point in group):
                point, result = next(finished)
                write_atomic(_path(store, point.identity), (json.dumps(result) + "\n").encode())
                found[point.identity] = result
                done += point.work
                left = (time.perf_counter() - begun) * (of - done) / done
                tell(_line(len(found) - before, len(missing), result, left))
            yield [found[point.identity] for point in group]


def _finished(points: Sequence[Point], jobs: int, storage: str | None) -> Generator[tuple[Point, Result]]:
    """Each point with its result, in the order in which they are done."""
    if storage and jobs > 1:
        raise SparseError(f"--jobs must be 1 with --storage, got {jobs}: start the command once for each processor")
    if storage or jobs == 1 or len(points) <= 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield from shared(points, storage, run) if storage else ((point, run(point)) for point in points)
        finally:
            torch.set_num_threads(threads)
        return
    try:
        with closing(in_processes(run, points, jobs, begin=partial(torch.set_num_threads, 1))) as finished:
            yield from finished
    except BrokenProcessPool:
        raise SparseError("a process died, perhaps for want of memory; --jobs 1 needs less, and the same "
                          "command goes on") from None


def _path(store: Path, identity: str) -> Path:
    return store / f"{identity}.json"


def _stored(store: Path, identity: str) -> Result | None:
    try:
        result = json.loads(_path(store, identity).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return result if isinstance(result, dict) and result.get("identity") == identity else None


def _line(number: int, of: int, result: Result, left: float) -> str:
    point = result["point"]
    network = "-".join(map(str, point["neurons"]))
    accuracy = estimate([100 * a for a in result["test_accuracy"]])
    return (f"[{number}/{of}] {network}, out-degrees {tuple(point['out_degrees'])}, {point['kind']}: {accuracy} %, "
            f"{result['seconds']:.0f} s, about {_time(left)} left")


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 90 else f"{minutes} min"
