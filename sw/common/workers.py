"""Work on all cores: processes that end with the command, however it ends."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import TypeVar

from sw.common.process import Stopped, stop

__all__ = ["in_processes"]

Item = TypeVar("Item")
Result = TypeVar("Result")
_PATIENCE = 5.0  # seconds that a process has to tidy up


def in_processes(function: Callable[[Item], Result], items: Sequence[Item], jobs: int,
                 begin: Callable[[], None] | None = None) -> Generator[tuple[Item, Result]]:
    """Each item with ``function(item)``, in the order in which they are done, ``jobs`` at a time.

    ``begin`` is called in each process first. The processes are spawned, not forked: threads, as torch's, do not
    survive a fork. An exception of ``function`` is raised here and ends the others, as closing the generator does;
    BrokenProcessPool if a process died.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        max(1, min(jobs, len(items))), multiprocessing.get_context("spawn"), initializer=begin
    )
    try:
        # they inherit that it is blocked: Ctrl-C is for this process, which ends them
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            futures: dict[Future[Result], Item] = {pool.submit(_one, function, item): item for item in items}
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        ours = set(multiprocessing.active_children()) - others
        for process in ours:
            process.terminate()
        for process in ours:
            process.join(_PATIENCE)
            process.kill()
        raise
    finally:
        pool.shutdown()


def _one(function: Callable[[Item], Result], item: Item) -> Result:
    """In a process of the pool: a `terminate` lets ``function`` tidy up, and then ends the process."""
    signal.signal(signal.SIGTERM, stop)
    try:
        return function(item)
    except Stopped:
        os._exit(128 + signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
