"""Two hashes of a design: over what its bits mean, and over the circuit. Its name, rates and data are in neither."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule

__all__ = ["circuit_hash", "network_hash"]


def network_hash(design: Design) -> str:
    """Over all that the bits of a trained state depend on: network, number formats, rounding, patterns, z and lags.

    Whatever differs between two designs of the same hash, the same slots change the same state in the same way. 16
    hexadecimal digits.
    """
    facts = {
        "network": asdict(design.network),
        "arithmetic": asdict(design.arithmetic),
        "z": design.hardware.z,
        "lags": Schedule.of(design).lags,
    }
    return _digest(facts, (j.pattern.left_of for j in design.junctions))


def circuit_hash(design: Design) -> str:
    """Over all that shapes the circuit: the above, and how it is built. 16 hexadecimal digits."""
    hardware, patterns = design.hardware, [j.pattern for j in design.junctions]
    facts = {
        "network": network_hash(design),
        "multipliers": hardware.multipliers,
        "stages": asdict(hardware.stages),
        "lutram_rows": hardware.lutram_rows,
        "patterns": [(p.kind, p.sweeps_per_start, p.orders is not None) for p in patterns],
    }
    return _digest(facts, (a for p in patterns for a in (p.table, p.orders) if a is not None))


def _digest(facts: dict[str, Any], arrays: Iterable[np.ndarray]) -> str:
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for array in arrays:
        digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()[:16]
