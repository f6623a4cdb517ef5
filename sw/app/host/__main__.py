"""Command line of the host: `python -m sw.app host train|infer|weights|status|self-test --link LINK`."""

import sys
from collections.abc import Sequence

from sw.common.command import command


@command
def main(arguments: Sequence[str] | None) -> None:
    """Exit status: 0 done, 1 the device computes something else than the golden model, 2 it could not be done."""
    # here, so that a package that is missing is told as every error is
    from sw.app.host.commands import run

    run(arguments)


if __name__ == "__main__":
    sys.exit(main())
