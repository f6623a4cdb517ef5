"""The command line of the search: every option of Deep-n-Cheap's program with its default, and what is new here."""

import argparse
import re
from collections.abc import Sequence
from math import inf
from pathlib import Path

from sw.common.command import Options
from sw.common.option import number, seconds
from sw.deepncheap.errors import SearchError
from sw.deepncheap.optimiser import DEFAULT, METHODS
from sw.deepncheap.rules import CNN_GRIDS

__all__ = ["IDENTITY", "parse"]

_TEXT = """Search networks that are good and quick to train.

    python sw/search.py --dataset digits --network mlp
    python sw/search.py --dataset mnist.npz --data-folder ~/data --network mlp --penalize numparams --time-budget 20m
    python sw/search.py --dataset images.npz --input-size 3 32 32 --wc 0.01

The search minimises f = log10(f_p + wc f_c): f_p is the share of wrong validation samples, f_c what a network costs,
the time of a training epoch or the number of its parameters. wc says how much that matters: 0 not at all, 0.1 a
little, 10 a lot. It goes in three stages: depth and widths, then one thing after the other (activation, downsampling,
batch norm, dropout, shortcuts), then learning rate, weight decay and batch size of the best network.

Stop it when you like and however you like: the same command goes on where it was. What comes of it is written to
build/search/STUDY: a page (index.html), tables, pictures, the best models with their weights. While it runs,
`.venv/bin/optuna-dashboard sqlite:///build/search/STUDY/study.db` shows every trial's curve. More: docs/search.md
"""


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"must be true or false, got {text!r}")
    return words[text.lower()]


def _perhaps(text: str) -> bool | None:
    return None if text.lower() == "auto" else _truth(text)


def _name(text: str) -> str:
    """A name that is also one of a folder."""
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", text):
        raise argparse.ArgumentTypeError(f"must be letters, digits and ._- alone, no dot first, got {text!r}")
    return text


_COUNT, _NONE_OR_MORE = number(int, 1), number(int, 0)
_ANY = number(float, -inf)
_PART = number(float, 0, 1)

