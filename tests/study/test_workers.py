"""A worker that begins as a copy of the process that it works for."""

import fcntl
import os

from sw.study.workers import Done, Job, Outcome, Worker, messages


def test_a_copy_has_what_is_loaded_but_not_the_files_that_are_open(tmp_path):
    """A lock of a file is held until its last copy is closed: the next search would find it held."""
    loaded = [3.0]

    def prepare():  # cannot be pickled
        def objective(job, report):
            report(1, loaded[0])
            loaded[0] = 4.0
            return Outcome(loaded[0], {"pid": os.getpid()})
        return objective

    path = tmp_path / "lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        worker = Worker(prepare, threads=1, fork=True)
    try:
        worker.start(Job("a", 0, None))
        told = [message for _ in range(2) for _, message in messages([worker], 60.0)]
        assert [told[0].value, loaded] == [3.0, [3.0]]
        assert isinstance(told[1], Done)
        assert told[1].outcome.value == 4.0
        assert told[1].outcome.attributes["pid"] != os.getpid()
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        worker.end()
