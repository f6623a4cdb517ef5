"""Holds what a search says of its designs against the simulated hardware and against synthesis."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sw.codesign.designs import Picked
from sw.codesign.errors import CodesignError
from sw.common.tool import run_tool

__all__ = ["verify"]

_COUNTED = ("lut", "ff", "dsp", "bram36", "ebr")


def verify(picked: Picked, board: str, label: str | None = None, build: Path = Path("build")) -> dict[str, Any]:
    """Run `make sim`'s and `make synth`'s programs on a design.

    ``values_compared``, ``mismatches``; ``hardware_test_accuracy`` and whether it is, to the last sample, the one that
    was told; ``estimate_error_percent`` by figure, positive where the estimate is too high; ``fits``.

    CodesignError if a program fails; its last line is the message.
    """
    design = str(picked.file)
    _run("sim", "--design", design, *(["--label", label] if label else []))
    simulated = _report(build / "sim" / picked.design.name)
    _run("boards.synth", "--board", board, "--design", design)
    synthesised = _report(build / "synth" / board / picked.design.name)
    return {
        "values_compared": simulated["values_compared"],
        "mismatches": simulated["mismatches"],
        "hardware_test_accuracy": simulated["test_accuracy"],
        "accuracy_equal": simulated["test_accuracy"] == _as_reported(picked.facts["test_accuracy"]),
        "fits": synthesised["fits"],
        "counted": {name: synthesised[name] for name in _COUNTED if name in synthesised},
        "estimate_error_percent": dict(_errors(synthesised)),
    }


def _as_reported(accuracy: float | None) -> float | None:
    return None if accuracy is None else round(accuracy, 6)


def _errors(report: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    for name in _COUNTED:
        if name in report["estimate_error_percent"]:
            yield name, report["estimate_error_percent"][name]


def _report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())


def _run(module: str, *words: str) -> None:
    command = [sys.executable, "-m", module, *words]
    done = run_tool(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1].removeprefix("error: ")
        raise CodesignError(f"'python -m {' '.join([module, *words])}' ended with status {done.returncode}: {last}")
