"""`make verilog`: the Verilog of a design and its port list."""

import sys
from collections.abc import Sequence
from pathlib import Path

from hw.verilog import write
from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.design.files import load


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = Options(prog="python -m hw", description="Write the Verilog of a design's accelerator.")
    parser.add_argument("--design", default="designs/morse.toml", help="design file (default %(default)s)")
    parser.add_argument("--out", type=Path, help="folder (default build/verilog/<design>)")
    args = parser.parse_args(arguments)
    design = load(args.design)
    folder = args.out or Path("build/verilog") / design.name
    check_folder(folder)
    print(write(design, folder))


if __name__ == "__main__":
    sys.exit(main())
