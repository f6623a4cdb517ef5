"""What an experiment is: configurations with labels, and what their results say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sw.experiments.charts import Chart
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record
from sw.experiments.task import Task

__all__ = ["Experiment"]


@dataclass(frozen=True)
class Experiment:
    """A question about sparse networks.

    ``cases`` : the configurations for a task. ``findings`` : what the records of all of them say; they need nothing
    else, so that kept records can be judged again. ``about`` : one line for the help. ``claim`` : what is to be tested,
    as published.
    """

    name: str
    about: str
    claim: str
    cases: Callable[[Task], list[Case]]
    findings: Callable[[Sequence[Record]], list[Finding]]
    charts: tuple[Chart, ...]
