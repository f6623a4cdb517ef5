"""`make verilog`: the Verilog of a design and its port list."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hw.verilog import write
from sw.common.command import command
from sw.design.files import load


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(prog="python -m hw", description="Write the Verilog of a design's accelerator.")
    parser.add_argument("--design", default="designs/morse.toml", help="design file (default %(default)s)")
    parser.add_argument("--out", type=Path, help="folder (default build/verilog/<design>)")
    args = parser.parse_args(arguments)
    design = load(args.design)
    print(write(design, args.out or Path("build/verilog") / design.name))


if __name__ == "__main__":
    sys.exit(main())
