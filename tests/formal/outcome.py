"""What became of the runs of a proof or of a planted fault, for the command and the tests alike."""

from dataclasses import asdict, dataclass
from pathlib import Path

from tests.formal.table import Fault, Proof

__all__ = ["Outcome", "planted", "proven"]


@dataclass(frozen=True)
class Outcome:
    """A row of the table; ``right``: the properties hold and what must be possible is, or the fault was caught."""

    property: str
    unit: str
    size: str
    method: str
    bound: str
    result: str
    seconds: float
    right: bool

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def proven(proof: Proof, folder: Path) -> Outcome:
    """Prove it, and reach what must be possible. FormalError if there is no verdict."""
    reached = proof.reach(folder / f"{proof.name}-cover") if proof.cover else None
    verdict = proof.prove(folder / proof.name)
    right = verdict.holds and (reached is None or reached.holds)
    result = "proven" if verdict.holds else "FAILS: " + ", ".join(verdict.labels)
    if reached is not None and not reached.holds:
        result += "; NOT REACHED: " + ", ".join(reached.labels)
    seconds = verdict.seconds + (reached.seconds if reached else 0)
    return Outcome(proof.proven, proof.unit, proof.size, proof.method, "unbounded", result, seconds, right)


def planted(fault: Fault, folder: Path) -> Outcome:
    """Look for what the fault breaks. FormalError if there is no verdict, PlantError if it cannot be planted."""
    verdict = fault.find(folder / f"fault-{fault.name.replace(' ', '-')}")
    right = not verdict.holds and fault.caught in verdict.labels
    result = "NOT CAUGHT" if verdict.holds else "caught: " + ", ".join(verdict.labels)
    if not right and not verdict.holds:
        result += f"; NOT BY: {fault.caught}"
    bound = f"{fault.depth} clocks"
    unit = fault.plant.named.rpartition(".")[0].removeprefix("hw.")
    return Outcome(f"FAULT: {fault.name}", unit, "", "BMC", bound, result, verdict.seconds, right)