# name -> (arguments of add_argument), by group
_GROUPS: dict[str, dict[str, dict]] = {
    "data": {
        "dataset": {"default": "mnist", "metavar": "NAME", "help": "a file in the data folder, digits, morse, "
                    "sklearn:NAME, or else as of docs/data.md; mnist, fmnist, cifar10, cifar100: a file of that name, "
                    "else from torchvision (mnist)"},
        "data-folder": {"default": "./", "metavar": "FOLDER", "help": "where files are (./)"},
        "label": {"metavar": "COLUMN", "help": "the column of the labels, for tables"},
        "train": {"type": _COUNT, "metavar": "N", "help": "the first N training samples (all)"},
        "test": {"type": _NONE_OR_MORE, "metavar": "N", "help": "the first N test samples (all)"},
        "val-split": {"type": number(float, 0, 0.99), "default": 0.2, "metavar": "SHARE", "help":
                      "of the training samples to validate on, the last ones; 0: the test samples (0.2)"},
        "shuffle": {"type": _truth, "nargs": "?", "const": True, "default": False, "metavar": "BOOL", "help":
                    "put the training samples in a random order before they are divided (false)"},
        "augment": {"type": _perhaps, "nargs": "?", "const": True, "default": None, "metavar": "BOOL", "help":
                    "shift and mirror training images; auto: those of three channels (auto)"},
        "scaling": {"choices": ("auto", "unit", "none"), "default": "auto", "help":
                    "of features: mean 0 and variance 1, bytes to 0..1, or as they are (auto)"},
        "input-size": {"type": _COUNT, "nargs": "+", "metavar": "N", "help":
                       "shape of one sample, channels rows columns (what the data have; square images of one channel)"},
        "output-size": {"type": _COUNT, "metavar": "N", "help": "number of classes (what the data have)"},
        "problem-type": {"choices": ("classification", "regression"), "default": "classification", "help":
                         "(classification)"},
    },
    "what is best": {
        "network": {"choices": ("cnn", "mlp"), "default": "cnn", "help": "(cnn)"},
        "board": {"choices": ("none",), "default": "none", "help":
                  "none: networks in software; arty, ulx3s, ...: designs for a board, see --board arty --help (none)"},
        "wc": {"type": number(float, 0), "default": 0.1, "metavar": "W", "help": "how much cost matters (0.1)"},
        "penalize": {"choices": ("t_epoch", "numparams"), "default": "t_epoch", "help":
                     "the cost: seconds per epoch, or parameters; the latter makes a search repeatable (t_epoch)"},
        "tbar-epoch": {"type": number(float, 0, above=True), "default": 10.0, "metavar": "S", "help":
                       "seconds per epoch that cost 1 (10)"},
    },
    "how long": {
        "numepochs": {"type": _COUNT, "default": 100, "metavar": "N", "help": "of each training (100)"},
        "val-patience": {"type": _COUNT, "default": 10**9, "metavar": "N", "help":
                         "end a training after N epochs without a better one (never)"},
        "prune": {"type": _truth, "nargs": "?", "const": True, "default": True, "metavar": "BOOL", "help":
                  "end trainings without hope (true)"},
        "time-budget": {"type": seconds, "metavar": "TIME", "help":
                        "end after 90s, 20m or 1.5h; stages get their shares of it (all trials, however long)"},
        "bo-prior-states": {"type": _COUNT, "metavar": "N", "help":
                            "initial points of stages 1 and 3 (15 of deep-n-cheap; of the default optimiser those that "
                            "it likes best, the rest are steps)"},
        "bo-steps": {"type": _NONE_OR_MORE, "default": 15, "metavar": "N", "help": "points after those (15)"},
        "bo-explore": {"type": _COUNT, "default": 1000, "metavar": "N", "help": "candidates of each step (1000)"},
        "optimiser": {"choices": tuple(METHODS), "default": DEFAULT, "help": f"({DEFAULT})"},
    },
    "the space": {
        "num-conv-layers": {"type": _COUNT, "nargs": 2, "default": (4, 16), "metavar": "N", "help": "(4 16)"},
        "channels-first": {"type": _COUNT, "nargs": 2, "default": (16, 64), "metavar": "N", "help":
                           "channels of the first convolution (16 64)"},
        "channels-upper": {"type": _COUNT, "default": 512, "metavar": "N", "help": "of any convolution (512)"},
        "num-hidden-layers": {"type": _NONE_OR_MORE, "nargs": 2, "default": (0, 2), "metavar": "N", "help":
                              "of an MLP (0 2)"},
        "hidden-nodes": {"type": _COUNT, "nargs": 2, "default": (20, 400), "metavar": "N", "help":
                         "of each hidden layer (20 400)"},
        "grid-search-order": {"choices": CNN_GRIDS, "nargs": "+", "default": CNN_GRIDS, "help":
                              "stage 2: activation, downsampling, batch norm, dropout, shortcuts; an MLP has ac and do "
                              "(ac ds bn do sc)"},
        "bn-fracs": {"type": _PART, "nargs": "+", "default": (0.0, 0.25, 0.5, 0.75, 1.0), "metavar": "F", "help":
                     "shares of the layers that have batch norm (0 .25 .5 .75 1)"},
        "do-fracs": {"type": _PART, "nargs": "+", "default": (0.0, 0.25, 0.5, 0.75, 1.0), "metavar": "F", "help":
                     "that have dropout (0 .25 .5 .75 1)"},
        "input-drop-probs": {"type": number(float, 0, 0.999), "nargs": "+", "default": (0.1, 0.2), "metavar": "P",
                             "help": "dropout after a CNN's first layer (.1 .2)"},
        "drop-probs-cnn": {"type": number(float, 0, 0.999), "nargs": "+", "default": (0.15, 0.3, 0.45),
                           "metavar": "P", "help": "after its other layers (.15 .3 .45)"},
        "drop-probs-mlp": {"type": number(float, 0, 0.999), "nargs": "+",
                           "default": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5), "metavar": "P", "help":
                           "after an MLP's hidden layers (0 .1 .2 .3 .4 .5)"},
        "lr": {"type": _ANY, "nargs": 2, "default": (-5.0, -1.0), "metavar": "L", "help":
               "learning rate, exponents of 10 (-5 -1)"},
        "weight-decay": {"type": _ANY, "nargs": 2, "default": (-6.0, -3.0), "metavar": "L", "help":
                         "likewise; the lowest decade means none (-6 -3)"},
        "batch-size": {"type": _COUNT, "nargs": 2, "default": (32, 512), "metavar": "N", "help": "(32 512)"},
    },
    "the machine": {
        "seed": {"type": _NONE_OR_MORE, "default": 1, "metavar": "N", "help":
                 "draws everything: points, weights, orders (1)"},
        "workers": {"type": number(int, 1, 1024), "default": 1, "metavar": "N", "help": "trainings at a time (1)"},
        "threads": {"type": number(int, 1, 1024), "metavar": "N", "help":
                    "of each training (the processor's, divided among the workers)"},
        "device": {"choices": ("auto", "cpu", "cuda"), "default": "auto", "help": "(auto)"},
        "precision": {"choices": ("auto", "float32", "mixed"), "default": "auto", "help":
                      "mixed: products in 16 bits; auto: mixed on cuda, and for classes of samples of 256 values and "
                      "more where the processor has such instructions (auto)"},
        "study": {"type": _name, "metavar": "NAME", "help":
                  "what the search is called (from the data and a hash of the options)"},
        "storage": {"metavar": "URL", "help": "sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/DATABASE for any "
                    "number of machines (build/search/STUDY/study.db)"},
        "out": {"type": Path, "default": Path("build/search"), "metavar": "FOLDER", "help":
                "the study gets a folder there (build/search)"},
        "num-best": {"type": _COUNT, "default": 1, "metavar": "N", "help": "best networks to report and export (1)"},
        "prior-time": {"type": number(float, 0), "default": 0.0, "metavar": "S", "help":
                       "seconds to add to the reported time of the search (0)"},
        "verbose": {"type": _truth, "nargs": "?", "const": True, "default": False, "metavar": "BOOL", "help":
                    "also tell each epoch (false)"},
        "dl-framework": {"choices": ("torch",), "default": "torch", "help": "(torch)"},
    },
}
_ORDERED = (
    "num-conv-layers", "channels-first", "num-hidden-layers", "hidden-nodes", "lr", "weight-decay", "batch-size",
)
# what the trials do not depend on
_FREE = {"data-folder", "time-budget", "workers", "threads", "study", "storage", "out", "num-best", "prior-time",
         "verbose", "dl-framework"}
#: the options that make a search what it is
IDENTITY = tuple(name for group in _GROUPS.values() for name in group if name not in _FREE)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; in their names underscores and hyphens are the same. UserError for what cannot be."""
    parser = Options(prog="python sw/search.py", usage="%(prog)s --dataset NAME [options]", description=_TEXT,
                     allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    for title, options in _GROUPS.items():
        group = parser.add_argument_group(title)
        for name, how in options.items():
            group.add_argument(f"--{name}", **how)
    words = [re.sub(r"^--[\w-]+", lambda found: found[0].replace("_", "-"), word) for word in arguments]
    found = parser.parse_args(words)
    for name in _ORDERED:
        low, high = getattr(found, name.replace("-", "_"))
        if low > high:
            raise SearchError(f"argument --{name}: must ascend, got {low:g} {high:g}")
    if len(set(found.grid_search_order)) < len(found.grid_search_order):
        raise SearchError(f"argument --grid-search-order: each at most once, got {' '.join(found.grid_search_order)}")
    if found.channels_upper < found.channels_first[1]:
        raise SearchError(f"argument --channels-upper: must be at least the {found.channels_first[1]} of "
                          f"--channels-first, got {found.channels_upper}")
    return found
