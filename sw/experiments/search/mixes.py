"""How many of the points that are trained should be initial ones?"""

from collections.abc import Sequence
from typing import Any

from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, apart, judged, mean_of
from sw.experiments.search.setting import Points, Setting

__all__ = ["MIXES"]

_WC = 0.1
_MARGIN = 0.02  # of f
RANDOM, SOBOL, BALANCED, EXTREME, OURS = "random", "Sobol", "balanced", "extreme", "default"


def _mixes(number: int) -> dict[str, Points]:
    """The slides' with 30: 30 random, 30 of Sobol, 15 + 15, 1 + 29."""
    slides = "deep-n-cheap"
    return {RANDOM: Points(number, 0, "random"), SOBOL: Points(number, 0, slides),
            BALANCED: Points(number // 2, number - number // 2, slides), EXTREME: Points(1, number - 1, slides),
            OURS: Points.default(number)}


def _rows(setting: Setting) -> list[dict[str, Any]]:
    return [setting.search(parts=("widths", "training"), wc=_WC, points=points).row(
                case=mix, initial=points.initial, steps=points.steps)
            for mix, points in _mixes(setting.scale.trials).items()]


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    shown = {row["case"]: f"{row['initial']} + {row['steps']}" for row in rows}
    lines: list[str | Finding] = [
        f"{case}, {points}: f {mean_of(rows, 'value', case)}, {mean_of(rows, 'accuracy', case)} % of the "
             f"validation samples" for case, points in shown.items()]
    pairs = ((BALANCED, RANDOM), (BALANCED, SOBOL), (BALANCED, EXTREME), (OURS, BALANCED))
    return [*lines, *(judged(f"f of {one} is no higher than that of {other}", apart(rows, "value", one, other), _MARGIN,
                             ("equal", "lower")) for one, other in pairs)]


MIXES = Experiment(
    name="mixes", about="random, Sobol, 15 + 15, 1 + 29 and the default's points, in stages 1 and 3",
    claim="30 points: random, Sobol's grid, balanced (15 + 15) and extreme (1 + 29) Bayesian optimisation are "
          "compared; balanced is the default (no figures in the text)",
    rows=_rows, findings=_findings,
    pictures=(Picture("value", "Initial points and steps", "case", "value", y_label="f = log10(f_p + 0.1 f_c)"),),
)
