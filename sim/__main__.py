"""Command line of `make sim`: train in the simulated hardware, compare every bit with the golden model."""

import sys
from collections.abc import Sequence
from pathlib import Path

from sw.common.command import Options, command
from sw.sources import add_data_options


@command
def main(arguments: Sequence[str] | None) -> None:
    """Exit status: 0 all equal, 1 a result differs, 2 the job could not be done."""
    parser = Options(prog="python -m sim", description=__doc__)
    parser.add_argument("--design", type=Path, default=Path("designs/morse.toml"), help="design file (TOML)")
    add_data_options(parser)
    parser.add_argument("--epochs", type=int, help="passes over them; default: the design's, more for smaller --data")
    parser.add_argument("--waves", nargs="?", choices=("0", "1"), default="0", const="1",
                        help="write the cocotb bench's waves (FST)")
    parser.add_argument("--seed", type=int, default=1, help="of the pauses, and of data that is generated (1)")
    options = parser.parse_args(arguments)
    # not before the options are known to be right: this starts the hardware description
    from sim.job import Job, run

    run(Job(**vars(options) | {"waves": options.waves == "1"}))


if __name__ == "__main__":
    sys.exit(main())
