"""`python -m sw.app host ...` is `python -m sw.app.host ...`; the other programs have only names of that form."""

import sys
from collections.abc import Sequence

from sw.app.host.__main__ import main as host
from sw.common.command import command
from sw.common.errors import UserError


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: that of the host."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] != ["host"]:
        raise UserError(f"the program must be host, others are python -m sw.app.NAME; got '{' '.join(words[:1])}'")
    return host(words[1:])


if __name__ == "__main__":
    sys.exit(main())
