"""Datasets in files: look at them, preprocess them, make one of the Reuters corpus.

    python -m sw.data info digits
    python -m sw.data reduce mnist.npz --pca 50 --out mnist-pca.npz
    python -m sw.data reduce features.npz --contrast --scale gaussian --clip 3 --out scaled.npz
    python -m sw.data rcv1 --topics rcv1-v2.topics.qrels.gz --tokens lyrl2004_tokens_*.dat.gz --out rcv1.npz

Written files are taken as data by everything here, and hold a record of how they were made.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from sw.common.command import command
from sw.common.progress import ProgressLine
from sw.data.dataset import DataError
from sw.data.info import describe, described
from sw.data.load import SOURCES, load_raw
from sw.data.rcv1 import Selection, write_rcv1
from sw.data.rcv1_topics import TOPICS
from sw.data.reduce import SCALES, Steps, reduce, save_raw

__all__ = ["main"]

_BYTES = ("topics", "tokens")  # what is read in bytes; all else goes by samples


class _Progress:
    """A line on stderr for each part of the work."""

    def __init__(self) -> None:
        self._what, self._line = "", ProgressLine("")

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self.close()
            self._what, self._line = what, ProgressLine(what, "bytes" if what in _BYTES else "samples")
        self._line(done, total)

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()


def _checked_out(path: Path) -> Path:
    if path.suffix != ".npz":
        raise DataError(f"--out must be a name that ends in .npz, got {str(path)!r}")
    return path


def _info(options: argparse.Namespace, tell: _Progress) -> tuple[dict, list[str]]:
    facts = describe(load_raw(options.source, seed=options.seed, label=options.label))
    return facts, described(facts)


def _reduce(options: argparse.Namespace, tell: _Progress) -> tuple[dict, list[str]]:
    steps = Steps(**{field.name: getattr(options, field.name) for field in fields(Steps)})
    out = _checked_out(options.out)
    reduced, facts = reduce(load_raw(options.source, seed=options.seed, label=options.label), steps, tell)
    save_raw(out, reduced, steps, facts)
    kept = f", {facts['variance_kept']:.1%} of the variance kept" if "variance_kept" in facts else ""
    return {"file": str(out), **facts}, [f"{facts['features_before']} features became {facts['features']}{kept}; {out}"]


def _rcv1(options: argparse.Namespace, tell: _Progress) -> tuple[dict, list[str]]:
    selection = Selection(**{field.name: getattr(options, field.name) for field in fields(Selection)})
    out = _checked_out(options.out)
    facts = write_rcv1(out, options.topics, options.tokens, selection, tell)
    per_class = facts["articles_per_class"].values()
    common = ", ".join(f"{token} in {count:,}" for token, count in facts["most_common"])
    token, count = facts["least_common"]
    split = f"{selection.train:,} + {selection.validation:,} + {selection.test:,}"
    return {"file": str(out), **facts}, [
        f"{out}: {split} articles of {facts['articles']:,} with exactly one of {len(TOPICS)} topics",
        f"{selection.features:,} tokens of {facts['tokens']:,}: {common}; the last, {token}, in {count:,} articles",
        f"training articles of a topic: {min(per_class):,} to {max(per_class):,}",
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sw.data", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    one = commands.add_parser("info", help="sizes, range and balance of a dataset", description="Tell the sizes of a "
                              "dataset, the range of its features and how its samples spread over the classes.")
    one.add_argument("source", help=SOURCES.removeprefix("morse, "))
    one.set_defaults(run=_info)

    one = commands.add_parser("reduce", help="fewer, whitened or scaled features", description="Write a dataset with "
                              "its features preprocessed, in the order of these options. What is fitted is fitted on "
                              "the training split alone.")
    one.add_argument("source", help=SOURCES.removeprefix("morse, "))
    one.add_argument("--keep", type=int, metavar="N", help="only the N features that vary most, in their order")
    one.add_argument("--contrast", action="store_true", help="each sample to mean 0 and deviation 1 over its features")
    one.add_argument("--pca", type=int, metavar="N", help="N principal components in place of the features")
    one.add_argument("--zca", action="store_true", help="whitened, each feature near its old one; not with --pca")
    one.add_argument("--shuffle", type=int, metavar="SEED", help="features in another order, drawn once")
    one.add_argument("--scale", metavar="|".join(SCALES), help="each feature by its range to 0..1, or to mean 0 and "
                     "deviation 1")
    one.add_argument("--clip", type=float, metavar="C", help="values limited to -C..C")
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help="npz file to write")
    one.set_defaults(run=_reduce)

    one = commands.add_parser("rcv1", help="Reuters articles as data", description="Make a dataset of the Reuters "
                              "corpus RCV1-v2: the articles with exactly one of 50 topics of the second level, the "
                              "tokens that occur in most of them as log10(1 + count), split at random.")
    one.add_argument("--tokens", type=Path, nargs="+", required=True, metavar="FILE",
                     help="the five lyrl2004_tokens_*.dat, .gz or not")
    one.add_argument("--topics", type=Path, required=True, metavar="FILE", help="rcv1-v2.topics.qrels, .gz or not")
    for field in fields(Selection):
        text = {"features": "tokens that are taken, the most common first", "seed": "draws split and order of features"}
        one.add_argument(f"--{field.name}", type=int, metavar="N", default=field.default,
                         help=f"{text.get(field.name, f'articles in the {field.name} split')} ({field.default})")
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help="npz file to write")
    one.set_defaults(run=_rcv1)

    for name, one in commands.choices.items():
        one.add_argument("--json", action="store_true", help="print JSON")
        if name != "rcv1":
            one.add_argument("--label", metavar="COLUMN", help="the column of the labels, for tables")
            one.add_argument("--seed", type=int, default=1, help="draws the test split of data in one piece (1)")
    return parser


@command
def main(arguments: Sequence[str] | None) -> int:
    """Command line. Exit status 0, or 2 with one line on stderr."""
    options = _parser().parse_args(arguments)
    with _Progress() as progress:
        facts, lines = options.run(options, progress)
    print(json.dumps(facts) if options.json else "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
