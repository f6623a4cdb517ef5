"""Any dataset by the name that a command line or a design file gives it."""

from argparse import ArgumentParser
from pathlib import Path

from sw.data import load as stored
from sw.data.build import Raw
from sw.data.dataset import Dataset
from sw.data.load import SOURCES
from sw.design.design import Design
from sw.design.scaling import FeatureScaling
from sw.morse.dataset import morse_dataset, variant_named

__all__ = ["add_data_options", "load", "load_for", "load_raw"]


def load(source: str | Path, *, train: int | None = None, test: int | None = None,
         classes: int | None = None, features: int | None = None, seed: int = 1,
         scaling: str | FeatureScaling = "auto", keep: int | None = None, label: str | None = None) -> Dataset:
    """The dataset that `source` names.

    Parameters
    ----------
    source
        `morse` (generated, the baseline variant), `morse:VARIANT` (see `sw.morse.variants`), or what
        `sw.data.load` knows: `digits`, `sklearn:NAME`, files and folders.
    train, test
        How many samples to take, the first ones of each split; of Morse variants, how many to generate.
        All, or 20000 and 2000, when None.
    classes, features
        The most that a design can take; None for no limit. The dataset keeps its own numbers.
    seed
        Whole number from 0: draws Morse variants, shuffles `digits`. Files keep their order.
    scaling, keep
        How the features become 8 bits, and how many of them, see `sw.data.scaling`.
    label
        The column of the labels, for tables.

    Raises
    ------
    DataError
        As of `sw.data.load.load` and `sw.morse.dataset.morse_dataset`.
    """
    if variant_named(source) is None:
        return stored.load(source, train=train, test=test, classes=classes, features=features, seed=seed,
                           scaling=scaling, keep=keep, label=label)
    raw = morse_dataset(source, train=train, test=test, seed=seed)
    data = stored.scaled(raw, scaling, keep)
    stored.check_limits(data, classes, features)
    return data


def load_raw(source: str | Path, *, train: int | None = None, test: int | None = None, seed: int = 1,
             label: str | None = None) -> Raw:
    """The dataset that `source` names, as in `load`, with features as they are there, not yet of 8 bits.

    Raises
    ------
    DataError
        As of `load`.
    """
    if variant_named(source) is None:
        return stored.load_raw(source, train=train, test=test, seed=seed, label=label)
    return morse_dataset(source, train=train, test=test, seed=seed)


def add_data_options(parser: ArgumentParser) -> None:
    """The options of every command that runs a design on data, as `load_for` takes them."""
    parser.add_argument("--data", metavar="SOURCE", help=f"{SOURCES}; default: the design's")
    parser.add_argument("--label", metavar="COLUMN", help="the column of the labels, for tables")
    parser.add_argument("--train", type=int, help="training samples; default: the design's, or all of --data")
    parser.add_argument("--test", type=int, help="test samples; default: the design's, or all of --data")


def load_for(
    design: Design, source: str | Path | None = None, *, train: int | None = None, test: int | None = None,
    seed: int = 1, label: str | None = None, scaling: FeatureScaling | None = None,
) -> Dataset:
    """The dataset that a command runs a design on, no larger than the design can take.

    ``source``, ``train``, ``test`` and ``label`` are what its user has given, None for what was left out. Without a
    source it is the design's, and so are the numbers of samples. Of a source that was given, all samples count.
    ``scaling``: of the state that is gone on from, with its choice of features; None: what the design asks for, fitted.

    Raises
    ------
    DataError
        As of `load`.
    """
    own = design.data
    if source is None:
        source = own.source
        train = own.train if train is None else train
        test = own.test if test is None else test
    network = design.network
    return load(
        source, train=train, test=test, classes=network.classes, features=network.inputs, seed=seed,
        scaling=scaling or own.scaling, keep=own.keep, label=label,
    )
