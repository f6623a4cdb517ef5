"""Compares what was measured once more with what is kept.

The same seed does not train the same network everywhere: another processor, and another number of networks at a time,
add up products in another order. After hundreds of updates of a network that is not yet sure, that can be as
if another seed had been drawn (docs/experiments.md). So accuracies are compared as two measurements of the same thing,
too, which a few seeds allow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sw.experiments.record import Record
from sw.experiments.statistics import Estimate, alike, chance, chance_of_estimates, estimate

__all__ = ["Again", "Comparison", "figures_again", "record_again"]

_CHANCE = 0.05  # a figure that is less probable is named, where all are not alike
_MEASURED = {"seeds", "test_accuracies", "test_accuracy", "test_interval", "train_accuracy", "validation_accuracies",
             "validation_accuracy", "kept_epochs", "near_zero", "correct", "seconds"}
_SAME = 1e-3  # of what is kept with four digits


@dataclass(frozen=True)
class Again:
    """A figure, ``old`` and ``new``; ``chance``: see `sw.experiments.statistics.chance`; ``same``: all that it is made
    of is the same."""

    name: str
    old: Estimate
    new: Estimate
    chance: float
    same: bool

    def beyond(self, half: float) -> bool:
        """Whether it is off by more than the half-width of the kept interval."""
        return abs(self.new.mean - self.old.mean) > half + 1e-9

    def __str__(self) -> str:
        return f"{self.name}: {self.new}, kept {self.old}"


@dataclass(frozen=True)
class Comparison:
    """``faults``: what may not differ and does, a line each. ``figures``: all that could be compared."""

    faults: list[str] = field(default_factory=list)
    figures: list[Again] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """What differs; nothing where all is as kept."""
        if not self.figures or alike([one.chance for one in self.figures]):
            return self.faults
        far = sorted(self.figures, key=lambda one: min(one.chance, 1 - one.chance))
        named = [one for one in far if 2 * min(one.chance, 1 - one.chance) < _CHANCE]
        return self.faults + [line for line in map(str, named or far) if line not in self.faults]

    def __str__(self) -> str:
        if self.faults:
            return f"{len(self.lines)} differ"
        if self.lines:
            return f"differs by more than chance, in {len(self.lines)} of {len(self.figures)} figures the most"
        same = sum(one.same for one in self.figures)
        far = max(self.figures, key=lambda one: abs(one.new.mean - one.old.mean), default=None)
        return f"as kept, {same} of {len(self.figures)} figures exactly" + (
            f"; the largest difference is {far}" if far and same < len(self.figures) else "")


def record_again(report: Mapping[str, Any], records: Sequence[Record], content: str | None) -> Comparison:
    """Of a record the accuracies; data and all that a configuration is may not differ, nor a mean over all seeds by
    more than its kept interval. ``records`` may have fewer seeds, the first ones."""
    faults, figures = [], []
    data = report["data"].get("content")
    if data and content and data != content:
        faults.append(f"the data are others: {content}, kept {data}")
    if len(report["rows"]) != len(records):
        return Comparison([*faults, f"{len(records)} configurations, kept {len(report['rows'])}"])
    for old, new in zip(report["rows"], records, strict=True):
        few = len(new["seeds"])
        others = [f"{name} {new[name]}, kept {old[name]}"
                  for name in old if name in new and name not in _MEASURED and old[name] != new[name]]
        if new["seeds"] != old["seeds"][:few]:
            others.append(f"seeds {new['seeds']}, kept {old['seeds']}")
        if others:
            faults.append(f"{new.name}: {'; '.join(others)}")
            continue
        same = new.accuracies == old.accuracies[:few] and (
            few < len(old["seeds"]) or new["correct"] == old["correct"])
        figures.append(Again(f"{new.name}, %", estimate(old.accuracies[:few]), estimate(new.accuracies),
                             chance(new.accuracies, old.accuracies), same))
        if few == len(old["seeds"]) and figures[-1].beyond(old["test_interval"] or 0):
            faults.append(str(figures[-1]))
    return Comparison(faults, figures)


def figures_again(old: Mapping[str, Estimate], new: Mapping[str, Estimate], *, exact: bool = False) -> Comparison:
    """Of figures by name; none may be off by more than its kept interval. ``exact``: they are made of integers alone,
    and none may differ."""
    faults, figures = [], []
    for name, was in old.items():
        if name not in new:
            faults.append(f"{name}: kept {was}, and not found now")
            continue
        now = new[name]
        same = max(abs(now.mean - was.mean), abs(now.half - was.half)) < _SAME
        figures.append(Again(name, was, now, chance_of_estimates(now, was), same))
        if (exact and not same) or figures[-1].beyond(was.half):
            faults.append(str(figures[-1]))
    return Comparison(faults, figures)
