"""A search whose objective is a formula, as a program that tests can kill: three stages, each on the one before."""

import argparse
import random
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from optuna.distributions import FloatDistribution

from sw.common.command import command
from sw.study.run import Search, run
from sw.study.stage import Candidate, Figure, History, best
from sw.study.storage import open_study
from tests.study.objectives import prepare

FIGURES = (Figure("error", "error {:.3f}", "lower"), Figure("size", "size {:.0f}", "lower"))


@dataclass(frozen=True)
class Climb:
    """Random points first, then steps from the best one that it may see: results matter, so does their order."""

    name: str
    trials: int = 8
    start: int = 3
    fidelity: int = 0
    share: float = 1.0

    def propose(self, number: int, history: History) -> Candidate | None:
        stream = random.Random(f"{self.name} {number}")
        if number < self.start:
            x = stream.uniform(-1, 1)
        else:
            seen = best(history.of(self.name))
            x = (seen.configuration[1] if seen else 0.0) + stream.gauss(0, 0.1)
        return Candidate([self.name, x], {"x": x}, {"x": FloatDistribution(-9, 9)})


@dataclass(frozen=True)
class Grid:
    """Each of some offsets to the best point so far; nothing of its own matters."""

    name: str = "grid"
    offsets: tuple[float, ...] = (0.1, -0.1, 0.05)
    fidelity: int = 0
    share: float = 1.0

    @property
    def trials(self) -> int:
        return len(self.offsets) + 1  # one too many is no harm

    start = trials

    def propose(self, number: int, history: History) -> Candidate | None:
        incumbent = best(history.before(self.name))
        if incumbent is None or number >= len(self.offsets):
            return None
        return Candidate([self.name, incumbent.configuration[1] + self.offsets[number]])


def search(log, pause=0.0, trials=8):
    return Search([Climb("first", trials), Grid(), Climb("last", trials)], partial(prepare, str(log), pause), FIGURES,
                  fork=True)


@command
def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--storage")
    parser.add_argument("--study", default="formula")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--trials", type=int, default=8)
    options = parser.parse_args(arguments)
    study = open_study(options.storage or f"sqlite:///{options.folder}/study.db", options.study, {"formula": 1})
    log = options.folder / "log.txt"
    ended = run(search(log, options.pause, options.trials), study, options.folder / "trials", workers=options.workers)
    print(ended.reason)
    study.close()


if __name__ == "__main__":
    sys.exit(main())
