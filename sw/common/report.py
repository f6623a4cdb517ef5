"""Reports: JSON for programs, written whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path

from sw.common.atomic import write_atomic

__all__ = ["write_report"]


def write_report(path: Path, figures: Mapping[str, object], reasons: Mapping[str, str]) -> None:
    """Write ``figures``; each that is None needs its entry in ``reasons``, which become the key ``reasons``."""
    without = [name for name, value in figures.items() if value is None and name not in reasons]
    if without:
        raise ValueError(f"a figure that is null needs a reason: {', '.join(without)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    used = {name: reason for name, reason in reasons.items() if figures.get(name) is None}
    write_atomic(path, (json.dumps({**figures, "reasons": used}, indent=2) + "\n").encode())
