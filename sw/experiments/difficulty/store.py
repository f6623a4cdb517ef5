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


def measured(parts: Sequence[Part], store: Path, *, kept_only: bool = False) -> dict[str, dict[str, dict[str, Any]]]:
    """What `measure` gives, by part and variant. What ``store`` has from a run that was stopped is taken from there.

    ``kept_only``: measure nothing; what is not there is left out.
    """
    check_folder(store)
    asked = [(part, name) for part in parts for name in part.variants]
    found: dict[str, dict[str, dict[str, Any]]] = {part.name: {} for part in parts}
    with ProgressLine("measures", "variants") as progress:
        done = 0  # in this run: what was kept says nothing of the time that is left
        for number, (part, name) in enumerate(asked, 1):
            path, key = store / f"{part.name}-{name}.json", identity(part, name)
            kept = _kept(path)
            if kept.get("identity") != key:
                if kept_only:
                    continue
                kept = {"identity": key, **measure(part, name)}
                write_atomic(path, (json.dumps(kept) + "\n").encode())
                done += 1
                progress(done, done + len(asked) - number)
            found[part.name][name] = {key: kept[key] for key in ("values", "seconds")}
    return found


def _kept(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
