"""Which junctions may be sparse: the early or the late ones?"""

from collections.abc import Sequence
from itertools import combinations

from sw.experiments.charts import Bars, Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record, only, percent
from sw.experiments.task import Task
from sw.experiments.trades import CLAIM, trade
from sw.pattern.degrees import nearest_out_degree

__all__ = ["JUNCTIONS", "LEANS"]

_FIRST, _SECOND = (0.5, 0.2, 0.1, 0.05), (1, 0.5, 0.2, 0.1)
LEANS = {"earlier denser": 0.5, "equal": 1, "later denser": 2}
_TOTAL = 0.2
_EQUAL = 0.06  # by which part two totals may differ and still be called equal
GRID, DEEP = "grid", "deep"


def _cases(task: Task) -> list[Case]:
    inputs, hidden, classes = task.neurons
    found: dict[tuple[int, ...], Case] = {}
    for one in _FIRST:
        for two in _SECOND:
            degrees = (nearest_out_degree(inputs, hidden, one), nearest_out_degree(hidden, classes, two))
            labels: dict[str, str | float] = {
                "part": GRID, "rho_1": round(degrees[0] / hidden, 4), "rho_2": round(degrees[1] / classes, 4)}
            found.setdefault(degrees, Case(labels, task.point(degrees)))
    cases = list(found.values())
    for depth in (3, 4):
        neurons = (inputs, *[hidden] * (depth - 1), classes)
        for profile, lean in LEANS.items():
            point = task.at(_TOTAL, neurons, lean)
            cases.append(Case({"part": DEEP, "junctions": f"{depth} junctions", "profile": profile}, point))
    return cases


def _findings(records: Sequence[Record]) -> list[Finding]:
    found = []
    for a, b in combinations(only(records, part=GRID), 2):
        early, late = sorted((a, b), key=lambda one: float(one["rho_2"]) / float(one["rho_1"]))
        if early.unequal(late) <= _EQUAL:
            found += trade(early, late, f"({early['rho_1']:g}, {early['rho_2']:g})", weights=_EQUAL)
    for junctions in dict.fromkeys(str(record["junctions"]) for record in only(records, part=DEEP)):
        early, equal, late = (only(records, junctions=junctions, profile=profile)[0] for profile in LEANS)
        for other, name in ((early, "earlier denser"), (equal, "equal")):
            if late.unequal(other) > _EQUAL:  # there are no such out-degrees
                continue
            found.append(Finding(CLAIM, f"{junctions}, {percent(late.density)} in all: points that later denser has "
                                 f"more than {name}", late.more_than(other, weights=_EQUAL), low=0))
    return found


JUNCTIONS = Experiment(
    name="junctions", about="at equal totals, the first or the last junctions denser; two, three and four junctions",
    claim="later junctions should be denser than earlier ones",
    cases=_cases, findings=_findings,
    charts=(
        Lines("grid", "Two junctions", {"part": GRID}, series="rho_2", x_label="overall density, by rho_1",
              scale="log"),
        Bars("deep", "Three and four junctions, 20 % of the weights", {"part": DEEP}, x="profile", series="junctions"),
    ),
)
