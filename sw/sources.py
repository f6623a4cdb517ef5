"""Any dataset by the name that a command line or a design file gives it."""

from argparse import ArgumentParser
from pathlib import Path

from sw.data import load as stored
from sw.data.build import Raw
from sw.data.dataset import Dataset
from sw.data.load import SOURCES, scaled
from sw.design.design import Design
from sw.design.scaling import FeatureScaling
from sw.morse.dataset import morse_dataset, variant_named

__all__ = ["add_data_options", "epochs_for", "generated", "load", "load_for", "load_raw", "load_raw_for", "scaled_for"]


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
    return scaled(load_raw(source, train=train, test=test, seed=seed, label=label), scaling, keep, classes, features)


def generated(source: str | Path) -> bool:
    """Whether the samples that `source` names are drawn when they are loaded, each independently of the others."""
    return variant_named(source) is not None


def load_raw(source: str | Path, *, train: int | None = None, test: int | None = None, seed: int = 1,
             label: str | None = None) -> Raw:
    """The dataset that `source` names, as in `load`, with features as they are there, not yet of 8 bits.

    Raises
    ------
    DataError
        As of `load`.
    """
    if generated(source):
        return morse_dataset(source, train=train, test=test, seed=seed)
    return stored.load_raw(source, train=train, test=test, seed=seed, label=label)


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

    As of `load_raw_for`, then of `scaled_for`.
    """
    return scaled_for(design, load_raw_for(design, source, train=train, test=test, seed=seed, label=label), scaling)


def load_raw_for(
    design: Design, source: str | Path | None = None, *, train: int | None = None, test: int | None = None,
    seed: int = 1, label: str | None = None,
) -> Raw:
    """The dataset that a command runs a design on, with features as they are there.

    ``source``, ``train``, ``test`` and ``label`` are what its user has given, None for what was left out. Without a
    source it is the design's, and so are the numbers of samples. Of a source that was given, all samples count.

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
    return load_raw(source, train=train, test=test, seed=seed, label=label)


def scaled_for(design: Design, raw: Raw, scaling: FeatureScaling | None = None) -> Dataset:
    """The dataset with the 8-bit features of a design.

    ``scaling``: of the state that is gone on from, with its choice of features; None: what the design asks for, fitted.
    DataError for features that cannot be had by it, and for more features or classes than the design takes.
    """
    network, own = design.network, design.data
    return scaled(raw, scaling or own.scaling, own.keep, network.classes, network.inputs)


def epochs_for(design: Design, samples: int, *, source: str | Path | None = None, train: int | None = None,
               epochs: int | None = None) -> int:
    """Passes over ``samples`` training samples; ``source``, ``train`` and ``epochs`` as a user has given them.

    The design's, whose rates are for as many updates as its own data give. So a source that was given, all of it, and
    that has fewer samples than the design's data, is passed over more often: for as many updates, rounded up.
    """
    own = design.data
    if epochs is not None:
        return epochs
    if source is None or train is not None:
        return own.epochs
    return max(own.epochs, -(-own.epochs * own.train // samples))
