"""At equal density of the network, should the earlier or the later junctions be denser?"""

from collections.abc import Sequence
from itertools import pairwise

from sw.design.degrees import nearest_out_degree, out_degrees
from sw.sparse.experiments.charts import Lines
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.measured import Case, Labels, Measured, only, percent
from sw.sparse.experiments.statistics import Estimate
from sw.sparse.experiments.task import Task

__all__ = ["JUNCTIONS"]

_DENSITIES = (0.5, 0.35, 0.2, 0.1, 0.05)
_OF_SECOND = (0.1, 0.2, 0.4, 0.7, 1)
_LEANS = {"earlier denser": 0.5, "equal": 1, "later denser": 2}
_DEEP_DENSITIES = (0.3, 0.2, 0.1)
_EQUAL = 0.05  # by which part two densities may differ that are compared


def _cases(task: Task) -> list[Case]:
    found = _grid(task)
    for junctions in (3,) if task.short else (3, 4):
        neurons = (task.neurons[0], *(task.hidden,) * (junctions - 1), task.neurons[-1])
        for name, lean in _LEANS.items():
            for wished, point in task.near((0.2,) if task.short else _DEEP_DENSITIES, neurons, lean):
                found.append(Case({"junctions": junctions, "wished": wished, "profile": name}, point))
    return found


def _grid(task: Task) -> list[Case]:
    """Two junctions: for each density of the second one, of the first the nearest to a density of both."""
    inputs, hidden, outputs = task.neurons
    first, second = inputs * hidden, hidden * outputs
    found: dict[tuple[int, ...], Case] = {}
    for of_second in (0.1, 1) if task.short else _OF_SECOND:
        last = nearest_out_degree(hidden, outputs, of_second)
        for wished in (0.2,) if task.short else _DENSITIES:
            spare = (wished * (first + second) - hidden * last) / first
            if spare >= out_degrees(inputs, hidden).step / hidden / 2:
                degrees = (nearest_out_degree(inputs, hidden, min(spare, 1)), last)
                rho: Labels = {"rho_1": degrees[0] / hidden, "rho_2": last / outputs}
                found.setdefault(degrees, Case({"junctions": 2, "wished": wished, **rho}, task.point(degrees)))
    return list(found.values())


def _lean(m: Measured) -> float:
    """Density of the last junction by that of the first."""
    shares = [d / right for d, (_, right) in zip(m.point.out_degrees, pairwise(m.point.neurons), strict=True)]
    return shares[-1] / shares[0]


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines = []
    for junctions in sorted({int(m.labels["junctions"]) for m in measured}):
        pairs = []
        for wished in sorted({float(m.labels["wished"]) for m in measured}, reverse=True):
            at = sorted(only(measured, junctions=junctions, wished=wished), key=_lean)
            if at and _lean(at[0]) < 1 < _lean(at[-1]) and _comparable(at[0], at[-1]):
                pairs.append((at[0], at[-1]))
                lines.append(_sentence(junctions, at))
        if pairs:
            gains = [later.more_than(earlier) for earlier, later in pairs]
            lines.append(
                f"{junctions} junctions: later denser is better in {_count(gains, 1)} and worse in {_count(gains, -1)} "
                f"of {len(gains)} comparisons; the other intervals have 0 in them"
            )
        else:
            lines.append(f"{junctions} junctions: no two networks within {percent(_EQUAL)} of the same density, one "
                         f"with the earlier and one with the later junctions denser")
    return lines


def _comparable(a: Measured, b: Measured) -> bool:
    return abs(a.density / b.density - 1) <= _EQUAL


def _count(gains: Sequence[Estimate], sign: int) -> int:
    return sum(gain.certain and gain.mean * sign > 0 for gain in gains)


def _sentence(junctions: int, at: Sequence[Measured]) -> str:
    earlier, later = at[0], at[-1]
    best = max(at, key=lambda m: m.accuracy.mean)
    return (
        f"{junctions} junctions: out-degrees {later.point.out_degrees} ({percent(later.density)}) against "
        f"{earlier.point.out_degrees} ({percent(earlier.density)}): {later.accuracy} % and {earlier.accuracy} %, later "
        f"minus earlier denser {later.more_than(earlier)} points; best {best.point.out_degrees}: {best.accuracy} %"
    )


JUNCTIONS = Experiment(
    name="junctions", about="earlier or later junctions denser, at equal density of the network",
    claim="at equal density of the network, later junctions should be denser",
    cases=_cases, findings=_findings,
    charts=(
        Lines("two", "Density of the second junction fixed, of the first varied", {"junctions": 2},
              x_label="overall density", series="rho_2", scale="log"),
        Lines("three", "Three junctions", {"junctions": 3}, x_label="overall density", series="profile", scale="log"),
        Lines("four", "Four junctions", {"junctions": 4}, x_label="overall density", series="profile", scale="log"),
    ),
)
