"""What one trial does: trains the design of a choice and tells how good, how fast and how large it is."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log10
from typing import Any

import numpy as np

from sw.codesign.choice import Chosen, fitted
from sw.codesign.errors import CodesignError
from sw.codesign.fitting import Fitted
from sw.codesign.task import Task, Wanted
from sw.codesign.trained import trained
from sw.cost.clock import expected_mhz
from sw.cost.devices import Device
from sw.study.stage import Figure
from sw.study.workers import Job, Outcome

__all__ = ["FIGURES", "PARTS", "Trial", "attributes", "value_of"]

PARTS = 10  # points of a trial's curve
_GUESSING = 1.2  # a network that after half of the training predicts so many times as well as a guess will not learn
FIGURES = (
    Figure("accuracy", "accuracy {:.2%}", "higher"),
    Figure("samples_per_second", "{:,.0f} samples/s", "higher"),
    Figure("share", "{:.0%} of the board", "lower"),
)


def value_of(accuracy: float, samples: int) -> float:
    """log10 of the error; of none, that of half a sample among so many."""
    return log10(max(1 - accuracy, 0.5 / samples))


def attributes(made: Fitted, device: Device) -> dict[str, Any]:
    """What is known of a design before it is trained."""
    mhz = expected_mhz(made.design, device)
    return {
        "share": made.share,
        "clocks": made.clocks,
        "expected_mhz": mhz,
        "samples_per_second": 1e6 * mhz / made.clocks,
        "weights": sum(j.weights for j in made.design.junctions),
        "z": list(made.design.hardware.z),
        "lut": made.cost.lut,
        "ff": made.cost.ff,
        "dsp": made.cost.dsp,
        "block": made.cost.block,
    }


@dataclass
class Trial:
    """Trains what a job's configuration says: ``chosen``, the training ``slots``, and the ``seeds`` for patterns and
    weights. The curve is that of the first seed."""

    task: Task

    @classmethod
    def prepare(cls, wanted: Wanted) -> "Trial":
        return cls(Task.load(wanted))

    def __call__(self, job: Job, report: Callable[[int, float], bool]) -> Outcome:
        task, device = self.task, self.task.wanted.device
        chosen, slots = Chosen(**job.configuration["chosen"]), job.configuration["slots"]
        epochs = max(1, round(slots / task.samples))
        made = fitted(chosen, f"{job.stage}-{job.number}", task.data(epochs), task.inputs, task.classes, device)
        if made is None:
            raise CodesignError("it does not fit the board")
        data = task.parted(made.design.data.keep)
        samples, found, hopeless = len(data.xte), [], False

        def after(part: int, accuracy: float) -> bool:
            nonlocal hopeless
            guessing = part >= PARTS / 2 and accuracy < _GUESSING / task.classes
            hopeless = report(part, value_of(accuracy, samples)) or guessing
            return hopeless

        for n, seed in enumerate(job.configuration["seeds"]):
            told = (after, PARTS) if n == 0 else ()
            _, accuracy = trained(made.design.with_seed(seed), data, epochs * len(data.xtr), *told)
            found.append(accuracy)
            if hopeless:
                break
        mean = float(np.mean(found))
        facts = {"accuracy": mean, "accuracies": found, **attributes(made, device)}
        return Outcome(value_of(mean, samples), facts)
