"""How deep must a CNN be?"""

from collections.abc import Sequence
from typing import Any

from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, apart, by_case, judged, mean_of
from sw.experiments.search.setting import Setting

__all__ = ["DEPTH"]

_MARGIN = 0.5  # points of test accuracy


def _rows(setting: Setting) -> list[dict[str, Any]]:
    return [setting.search(parts=("widths",), convolutions=(depth, depth)).row(case=f"{depth} layers", depth=depth)
            for depth in setting.scale.depths]


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    cases = list(by_case(rows, "depth"))
    lines: list[str | Finding] = [
        f"{case}: {mean_of(rows, 'test_accuracy', case)} % of the test samples, "
             f"{mean_of(rows, 'parameters', case).mean:,.0f} parameters, "
             f"{mean_of(rows, 't_epoch', case).mean:.2g} s an epoch" for case in cases]
    *_, half, deepest = cases
    return [*lines, judged(f"{deepest} are no better than {half}", apart(rows, "test_accuracy", deepest, half), _MARGIN,
                           ("equal", "lower"), "points")]


DEPTH = Experiment(
    name="depth", about="stage 1 for CNNs of a few depths, each with as many trainings",
    claim="we may not need very deep networks: 14 layers have 93.74 % on CIFAR-10, 8 layers 91.89 %, 4 layers 83.82 %, "
          "and 537 layers of another search 93.22 %",
    rows=_rows, findings=_findings, network="cnn",
    pictures=(Picture("accuracy", "Depth of CNNs", "depth", "test_accuracy", x_label="convolutions",
                      y_label="test accuracy (%)"),),
)
