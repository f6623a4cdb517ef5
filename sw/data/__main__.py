"""Preprocess a dataset; what is fitted is fitted on the training split alone.

    python -m sw.data reduce mnist.npz --pca 50 --out mnist-pca.npz
    python -m sw.data reduce features.npz --contrast --scale gaussian --clip 3 --out scaled.npz

The result is an npz of floats that everything here takes as data, with a record of where it is from.
"""

import argparse
import sys
from pathlib import Path

from sw.data.dataset import DataError
from sw.data.load import load_raw
from sw.data.reduce import SCALES, Steps, reduce, save_raw
from sw.design.errors import DesignError

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 2 it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m sw.data", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("reduce", help="fewer, whitened or scaled features, in the order of these options")
    one.add_argument("source", help="morse, digits, mnist:FOLDER, FILE.npz or a folder")
    one.add_argument("--contrast", action="store_true", help="each sample to mean 0 and deviation 1")
    one.add_argument("--pca", type=int, metavar="N", help="N principal components in place of the features")
    one.add_argument("--zca", action="store_true", help="whitened, each feature near its old one")
    one.add_argument("--shuffle", type=int, metavar="SEED", help="features in another order")
    one.add_argument("--scale", help=f"each feature by its own range or deviation: {', '.join(SCALES)}")
    one.add_argument("--clip", type=float, metavar="C", help="values limited to -C..C")
    one.add_argument("--out", type=Path, required=True, help="file to write (.npz)")
    options = parser.parse_args(arguments)
    try:
        steps = Steps(contrast=options.contrast, pca=options.pca, zca=options.zca, shuffle=options.shuffle,
                      scale=options.scale, clip=options.clip)
        if options.out.suffix != ".npz":
            raise DataError(f"--out must be a name that ends in .npz, got {str(options.out)!r}")
        reduced, facts = reduce(load_raw(options.source), steps, lambda step: print(f"{step} ...", file=sys.stderr))
        save_raw(options.out, reduced, steps, facts)
    except (DataError, DesignError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    kept = f", {facts['variance_kept']:.1%} of the variance kept" if "variance_kept" in facts else ""
    print(f"{facts['features_before']} features became {facts['features']}{kept}; {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
