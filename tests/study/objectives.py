"""Objectives that processes of tests work on; a module of its own, so that those load little."""

import os
import time
from functools import partial
from pathlib import Path

from sw.common.errors import UserError
from sw.study.workers import Outcome


def objective(job, report, *, log, pause):
    x = job.configuration[1]
    with Path(log).open("a") as file:
        file.write(f"{job.stage} {job.number} {x!r}\n")
    value = 9.0
    for step in range(1, 5):
        time.sleep(pause)
        value = (x - 0.3) ** 2 + 1 / step
        if report(step, value):
            break
    return Outcome(value, {"error": abs(x - 0.3), "size": round(100 * abs(x + 1))}, {"x.txt": repr(x).encode()})


def prepare(log, pause):
    return partial(objective, log=log, pause=pause)


def trouble(job, report):
    """What can go wrong, by the number of the trial."""
    match job.number:
        case 1:
            raise MemoryError("CUDA out\nof memory")
        case 2:
            os._exit(3)
        case 3:
            os.kill(os.getpid(), 9)
        case 4:
            return Outcome(float("nan"))
        case 5:
            raise UserError("the loss is not finite after epoch 1")
        case 6:
            report(1, float("inf"))
    return Outcome(1.0 / (1 + job.number))


def always(job, report):
    raise ValueError("of no use")


def refuse():
    raise UserError("x must be 1, got 2")


def slow(job, report):
    time.sleep(600 if job.number == 1 else 0)
    return Outcome(1.0)


def plain(job, report):
    return Outcome(1.0)
