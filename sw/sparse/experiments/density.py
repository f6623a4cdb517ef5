"""How much accuracy does a network lose that starts with a share of its weights?"""

from collections.abc import Sequence

from sw.sparse.experiments.experiment import Case, Chart, Experiment, Measured, Task

__all__ = ["DENSITY"]

_DENSITIES = (1, 0.5, 0.35, 0.2, 0.1, 0.05, 0.025)
_LEANS = (1, 2, 4)


def _cases(task: Task) -> list[Case]:
    found: dict[tuple[int, ...], Case] = {}
    for density in _DENSITIES:
        for lean in _LEANS:
            point = task.at(density, lean=lean)
            # rounding to possible degrees can make two wishes the same network
            found.setdefault(point.out_degrees, Case({"wished": density, "lean": lean}, point))
    return list(found.values())


def _findings(measured: Sequence[Measured]) -> list[str]:
    full = next(m for m in measured if m.labels["wished"] == 1)
    lines = [f"fully connected: {full.accuracy} %"]
    for density in _DENSITIES[1:]:
        best = max((m for m in measured if m.labels["wished"] == density), key=lambda m: m.accuracy.mean, default=None)
        if best:
            lines.append(
                f"{100 * best.result['density']:.1f} % of the weights, out-degrees {best.point.out_degrees}: "
                f"{best.accuracy} %, {best.less_than(full)} points less than fully connected"
            )
    return lines


DENSITY = Experiment(
    name="density", about="accuracy against overall density, junctions equally dense or later ones denser",
    claim="starting with 20 % of the weights costs about 1 point of accuracy",
    cases=_cases, findings=_findings,
    charts=(Chart("accuracy", "Accuracy against density", "density", "lean", x_label="overall density",
                  logarithmic=True),),
)
