"""How well do networks do on the family of Morse datasets, and what does their difficulty tell beforehand?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.morse.variants import VARIANTS
from sw.sparse.experiments.charts import Lines
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.measured import Case, Measured, only, percent
from sw.sparse.experiments.sources import Source
from sw.sparse.experiments.task import Task

__all__ = ["MORSE"]

_TRAIN, _TEST = 500, 100  # samples per class where a variant has 5,000 and 1,000
_SHORT = ("baseline", "difficult", "noise-4", "size-500", "dash-1-9-noise-0", "flips-4")
_DENSITIES = {"fully connected": 1.0, "sparse": 0.2}


def _cases(task: Task) -> list[Case]:
    cases = []
    for variant in VARIANTS.values():
        if task.short and variant.name not in _SHORT:
            continue
        classes, part = len(variant.settings.class_indices), 20 if task.short else 1
        train = max(1, _TRAIN * variant.train // 5000 // part) * classes
        source = Source(Source.VARIANT + variant.name, train, max(1, _TEST // part) * classes)
        neurons = (variant.settings.features, task.hidden, classes)
        for network, density in _DENSITIES.items():
            labels: dict[str, str | float] = {
                "variant": variant.name, "family": variant.family, "network": network,
                "noise": variant.settings.noise_sd,
            }
            cases.append(Case(labels, replace(task, source=source).at(density, neurons)))
    return cases


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines = []
    for m in only(measured, network="fully connected"):
        sparse = only(measured, network="sparse", variant=m.labels["variant"])[0]
        lines.append(f"{m.labels['variant']}: {m.accuracy} %, {sparse.less_than(m)} points less at "
                     f"{percent(sparse.density)}")
    return lines


MORSE = Experiment(
    name="morse", about="the ladder of Morse datasets, fully connected and sparse (needs no --dataset)",
    claim="difficulty metrics tell accuracy beforehand: r = -0.59, -0.64, -0.63, -0.64 (lower, upper, dist, thresh)",
    cases=_cases, findings=_findings,
    charts=(Lines("noise", "Accuracy against noise", {"network": "fully connected"}, x="noise", series="family",
                  series_label="", x_label="standard deviation of the noise"),),
)
