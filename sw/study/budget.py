"""The time that a search may take: shared among its stages, and kept."""

import time
from collections.abc import Sequence

from sw.study.stage import Record, Stage
from sw.study.storage import Study

__all__ = ["Budget"]

_CLOSED = "closed"


class Budget:
    """The time budget of this command, from now on.

    A stage whose share of the time is used up is closed: it asks for no more trials, and that is noted with the study,
    so that the plan stays a function of what is stored. At the end nothing new is begun; what runs may end within a
    grace of 2.5 % or 12 s, whichever is longer.

    Parameters
    ----------
    stages
        Of the search; those that are still to be done get their ``share``.
    seconds
        None: no limit.
    """

    def __init__(self, stages: Sequence[Stage], seconds: float | None) -> None:
        self._stages, self._seconds = stages, seconds
        self._start = time.monotonic()
        self._ends: dict[str, float] | None = None
        self.closed: dict[str, int] = {}

    def left(self) -> float:
        """Seconds until nothing new is begun; infinite without a limit."""
        if self._seconds is None:
            return float("inf")
        return self._seconds - (time.monotonic() - self._start)

    def over(self, grace: bool = False) -> bool:
        """Whether it is used up; ``grace``: and the time in which running trials may end too."""
        return self.left() <= (-self._grace() if grace else 0.0)

    def until_next(self) -> float:
        """Seconds until the answer of `over` changes."""
        left = self.left()
        return max(0.05, left if left > 0 else left + self._grace())

    def close(self, records: Sequence[Record], study: Study) -> dict[str, int]:
        """The stages that have been closed, and at which number of trials."""
        self.closed = dict(study.note(_CLOSED) or {})
        if self._seconds is None:
            return self.closed
        asked = {stage.name: sum(one.stage == stage.name for one in records) for stage in self._stages}
        succeeded = {one.stage for one in records if one.complete}
        if self._ends is None:
            self._ends = self._planned(asked)
        spent = time.monotonic() - self._start
        now = {stage.name: asked[stage.name] for stage in self._stages[:-1]
               if stage.name in succeeded and stage.name not in self.closed
               and asked[stage.name] < stage.trials and spent >= self._ends[stage.name]}
        if now:
            self.closed |= now
            study.set_note(_CLOSED, self.closed)
        return self.closed

    def _planned(self, asked: dict[str, int]) -> dict[str, float]:
        """When each stage is to end, in seconds from the start."""
        assert self._seconds is not None
        begun = max((index for index, stage in enumerate(self._stages) if asked[stage.name]), default=0)
        rest = sum(stage.share for stage in self._stages[begun:]) or 1.0
        ends, share = {}, 0.0
        for index, stage in enumerate(self._stages):
            share += stage.share / rest if index >= begun else 0.0
            ends[stage.name] = self._seconds * share
        return ends

    def _grace(self) -> float:
        return max(12.0, 0.025 * (self._seconds or 0.0))
