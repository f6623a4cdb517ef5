"""Does a network that was found on other data, its training searched anew, do as well as one found on these?"""

from collections.abc import Sequence
from typing import Any

from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, apart, judged, mean_of
from sw.experiments.search.setting import Setting

__all__ = ["TRANSFER"]

NATIVE, TRANSFERRED = "native", "transferred"
_MARGIN = 0.5  # points of test accuracy


def _rows(setting: Setting) -> list[dict[str, Any]]:
    elsewhere = setting.search(dataset=setting.other, parts=("widths", "grids"))
    moved = setting.search(architecture=elsewhere.architecture, parts=("training",))
    native = setting.search()
    return [native.row(case=NATIVE, found_on=setting.dataset), moved.row(case=TRANSFERRED, found_on=setting.other)]


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    lines: list[str | Finding] = [
        f"{case}: {mean_of(rows, 'test_accuracy', case)} % of the test samples, "
             f"{mean_of(rows, 'parameters', case).mean:,.0f} parameters, "
             f"{mean_of(rows, 't_epoch', case).mean:.2g} s an epoch, "
             f"{mean_of(rows, 'trainings', case).mean:.0f} trainings on these data" for case in (NATIVE, TRANSFERRED)]
    more = apart(rows, "test_accuracy", TRANSFERRED, NATIVE)
    at_least = judged("networks found elsewhere do at least as well", more, _MARGIN, ("equal", "higher"), "points")
    return [*lines, at_least, judged("they do better", more, 0.0, ("higher",), "points")]


TRANSFER = Experiment(
    name="transfer", about="stages 1 and 2 on other data, stage 3 on these, against all three on these",
    claim="networks found on CIFAR do better on Fashion-MNIST than those found there, probably since they have more "
          "parameters; training times are mostly the same",
    rows=_rows, findings=_findings,
    pictures=(Picture("accuracy", "Search transfer", "parameters", "test_accuracy", x_label="parameters",
                      y_label="test accuracy (%)", scale="log"),),
)
