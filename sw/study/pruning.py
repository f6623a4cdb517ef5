"""Trials without hope are ended early, by one rule.

After a step s, a trial is hopeless if it would stay worse than the best one even if it still improved by `MARGIN` times
as much as the complete trial that improved most after s. Before `LEAST` complete trials are there, and in the first
quarter of the steps, nothing is pruned. How large the margin must be, so that it changes no winner: `sw.app.pruning`.
"""

from collections.abc import Mapping, Sequence

from sw.study.stage import Record, best

__all__ = ["LEAST", "MARGIN", "limits"]

LEAST = 5
MARGIN = 4.0


def limits(records: Sequence[Record], margin: float = MARGIN) -> dict[int, float]:
    """After which steps a trial whose best value so far is above which value is hopeless.

    ``records``: the trials that may be looked at, of the trial's own fidelity. Values are those that the trials
    reported after each step; lower is better.
    """
    incumbent = best(records)
    curves = [one.curve for one in records if one.complete and one.curve]
    if incumbent is None or incumbent.value is None:
        return {}
    last = max((max(curve) for curve in curves), default=0)
    found = {}
    for step in range(-(-last // 4), last):
        gains = [lowest(curve, step) - min(curve.values()) for curve in curves if step in curve]
        if len(gains) >= LEAST:
            found[step] = incumbent.value + margin * max(gains)
    return found


def lowest(curve: Mapping[int, float], step: int) -> float:
    """The best value of a curve up to a step."""
    return min(value for at, value in curve.items() if at <= step)
