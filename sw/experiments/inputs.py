"""Does it help to give all edges to the inputs that vary most?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.point import dense_weights
from sw.experiments.record import Record, only, percent
from sw.experiments.task import Task, base_network

__all__ = ["INPUTS"]

_TOTALS = (0.5, 0.2, 0.1)  # weights, by those of the fully connected network with all inputs
_KEPT = (1, 0.5, 0.375, 0.25)  # features, by all
_WIDER = (1, 2)  # hidden neurons, by the fully connected network's
_WISHED, _TESTED = 0.2, 0.375  # chosen beforehand: the best of several would be too good
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


def _findings(records: Sequence[Record]) -> list[Finding]:
    (full,) = only(records, what=WHOLE)
    found = []
    for what in dict.fromkeys(record["what"] for record in records if record is not full):
        same = only(records, what=what)
        base = max(same, key=lambda one: one["inputs"])  # of the same width and run
        for record in same:
            if record is base:
                continue
            share = record["inputs"] / base["inputs"]
            tests = record["wished"] == _WISHED and abs(share / _TESTED - 1) < 0.1
            found.append(Finding(
                "inputs" if tests else "",
                f"{what}: points more with edges on {record['inputs']} inputs than on {base['inputs']}",
                record.more_than(base, weights=0.1), low=0))
    return found + [Finding("", f"points less than fully connected: {record['inputs']} inputs, {record.name}",
                            record.less_than(full)) for record in records if record is not full]


INPUTS = Experiment(
    name="inputs", about="at equal numbers of weights, edges only on the inputs that vary most",
    claim="edges are better spent on inputs that vary",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Edges on the inputs that vary most", x="inputs", series="what", series_label="",
                  x_label="inputs that have edges", scale="log"),),
)
