"""The one way in which every command of the project ends: what it tells its user, and its exit status."""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Protocol

from sw.common.errors import UserError

__all__ = ["MISSING", "command"]

# Optional packages, and which target installs them in .venv.
MISSING = {
    "matplotlib": "drawing needs matplotlib, which 'make lint' installs in .venv",
    "torch": "training in software needs torch, which 'make bench' installs in .venv",
}


class Main(Protocol):
    """A decorated ``main``."""

    def __call__(self, arguments: Sequence[str] | None = None) -> int: ...



def command(main: Callable[[Sequence[str] | None], int | None], *, stopped: str = "stopped") -> Main:
    """Decorate ``main(arguments)``, which takes the words of the command line, None for those of this process.

    The decorated function returns the exit status: what ``main`` returns (None: 0), the ``status`` of a UserError,
    2 for an optional package that is missing, 130 after Ctrl-C. Each of these is one line on stderr; ``stopped`` is
    that of Ctrl-C.
    """

    @wraps(main)
    def run(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(arguments) or 0
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            if error.detail:
                print(error.detail, file=sys.stderr)
            return error.status
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package not in MISSING:
                raise
            print(f"error: {MISSING[package]}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print(stopped, file=sys.stderr)
            return 130

    return run
