"""What a search minimises: f = log10(f_p + w_c f_c), as Deep-n-Cheap has it."""

from dataclasses import dataclass
from math import inf, log10

from sw.deepncheap.architectures import Mlp, number_of_parameters
from sw.deepncheap.errors import SearchError

__all__ = ["PENALTIES", "Objective", "largest_mlp", "performance"]

PENALTIES = ("t_epoch", "numparams")


def performance(kind: str, error: float) -> float:
    """f_p: the share of wrong validation samples; of a regression ten times the validation loss."""
    return error if kind == "classification" else 10 * error


def largest_mlp(inputs: int, outputs: int, layers: int, nodes: int) -> int:
    """Parameters of the largest MLP of a space, by which the penalty "numparams" is divided."""
    return number_of_parameters(Mlp((nodes,) * layers), (inputs,), outputs)


@dataclass(frozen=True)
class Objective:
    """The function, its weight ``wc`` and its penalty.

    ``reference``: what a complexity is divided by: the time of an epoch in s, or a number of parameters. ``floor``:
    what f_p + w_c f_c counts as at least, since 0 has no logarithm; half a validation sample is what they can tell.
    """

    kind: str = "classification"
    wc: float = 0.1
    penalty: str = "t_epoch"
    reference: float = 10.0
    floor: float = 1e-6

    def __post_init__(self) -> None:
        for name, holds, rule in (
            ("wc", 0 <= self.wc < inf, "0 or more"),
            ("penalty", self.penalty in PENALTIES, " or ".join(PENALTIES)),
            ("reference", 0 < self.reference < inf, "more than 0"),
            ("floor", 0 < self.floor < 1, "more than 0 and below 1"),
        ):
            if not holds:
                raise SearchError(f"{name} must be {rule}, got {getattr(self, name)}")

    @property
    def deterministic(self) -> bool:
        """Whether the same trial has the same f on every machine and at every time."""
        return self.penalty == "numparams" or self.wc == 0

    def complexity(self, t_epoch: float, parameters: int) -> float:
        """f_c."""
        return (t_epoch if self.penalty == "t_epoch" else parameters) / self.reference

    def __call__(self, error: float, t_epoch: float, parameters: int) -> float:
        """f of a trial: its best validation error, the time of an epoch in s, its parameters."""
        f = performance(self.kind, error) + self.wc * self.complexity(t_epoch, parameters)
        return log10(max(f, self.floor))
