"""Planting a fault: a unit of the product runs with other words in its source, for as long as the test wants."""

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

from sw.common.errors import UserError
from sw.design.schedule import Schedule

__all__ = ["Plant", "PlantError"]


class PlantError(UserError):
    """A fault cannot be planted, as the unit's source has moved on; the message says which text is not there once."""


@dataclass(frozen=True)
class Plant:
    """Method ``name`` of the class ``unit``, or the function ``name`` as the module ``unit`` uses it, changed.

    ``changes``: pairs of texts; the first occurs once in the source and is replaced by the second.
    """

    unit: type | ModuleType
    name: str
    changes: tuple[tuple[str, str], ...]

    @property
    def named(self) -> str:
        """The unit as a reader finds it, for instance hw.update.UpdateLanes.elaborate."""
        if isinstance(self.unit, ModuleType):
            function = getattr(self.unit, self.name)
            used = "" if function.__module__ == self.unit.__name__ else f" (in {self.unit.__name__})"
            return f"{function.__module__}.{self.name}{used}"
        return f"{self.unit.__module__}.{self.unit.__qualname__}.{self.name}"

    def source(self) -> str:
        """The changed source. PlantError if a text is not there exactly once."""
        text = textwrap.dedent(inspect.getsource(getattr(self.unit, self.name)))
        for old, new in self.changes:
            if (times := text.count(old)) != 1:
                raise PlantError(f"{self.named} must have the text {old!r} once, has it {times} times")
            text = text.replace(old, new)
        return text

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The unit has the fault inside the ``with`` block, and nowhere else."""
        sound = vars(self.unit)[self.name]
        # the names that the unit sees stay those of its module, where others may have replaced some too
        module, made = sys.modules[getattr(self.unit, self.name).__module__], {}
        exec(self.source(), vars(module), made)
        setattr(self.unit, self.name, made[self.name])
        Schedule.of.cache_clear()
        try:
            yield
        finally:
            setattr(self.unit, self.name, sound)
            Schedule.of.cache_clear()
