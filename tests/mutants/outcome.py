"""What tests say of a mutant: pytest in a process of its own, in a copy of the sources."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.mutants.mutant import Mutant, MutantError

__all__ = ["CAUGHT", "Outcome", "check_sound", "judge"]

CAUGHT, SURVIVED, BROKEN = "caught", "survived", "broken"
_LIMIT = 180  # seconds
# Who fails like this has not found a difference: the change is not one of behaviour.
_NO_DIFFERENCE = re.compile(r'(failed on \w+ with ")?(\w*SyntaxError|IndentationError|NameError|UnboundLocalError|'
                            r"ImportError|ModuleNotFoundError|AttributeError|TypeError)\b")


@dataclass(frozen=True)
class Outcome:
    """``kind``: caught, survived, or broken (no test has failed by a difference). ``test``: the first that failed;
    ``message``: its first line."""

    kind: str
    test: str
    message: str
    seconds: float


def _pytest(
    folder: Path, tests: Sequence[str], *options: str, compiled: bool
) -> tuple[int, list[tuple[str, str]], str]:
    """Exit status, (test, first line of its message) of each that failed, end of what was printed."""
    report = folder / "junit.xml"
    report.unlink(missing_ok=True)
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if not compiled:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *options, *tests]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_LIMIT * (10 if compiled else 1),
        )
    except subprocess.TimeoutExpired:
        return -1, [], f"no end within {_LIMIT} s"
    failed = []
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            for found in (*case.findall("failure"), *case.findall("error")):
                message = found.get("message", "").strip().partition("\n")[0]
                failed.append((f"{case.get('classname', '').replace('.', '/')}::{case.get('name')}", message))
    return done.returncode, failed, " ".join((done.stdout + done.stderr).split())[-300:]


def check_sound(folder: Path, tests: Sequence[str]) -> None:
    """The tests pass in the copy as it is; MutantError if not. Leaves compiled files behind."""
    code, failed, said = _pytest(folder, tests, compiled=True)
    if code != 0:
        what = f"{failed[0][0]}: {failed[0][1]}" if failed else said
        raise MutantError(f"the tests must pass without a mutant, pytest ended with status {code}: {what}")


def judge(mutant: Mutant, folder: Path) -> Outcome:
    """Make the mutant in the copy ``folder`` and run its tests up to the first that fails."""
    began = time.perf_counter()
    with mutant.made(folder):
        code, failed, said = _pytest(folder, mutant.tests, "-x", compiled=False)
    seconds = round(time.perf_counter() - began, 2)
    if code == 0:
        return Outcome(SURVIVED, "", "all tests passed", seconds)
    test, message = failed[0] if failed else ("", said)
    # 1: tests failed; anything else is an error of collection, of usage or of pytest itself
    difference = code == 1 and not _NO_DIFFERENCE.match(message)
    return Outcome(CAUGHT if difference else BROKEN, test, message[:200], seconds)
