"""Do less redundant inputs lose more by sparsity?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.data.dataset import DataError
from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.histogram import near_zero
from sw.experiments.measured import Case
from sw.experiments.record import Record, only, percent
from sw.experiments.sources import Source
from sw.experiments.statistics import Estimate
from sw.experiments.task import Task, base_network
from sw.morse.dataset import variant_named
from sw.sparse.errors import SparseError

__all__ = ["REDUNDANCY"]

_DENSITIES = (1, 0.2)
_KEPT = 0.9  # of the features: those that vary, against as many components
_SQUARES = (2, 4)  # pixels a side that become their mean
PLAIN, COMPONENTS = "plain", "principal components"


def _cases(task: Task) -> list[Case]:
    """The same layers and out-degrees for features that repeat each other, and for as many that do not."""
    cases = []
    for source in _plain(task.source):
        count = source.shape.features
        neurons = base_network(count, task.classes, task.hidden)
        for inputs, one in ((PLAIN, source), (COMPONENTS, replace(task.source, pca=count))):
            of_inputs = replace(task, source=one, neurons=neurons)
            try:
                assert one.shape.features == count
                points = list(of_inputs.near(task.densities or _DENSITIES, lean=4))
            except (SparseError, DataError):  # so few features have no such density, or no so many components
                continue
            cases += [Case({"inputs": inputs, "count": count, "wished": density}, point) for density, point in points]
    return cases


def _plain(source: Source) -> list[Source]:
    found = [replace(source, keep=max(2, int(_KEPT * source.shape.features)))]
    for side in _SQUARES if variant_named(source.name) is None else ():  # Morse code is no image
        pooled = replace(source, pool=side)
        try:
            count = pooled.shape.features
        except SparseError:  # no images, or not of such sides
            continue
        if count > 4:
            found.append(pooled)
    return found


def _findings(records: Sequence[Record]) -> list[Finding]:
    found = []
    for count in dict.fromkeys(record["count"] for record in records):
        for wished in dict.fromkeys(record["wished"] for record in records if record["wished"] < 1):
            lost, networks = [], []
            for inputs in (COMPONENTS, PLAIN):
                pair = [only(records, inputs=inputs, count=count, wished=share) for share in (wished, 1)]
                if all(pair):
                    (sparse,), (full,) = pair
                    lost.append(sparse.less_than(full))
                    networks.append(sparse)
                    found.append(Finding("", f"{count} {inputs}: points less with {percent(sparse.density)}", lost[-1]))
            if len(lost) == 2:
                networks[0].more_than(networks[1], weights=0)  # refuses what is not equally large
                more = Estimate(lost[0].mean - lost[1].mean, (lost[0].half**2 + lost[1].half**2) ** 0.5)
                found.append(Finding("redundancy", f"points that {count} {COMPONENTS} lose more than {count} features "
                                     f"of images, at {percent(networks[0].density)} of the same layers", more, low=0))
    for record in records:  # fully connected ones on images and on what they are made of: another claim's
        if record["wished"] == 1:
            found += near_zero(record, f"{record['neurons']} fully connected, {record['count']} {record['inputs']}",
                               tests=True)
    return found


REDUNDANCY = Experiment(
    name="redundancy", about="features that repeat each other, and as many principal components, in equal networks",
    claim="the less redundant the inputs, the more accuracy sparsity costs",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against density", series="inputs", series_label="", scale="log",
                  x_label="overall density"),),
)
