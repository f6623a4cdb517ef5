"""Pictures of a study: how its values came down, the Pareto front, which parameters mattered. SVG."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib
import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from optuna.trial import TrialState, create_trial

from sw.common.picture import COLOURS, SETTINGS, content
from sw.study.pareto import front
from sw.study.stage import Figure, Record, ranked

__all__ = ["history", "importance", "importances", "pareto"]

_LEAST = 6  # trials of a stage from which importances are estimated


def history(records: Sequence[Record]) -> bytes:
    """Value of each trial in the order in which they were asked for, and the best so far."""
    def draw(axes: Axes) -> None:
        shown = [one for one in records if one.complete and one.value is not None]
        for colour, stage in zip(COLOURS * 9, dict.fromkeys(one.stage for one in records), strict=False):
            own = [one for one in shown if one.stage == stage]
            axes.plot(*_points(own), "o", ms=4, color=colour, label=stage)
        lost = [one for one in records if one.state == TrialState.PRUNED and one.value is not None]
        axes.plot(*_points(lost), "x", ms=4, color="0.6", label="pruned")
        lowest = [best for n in range(len(shown)) if (best := ranked(shown[: n + 1])[0])]
        axes.step(_points(shown)[0], _points(lowest)[1], where="post", color="0.3", lw=1, label="best so far")
        axes.set(xlabel="trial", ylabel="value that is minimised")
        axes.legend(fontsize=7)
    return _picture(draw, "history of the search")


def pareto(records: Sequence[Record], figures: Sequence[Figure]) -> bytes | None:
    """The first two figures that count, of all complete trials, and the front; None where there are no two."""
    counting = [figure for figure in figures if figure.better][:2]
    shown = [one for one in records if one.complete and all(figure.name in one.attributes for figure in counting)]
    if len(counting) < 2 or not shown:
        return None
    second, first = counting

    def draw(axes: Axes) -> None:
        best = front(records, figures)
        for points, style in ((shown, {"marker": "o", "color": COLOURS[0], "ls": ""}),
                              (best, {"marker": "o", "color": COLOURS[5], "ls": "-", "lw": 1, "label": "front"})):
            axes.plot([one.attributes[first.name] for one in points], [one.attributes[second.name] for one in points],
                      ms=4, **style)
        if all(one.attributes[first.name] > 0 for one in shown):
            axes.set_xscale("log")
        axes.set(xlabel=first.name, ylabel=second.name)
        axes.legend(fontsize=7)
    return _picture(draw, "Pareto front of the search")


def importances(records: Sequence[Record]) -> dict[str, Mapping[str, float]]:
    """Stage -> parameter -> its importance by Optuna's fANOVA, of those that all trials of the stage have."""
    found: dict[str, Mapping[str, float]] = {}
    for stage in dict.fromkeys(one.stage for one in records):
        own = [one for one in records if one.stage == stage and one.complete and one.value is not None]
        names = [name for name in (own[0].parameters if own else ())
                 if all(name in one.parameters for one in own) and len({one.parameters[name] for one in own}) > 1]
        if len(own) < _LEAST or len(names) < 2 or len({one.value for one in own}) < 2:
            continue
        study = optuna.create_study()
        distributions = {name: optuna.distributions.FloatDistribution(*_range(own, name)) for name in names
                         if not any(isinstance(one.parameters[name], str) for one in own)}
        for one in own:
            params = {name: float(one.parameters[name]) for name in distributions}
            study.add_trial(create_trial(value=one.value, params=params, distributions=dict(distributions)))
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=1)
        found[stage] = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return found


def importance(found: Mapping[str, Mapping[str, float]]) -> bytes | None:
    """Bars of `importances`; None where there are none."""
    bars = [(f"{stage}: {name}", share, colour) for colour, (stage, shares) in
            zip(COLOURS * 9, found.items(), strict=False) for name, share in shares.items()]
    if not bars:
        return None

    def draw(axes: Axes) -> None:
        names, shares, colours = zip(*reversed(bars), strict=True)
        axes.barh(names, shares, color=colours)
        axes.set(xlabel="share of the variance within the stage (fANOVA)", xlim=(0, 1))
    return _picture(draw, "importance of the parameters", 1 + 0.25 * len(bars))


def _points(records: Sequence[Record]) -> tuple[list[int], list[float]]:
    return [one.trial for one in records], [one.value or 0.0 for one in records]


def _range(records: Sequence[Record], name: str) -> tuple[float, float]:
    values = [float(one.parameters[name]) for one in records]
    return min(values), max(values)


def _picture(draw: Callable[[Axes], None], title: str, height: float = 3.2) -> bytes:
    with matplotlib.rc_context(SETTINGS):
        drawing = Drawing(figsize=(6.4, height), layout="constrained")
        draw(drawing.add_subplot())
        return content(drawing, "svg", title)
