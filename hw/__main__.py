"""`make verilog`: the Verilog of a design and its port list."""

import argparse
import sys
from pathlib import Path

from hw.verilog import write
from sw.design.errors import DesignError
from sw.design.files import load


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hw", description="Write the Verilog of a design's accelerator.")
    parser.add_argument("--design", default="designs/morse.toml", help="design file (default %(default)s)")
    parser.add_argument("--out", type=Path, help="folder (default build/verilog/<design>)")
    args = parser.parse_args()
    try:
        design = load(args.design)
        print(write(design, args.out or Path("build/verilog") / design.name))
    except DesignError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
