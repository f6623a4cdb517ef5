"""Test accuracy of a design in the hardware's integers: mean, spread and half of the 95 % interval, over seeds alone
and with the error of the test samples.

    python -m sw.app.accuracy --design designs/mnist.toml --data mnist.npz --seeds 5

Seed s draws the connection pattern and the initial weights. The slots are those of `make sim`: the first
training samples, the epochs one after another, a flush, then the test samples. It trains the compiled twin of the
golden model, or with ideal random numbers the golden model itself.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.errors import UserError
from sw.common.workers import in_processes
from sw.data.by_class import per_class, write_predictions
from sw.data.dataset import Dataset
from sw.design import lfsr
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.files import load as load_design
from sw.design.slots import Slots
from sw.experiments.record import MOST_SEEDS, Record, packed
from sw.experiments.statistics import estimate
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import GoldenNetwork
from sw.golden.train import train
from sw.sources import add_data_options, epochs_for, load_for

__all__ = ["accuracy", "predictions"]


def ideal_draws(state: np.ndarray, slots: int, clocks: int, z: int) -> tuple[np.ndarray, np.ndarray]:
    """In place of sw.design.lfsr.draws: independent uniform numbers, different in every call."""
    rng = np.random.Generator(np.random.PCG64(state.tolist()))
    numbers = rng.integers(0, 1 << lfsr.WINDOW, (slots * clocks, z), dtype=np.int32)
    return numbers, np.repeat(state[None] + np.uint64(1), slots, axis=0)


def accuracy(design: Design, data: Dataset, epochs: int, *, ideal_random: bool = False) -> float:
    """Share of the test samples predicted right after training, 0..1."""
    return float((predictions(design, data, epochs, ideal_random=ideal_random) == data.yte).mean())


def predictions(design: Design, data: Dataset, epochs: int, *, ideal_random: bool = False) -> np.ndarray:
    """(samples,) int64: the class that each test sample is taken for after training."""
    network = GoldenNetwork(design, draws=ideal_draws) if ideal_random else CompiledNetwork(design)
    train(network, data.xtr, data.ytr, 0, epochs * len(data.xtr))
    network.run(network.flush())
    return network.run(Slots.infer(data.xte, data.yte)).predictions


def held_out(data: Dataset, count: int) -> Dataset:
    """The last ``count`` training samples in place of the test samples: to choose settings by."""
    if not 1 <= count < len(data.xtr):
        raise UserError(f"--validation must leave a training sample: 1..{len(data.xtr) - 1}, got {count}")
    at = len(data.xtr) - count
    return replace(data, xtr=data.xtr[:at], ytr=data.ytr[:at], xte=data.xtr[at:], yte=data.ytr[at:])


def _one(design: Design, data: Dataset, epochs: int, ideal_random: bool, seed: int) -> np.ndarray:
    return predictions(design.with_seed(seed), data, epochs, ideal_random=ideal_random)


def _with_rates(design: Design, text: str) -> Design:
    """``0:3,25000:4``: rate 2^-3 at first, 2^-4 from slot 25,000 on."""
    try:
        rates = tuple((int(a), int(b)) for a, b in (pair.split(":") for pair in text.split(",")))
    except ValueError:
        raise UserError(f"--rates must be SLOT:K pairs, such as 0:3,25000:4, got {text!r}") from None
    try:
        return replace(design, training=replace(design.training, rate_shift=rates))
    except DesignError as error:
        raise UserError(f"--rates {text}: {error}") from None


def _with_test(correct: np.ndarray) -> float | None:
    """Half of the interval that holds the error of the test samples, too; ``correct``: (seeds, samples)."""
    if len(correct) == 1:
        return None
    record = Record(test_accuracies=(100 * correct.mean(axis=1)).tolist(), correct=packed(correct.sum(axis=0)))
    return record.accuracy.half / 100


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(prog="python -m sw.app.accuracy", description=__doc__.split("\n\n")[0])
    parser.add_argument("--design", required=True, help="design file")
    add_data_options(parser)
    parser.add_argument("--epochs", type=int, help="passes over them; default: the design's, more for smaller --data")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, 1, 2, ... (default 3)")
    parser.add_argument("--rounding", choices=("nearest", "stochastic"), help="instead of the design's")
    parser.add_argument("--rates", metavar="SLOT:K,...", help="instead of the design's rate_shift")
    parser.add_argument("--validation", type=int, metavar="N",
                        help="test on the last N training samples, which are then not trained on, not on test samples")
    parser.add_argument("--ideal-random", action="store_true", help="instead of the LFSRs; not what the hardware does")
    parser.add_argument("--processes", type=int, default=2, help="seeds trained at the same time (default 2)")
    parser.add_argument("--predictions", type=Path, metavar="FILE",
                        help="CSV to write: each test sample, its class, and that of each seed's network")
    args = parser.parse_args(arguments)
    for name in ("train", "test", "epochs", "seeds", "processes"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise UserError(f"--{name} must be at least 1, got {value}")
    if args.seeds > MOST_SEEDS:
        raise UserError(f"--seeds must be at most {MOST_SEEDS}, got {args.seeds}")
    design = load_design(args.design)
    if design.training.start:
        raise DesignError(
            f"{args.design}: training.start must be left out, as each seed draws weights of its own; "
            f"got {design.training.start!r}"
        )
    if args.rounding:
        design = replace(design, arithmetic=replace(design.arithmetic, rounding=args.rounding))
    if args.rates is not None:
        design = _with_rates(design, args.rates)
    data = load_for(design, args.data, train=args.train, test=args.test, label=args.label)
    epochs = epochs_for(design, len(data.xtr), source=args.data, train=args.train, epochs=args.epochs)
    if args.validation is not None:
        data = held_out(data, args.validation)
    if len(data.xte) == 0:
        raise UserError(f"accuracy needs test samples, got none of {data.name}")
    if args.predictions:
        check_folder(args.predictions.parent)
    seeds = list(range(1, args.seeds + 1))
    found: dict[int, np.ndarray] = {}
    one = partial(_one, design, data, epochs, args.ideal_random)
    with closing(in_processes(one, seeds, args.processes)) as done:
        for seed, value in done:
            found[seed] = value
            print(f"seed {seed}: {100 * (value == data.yte).mean():.2f} %", file=sys.stderr, flush=True)
    predicted = np.stack([found[seed] for seed in seeds])
    results = (predicted == data.yte).mean(axis=1).tolist()
    if args.predictions:
        write_predictions(args.predictions, data.class_names, data.yte,
                          {f"seed {seed}": found[seed] for seed in seeds})
    report = {
        "design": design.name,
        "data": data.name,
        "rounding": design.arithmetic.rounding,
        "ideal_random": args.ideal_random,
        "rate_shift": design.training.rate_shift,
        "train": len(data.xtr),
        "epochs": epochs,
        "test": len(data.xte),
        "validation": args.validation is not None,
        "accuracy": results,
        "mean": float(np.mean(results)),
        "sd": float(np.std(results, ddof=1)) if len(results) > 1 else None,
        "interval95": estimate(results).half if len(results) > 1 else None,
        "interval95_with_test": _with_test(predicted == data.yte),
        "per_class": per_class(data.class_names, data.yte, predicted == data.yte),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    sys.exit(main())
