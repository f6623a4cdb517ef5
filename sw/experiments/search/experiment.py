"""What an experiment about the search is: rows per seed, what they say, and a picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any

from sw.common.picture import COLOURS, DARK
from sw.experiments.finding import Finding
from sw.experiments.search.setting import Setting
from sw.experiments.statistics import Estimate, estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Experiment", "Picture", "Row", "apart", "by_case", "judged", "judgements", "mean_of"]

Row = Mapping[str, Any]
_MARKERS = "osD^vP*X"


@dataclass(frozen=True)
class Picture:
    """Every row as a point: columns ``x`` and ``y``, a colour for each value of the column ``series``.

    ``scale``: of the x axis as matplotlib has it; texts stand in the order in which they come.
    """

    name: str
    title: str
    x: str
    y: str
    series: str = "case"
    x_label: str = ""
    y_label: str = ""
    scale: str = "linear"

    def draw(self, axes: "Axes", rows: Sequence[Row]) -> None:
        words = list(dict.fromkeys(row[self.x] for row in rows if isinstance(row[self.x], str)))
        for number, series in enumerate(dict.fromkeys(row[self.series] for row in rows)):
            shown = [row for row in rows if row[self.series] == series]
            axes.plot([words.index(row[self.x]) if words else row[self.x] for row in shown],
                      [row[self.y] for row in shown], _MARKERS[number % len(_MARKERS)], ms=5, alpha=0.8,
                      color=(*DARK, *COLOURS)[number % (len(DARK) + len(COLOURS))], label=str(series))
        if words:
            axes.set_xticks(range(len(words)), words, rotation=20, ha="right")
            axes.margins(x=0.15)
        elif self.scale == "symlog":
            axes.set_xscale("symlog", linthresh=min((row[self.x] for row in rows if row[self.x] > 0), default=1))
        else:
            axes.set_xscale(self.scale)
        axes.set(xlabel=self.x_label, ylabel=self.y_label)
        axes.grid(alpha=0.3)
        if self.series != self.x:
            axes.legend(fontsize=7)


@dataclass(frozen=True)
class Experiment:
    """A question about the search.

    Parameters
    ----------
    about : one line for the help.
    claim : what the slides of Deep-n-Cheap say, with their figures.
    rows : what is measured with one seed; each row has a ``case``, and every seed the same cases.
    findings : what the rows of all seeds say: sentences with figures, and claims with verdicts.
    network : the kind that it is about; None: any.
    """

    name: str
    about: str
    claim: str
    rows: Callable[[Setting], list[dict[str, Any]]]
    findings: Callable[[Sequence[Row]], list[str | Finding]]
    pictures: tuple[Picture, ...]
    network: str | None = None


def by_case(rows: Sequence[Row], column: str) -> dict[str, list[float]]:
    """The values of a column, in the order of the seeds, for each case."""
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["case"], []).append(float(row[column]))
    return found


def mean_of(rows: Sequence[Row], column: str, case: str) -> Estimate:
    """Over the seeds."""
    return estimate(by_case(rows, column)[case])


def apart(rows: Sequence[Row], column: str, case: str, other: str) -> Estimate:
    """How much more ``case`` has than ``other``: both with the same seeds, so the mean of the differences."""
    values = by_case(rows, column)
    return estimate([a - b for a, b in zip(values[case], values[other], strict=True)])


def judged(comparison: str, found: Estimate, margin: float, holds: Sequence[str], unit: str = "") -> Finding:
    """A claim about a difference of which ``margin`` does not matter: that it is what ``holds`` says.

    ``holds``: "equal" within the margin, "higher", "lower" beyond it; two that are neighbours join.
    """
    low = -inf if "lower" in holds else -margin if "equal" in holds else margin
    high = inf if "higher" in holds else margin if "equal" in holds else -margin
    return Finding("search", comparison, found, low, high, unit)


def judgements(experiment: Experiment, rows: Sequence[Row]) -> list[Finding]:
    """What the rows say about the experiment's claim, as its record has it."""
    return [replace(found, claim=f"search-{experiment.name}") for found in experiment.findings(rows)
            if isinstance(found, Finding)]
