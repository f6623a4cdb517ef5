"""What does each weight of the cost give, and does stage 3 then find more weight decay for larger networks?"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from scipy.stats import spearmanr

from sw.deepncheap.objective import PENALTIES
from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, by_case, judged, mean_of
from sw.experiments.search.setting import Setting
from sw.experiments.statistics import Estimate, estimate

__all__ = ["TRADEOFF"]

_WCS = (0.0, 0.01, 0.1, 1.0, 10.0)


def _case(penalty: str, wc: float) -> str:
    return f"{penalty}, w_c = {wc:g}"


def _rows(setting: Setting) -> list[dict[str, Any]]:
    return [setting.search(wc=wc, penalty=penalty).row(case=_case(penalty, wc), penalty=penalty, wc=wc)
            for penalty in PENALTIES for wc in _WCS]


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    lines: list[str | Finding] = []
    for penalty in PENALTIES:
        for wc in _WCS:
            case = _case(penalty, wc)
            decays = ", ".join(f"{row['weight_decay']:.2g}" for row in rows if row["case"] == case)
            lines.append(f"{case}: {mean_of(rows, 'accuracy', case)} % of the validation samples, "
                         f"{mean_of(rows, 'parameters', case).mean:,.0f} parameters, "
                         f"{mean_of(rows, 't_epoch', case).mean:.2g} s an epoch, weight decay {decays}")
        costs = by_case(rows, "t_epoch" if penalty == "t_epoch" else "parameters")
        pairs = zip(costs[_case(penalty, _WCS[-1])], costs[_case(penalty, _WCS[0])], strict=True)
        lines.append(judged(f"{penalty}: w_c = {_WCS[-1]:g} gives a cheaper network than 0",
                            estimate([math.log10(a / b) for a, b in pairs]), 0.0, ("lower",), "decades"))
        lines.append(judged(f"{penalty}: weight decay goes with the number of parameters, rank correlation over w_c",
                            _correlation([row for row in rows if row["penalty"] == penalty]), 0.0, ("higher",)))
    return lines


def _correlation(rows: Sequence[Row]) -> Estimate:
    """Spearman's, of weight decay and parameters over w_c; the mean over the seeds."""
    return estimate(list(_of_each_seed(rows)))


def _of_each_seed(rows: Sequence[Row]) -> Iterator[float]:
    for seed in dict.fromkeys(row["seed"] for row in rows):
        own = [row for row in rows if row["seed"] == seed]
        columns = [[row[name] for row in own] for name in ("weight_decay", "parameters")]
        if min(len(set(column)) for column in columns) < 2:  # equal ones are correlated with nothing
            yield 0.0
            continue
        found = float(spearmanr(*columns).statistic)
        yield 0.0 if math.isnan(found) else found


TRADEOFF = Experiment(
    name="tradeoff", about="w_c of 0 to 10 with both penalties, and what stage 3 finds",
    claim="CIFAR-10, stage 3 for w_c 0, 0.01, 0.1, 1, 10: learning rate 0.001, 0.001, 0.001, 0.003, 0.001; weight "
          "decay 3.3e-5, 8.3e-5, 1.2e-5, 0, 0; batch 120, 256, 459, 452, 256; weight decay is strictly correlated "
          "with the number of parameters",
    rows=_rows, findings=_findings,
    pictures=(
        Picture("accuracy", "Accuracy and complexity", "parameters", "accuracy", series="case", x_label="parameters",
                y_label="validation accuracy (%)", scale="log"),
        Picture("decay", "Weight decay that stage 3 found", "parameters", "weight_decay", series="penalty",
                x_label="parameters", y_label="weight decay", scale="log"),
    ),
)
