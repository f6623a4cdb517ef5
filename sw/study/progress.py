"""One line per trial that has ended: what came of it, the best so far, the time left."""

from collections.abc import Callable, Mapping, Sequence

from optuna.trial import TrialState

from sw.study.budget import Budget
from sw.study.plan import left
from sw.study.stage import Figure, Record, Stage, best

__all__ = ["Progress", "span"]


class Progress:
    """Call it with all records and the one that ended; ``say`` gets the line."""

    def __init__(self, stages: Sequence[Stage], figures: Sequence[Figure], workers: int, budget: Budget,
                 say: Callable[[str], None]) -> None:
        self._stages, self._figures, self._workers, self._budget, self._say = stages, figures, workers, budget, say

    def __call__(self, records: Sequence[Record], record: Record, closed: Mapping[str, int]) -> None:
        finished = sum(one.finished for one in records)
        still = left(self._stages, records, closed)
        incumbent = best(records)
        so_far = f"best {incumbent.value:.3f} ({incumbent.stage} {incumbent.number})" if incumbent else "no best yet"
        self._say(f"{finished:>{len(str(finished + still))}}/{finished + still} {record.stage} {record.number}: "
                  f"{self._result(record)}, {span(record.seconds)} | {so_far} | {self._time(records, record, still)}")

    def _result(self, record: Record) -> str:
        if record.state == TrialState.FAIL:
            return f"failed: {record.attributes.get('failure', '')}"
        texts = [figure.text(record) for figure in self._figures]
        value = "pruned" if record.state == TrialState.PRUNED else f"{record.value:.3f}"
        return ", ".join([value, *(text for text in texts if text)])

    def _time(self, records: Sequence[Record], record: Record, still: int) -> str:
        if not still:
            return "done"
        known = [one.seconds for one in records if one.stage == record.stage and one.seconds > 0]
        budget = max(0.0, self._budget.left())
        estimate = still * sum(known) / len(known) / self._workers if known else budget
        return f"about {span(min(estimate, budget))} left" if min(estimate, budget) < 1e9 else "time left unknown"


def span(seconds: float) -> str:
    """A time as people read it."""
    if seconds < 100:
        return f"{seconds:.{1 if seconds < 10 else 0}f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
