"""All mutants, in the order of their numbers."""

from tests.mutants import contract, cost, golden, hardware, host, pattern, search, shell, sim
from tests.mutants.mutant import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (
    *hardware.MUTANTS, *golden.MUTANTS, *contract.MUTANTS, *pattern.MUTANTS, *cost.MUTANTS, *sim.MUTANTS,
    *search.MUTANTS, *host.MUTANTS, *shell.MUTANTS,
)  # fmt: skip
