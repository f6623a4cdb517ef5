"""Measures of all variants of some parts, each kept in a file as soon as it is there."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sw.common.atomic import check_folder, write_atomic
from sw.common.progress import ProgressLine
from sw.experiments.difficulty.measures import identity, measure
from sw.experiments.morse.ladder import Part

__all__ = ["measured"]


def measured(parts: Sequence[Part], store: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What `measure` gives, by part and variant. What ``store`` has from a run that was stopped is taken from there."""
    check_folder(store)
    asked = [(part, name) for part in parts for name in part.variants]
    found: dict[str, dict[str, dict[str, Any]]] = {part.name: {} for part in parts}
    with ProgressLine("measures", "variants") as progress:
        for done, (part, name) in enumerate(asked, 1):
            path, key = store / f"{part.name}-{name}.json", identity(part, name)
            kept = _kept(path)
            if kept.get("identity") != key:
                kept = {"identity": key, **measure(part, name)}
                write_atomic(path, (json.dumps(kept) + "\n").encode())
            found[part.name][name] = {key: kept[key] for key in ("values", "seconds")}
            progress(done, len(asked))
    return found


def _kept(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
