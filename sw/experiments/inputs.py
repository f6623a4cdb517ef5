"""Does it help to give all edges to the inputs that vary most?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, only, percent
from sw.experiments.point import dense_weights
from sw.experiments.task import Task, base_network

__all__ = ["INPUTS"]

_TOTALS = (0.5, 0.2, 0.1)  # weights, by those of the fully connected network with all inputs
_KEPT = (1, 0.5, 0.375, 0.25)  # features, by all
_WIDER = (1, 2)  # hidden neurons, by the fully connected network's
WHOLE = "fully connected"


def _cases(task: Task) -> list[Case]:
    whole = dense_weights(task.neurons)
    cases = [Case({"what": WHOLE, "wished": 1, "inputs": task.features}, task.point(task.neurons[1:]))]
    for wished in _TOTALS:
        # lambda goes with the number of weights, not with the density of a network that has fewer inputs
        settings = replace(task.settings, l2=task.settings.l2 * wished)
        for wider in _WIDER:
            hidden = wider * task.hidden
            for part in _KEPT:
                neurons = base_network(max(2, round(part * task.features)), task.classes, hidden)
                kept = min(neurons[0], task.features)
                source = replace(task.source, keep=None if kept == task.features else kept)
                point = task.weighing(wished * whole, neurons, source=source, settings=settings)
                if point:
                    what = f"{percent(wished)} of the weights, {hidden} hidden neurons"
                    cases.append(Case({"what": what, "wished": wished, "inputs": kept}, point))
    return cases


def _findings(measured: Sequence[Measured]) -> list[str]:
    (full,) = only(measured, what=WHOLE)
    lines = [f"fully connected: {full.accuracy} %"]
    for wished in _TOTALS:
        of_total = only(measured, wished=wished)
        for m in of_total:
            lines.append(f"{_name(m, full)}: {m.accuracy} %, {m.less_than(full)} points less than fully connected")
        if of_total:
            best = max(of_total, key=lambda m: m.accuracy.mean)
            lines.append(f"best with {percent(wished)} of the weights: {_name(best, full)}, {best.less_than(full)} "
                         "points less than fully connected")
    return lines


def _name(m: Measured, full: Measured) -> str:
    layers = "-".join(map(str, m.point.neurons))
    share = percent(m.result["weights"] / full.result["weights"])
    return f"{m.labels['inputs']} inputs, {layers}, out-degrees {m.point.out_degrees}, {share} of the weights"


INPUTS = Experiment(
    name="inputs", about="at equal numbers of weights, edges only on the inputs that vary most",
    claim="edges are better spent on inputs that vary",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Edges on the inputs that vary most", x="inputs", series="what", series_label="",
                  x_label="inputs that have edges", scale="log"),),
)
