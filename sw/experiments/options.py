"""The options of an experiment's command, the task that they ask for, and the arguments that ask for it again."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sw.data.floats import add_features_option
from sw.data.load import SOURCES
from sw.experiments.sources import Source
from sw.experiments.task import DEFAULTS, Task, base_network
from sw.sparse.errors import SparseError
from sw.sparse.settings import Settings

__all__ = ["SHORT", "add_options", "add_storage", "arguments_of", "task_of"]

SHORT = {"train": 400, "test": 200, "epochs": 2, "seeds": 2}
_ASKED = ("label", "features", "train", "test", "hidden", "epochs", "batch", "rate", "decay", "l2", "seeds", "draw",
          "patience", "densities")


def add_options(parser: argparse.ArgumentParser) -> None:
    default = DEFAULTS
    parser.add_argument("--dataset", default="morse", help=f"{SOURCES} (morse)")
    parser.add_argument("--label", metavar="COLUMN", help="the column of the labels, for tables")
    add_features_option(parser, "unit")
    parser.add_argument("--train", type=int, help="training samples (all)")
    parser.add_argument("--test", type=int, help="test samples (all)")
    parser.add_argument("--hidden", type=int, help="neurons of a hidden layer (a multiple of the classes near 100)")
    parser.add_argument("--epochs", type=int, help=f"({default.epochs})")
    parser.add_argument("--batch", type=int, default=default.batch, help=f"({default.batch})")
    parser.add_argument("--rate", type=float, default=default.rate, help=f"({default.rate})")
    parser.add_argument("--decay", type=float, default=default.decay,
                        help=f"the rate is divided by 1 + decay * update ({default.decay})")
    parser.add_argument("--l2", type=float, default=default.l2, help="lambda of the fully connected network, of which "
                        f"sparse ones get as much as of its weights ({default.l2})")
    parser.add_argument("--seeds", type=int, help="how many (5)")
    parser.add_argument("--draw", type=int, default=1, help="seed of data that are generated, as morse (1)")
    parser.add_argument("--patience", type=int, help="stop after so many epochs without a better accuracy of a sixth "
                        "of the training samples, at most 10,000, and end with the best weights (never)")
    parser.add_argument("--densities", metavar="LIST", help="such as 1,0.2, instead of the experiment's own")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with one thread (1)")
    add_storage(parser)
    parser.add_argument("--short", action="store_true", help=f"only to see that it works: {SHORT}")


def add_storage(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--storage", metavar="URL", help="postgresql://USER:PASSWORD@HOST/DATABASE, by which processes "
                        "with the same command, on any machines, share the networks (none)")


def arguments_of(name: str, options: argparse.Namespace) -> list[str]:
    """What the record of experiment ``name`` holds: all that its results depend on; of a file its name alone."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    told = [name, "--dataset", Path(options.dataset).name]
    for option in _ASKED:
        if (value := getattr(options, option)) != parser.get_default(option):
            told += [f"--{option}", str(value)]
    return told


def task_of(options: argparse.Namespace) -> Task:
    """What the options ask for. SparseError or DataError where they cannot be."""
    def given(name: str, otherwise: int | None = None) -> int | None:
        value: int | None = getattr(options, name)
        return value if value is not None else SHORT[name] if options.short else otherwise

    seeds = given("seeds", 5) or 0
    for name, value in (("jobs", options.jobs), ("seeds", seeds)):
        if value < 1:
            raise SparseError(f"--{name} must be at least 1, got {value}")
    source = Source(options.dataset, given("train"), given("test"), label=options.label, features_as=options.features,
                    draw=options.draw)
    data = source.load()
    if len(data.yte) == 0:
        raise SparseError(f"{data.name}: an experiment needs test samples, got none")
    settings = Settings(batch=options.batch, rate=options.rate, decay=options.decay, l2=options.l2,
                        patience=options.patience, restore_best=options.patience is not None, monitor="accuracy")
    return Task(
        source, base_network(data.features, data.classes, options.hidden),
        replace(settings, epochs=given("epochs", settings.epochs) or 0), tuple(range(1, seeds + 1)), options.short,
        _densities(options.densities),
    )


def _densities(given: str | None) -> tuple[float, ...] | None:
    try:
        found: Sequence[float] | None = [float(one) for one in given.split(",")] if given else None
    except ValueError:
        raise SparseError(f"--densities must be numbers with commas, got '{given}'") from None
    if found and not all(0 < one <= 1 for one in found):
        raise SparseError(f"--densities must be above 0 and at most 1, got '{given}'")
    return tuple(found) if found else None
