"""Train the network of a design in torch and hand it to the hardware; look at a state that came back.

    python -m sw.sparse train --design designs/digits.toml --epochs 40 --rate 5e-3
    make sim DESIGN=build/sparse/digits-trained/digits-trained.toml
    python -m sw.sparse state --design build/sparse/digits-trained/digits-trained.toml \
        --state build/sim/digits-trained/state.npz
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from sw.data.build import Raw
from sw.data.by_class import per_class, told, write_predictions
from sw.data.dataset import Dataset
from sw.data.floats import FEATURES, add_features_option, float_map, inputs_of, mapped
from sw.design import files
from sw.design.design import Design
from sw.design.states import load_scaling, load_state
from sw.golden.network import State
from sw.sources import add_data_options, load_raw_for, scaled_for
from sw.sparse.errors import SparseError
from sw.sparse.fold import folded
from sw.sparse.hardware import SATURATED, Trained, accuracies, check_limit, predictions, quantise
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import train

__all__ = ["main"]

# multiplications of a batch below which threads wait for each other longer than they save
_SMALL = 20_000_000


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m sw.sparse", description=(__doc__ or "").split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    learn = commands.add_parser("train", help="train in torch, write a design and a state that `make sim` takes")
    state = commands.add_parser("state", help="accuracy of a state of hardware or golden model, also in torch")
    for one in (learn, state):
        one.add_argument("--design", type=Path, required=True, help="design file (TOML)")
        add_data_options(one)
        one.add_argument("--predictions", type=Path, metavar="FILE",
                         help="CSV to write: each test sample, its class, and that of the golden model")
    add_features_option(learn, "unit")
    state.add_argument("--state", type=Path, required=True, help="state file (npz)")
    default = Settings()
    learn.add_argument("--validation", type=int, default=0, help="of the training samples, the last ones (0)")
    learn.add_argument("--epochs", type=int, default=default.epochs)
    learn.add_argument("--batch", type=int, default=default.batch)
    learn.add_argument("--optimiser", default=default.optimiser, help="adam or sgd (adam)")
    learn.add_argument("--rate", type=float, default=default.rate)
    learn.add_argument("--l2", type=float, default=default.l2, help="lambda of lambda * sum w^2 (0)")
    learn.add_argument("--patience", type=int, help="stop after so many epochs without a lower validation loss")
    learn.add_argument("--restore-best", action="store_true", help="end with the weights of the best epoch")
    learn.add_argument("--output", default="sigmoid", help="sigmoid, as the hardware, or softmax (sigmoid)")
    learn.add_argument("--execution", help="masked, gather or blocks; default: chosen for each junction")
    learn.add_argument("--seed", type=int, default=1, help="of initial weights and order (1)")
    learn.add_argument("--threads", type=int, help="default: one for a network too small for more, else torch's")
    learn.add_argument("--saturated", type=float, default=SATURATED, help=f"share that may saturate ({SATURATED})")
    learn.add_argument("--checkpoint", type=Path, help="file to go on from, written after each epoch")
    learn.add_argument("--name", help="of the new design; default: <design>-trained")
    learn.add_argument("--out", type=Path, help="folder; default: build/sparse/<name>")
    options = parser.parse_args(arguments)
    design = files.load(options.design)
    scaling = load_scaling(options.state) if options.command == "state" else None
    raw = load_raw_for(design, options.data, train=options.train, test=options.test, label=options.label)
    data = scaled_for(design, raw, scaling)
    print(f"features: {data.scaling} ({data.scaling_reason})")
    if len(data.xte) == 0:
        raise SparseError("the table of accuracies needs test samples, got none")
    if options.predictions:
        check_folder(options.predictions.parent)
    if options.command == "train":
        _train(options, design, raw, data)
    else:
        design, weights, biases, lfsr = load_state(options.state, design)
        trained = Trained(design, State(weights, biases, lfsr), {})
        _table(accuracies(None, trained, data), _by_class(trained, data, options.predictions))
    return 0


def _train(options: argparse.Namespace, design: Design, raw: Raw, data: Dataset) -> None:
    settings = Settings(
        epochs=options.epochs, batch=options.batch, optimiser=options.optimiser, rate=options.rate, l2=options.l2,
        patience=options.patience, restore_best=options.restore_best,
    )
    raw = inputs_of(raw, data.scaling)
    trained_on = float_map(raw, options.features, data.scaling)
    floats = mapped(raw, trained_on).features
    everything, held = Samples.of(floats["xtr"], data.ytr), options.validation
    print(f"trained on: {options.features} features, {FEATURES[options.features]}")
    if not 0 <= held < len(everything):
        raise SparseError(f"--validation must leave a training sample: 0..{len(everything) - 1}, got {held}")
    samples, validation = everything[: len(everything) - held], everything[len(everything) - held :]
    if options.threads is not None and options.threads < 1:
        raise SparseError(f"--threads must be at least 1, got {options.threads}")
    name = options.name or f"{design.name}-trained"
    folder = options.out or Path("build") / "sparse" / name
    # what else would only fail when all is trained
    replace(design, name=name)
    check_limit(options.saturated)
    dense = sum(j.left * j.right for j in design.junctions)
    if options.threads or dense * options.batch < _SMALL:
        torch.set_num_threads(options.threads or 1)
    model = SparseMLP.of(design, seed=options.seed, output=options.output, execution=options.execution)
    for path in (folder, *([options.checkpoint.parent] if options.checkpoint else [])):
        check_folder(path)
    for layer, number in zip(model.layers(), range(1, len(model.neurons)), strict=True):
        print(f"junction {number}: {layer.extra_repr()}")
    with ProgressLine("training") as line:
        history = train(model, samples, settings, validation=validation if held else None,
                        checkpoint=options.checkpoint, progress=line)
    taken = model if options.features == "unit" else folded(model, trained_on, float_map(raw, "unit", data.scaling))
    measured = Samples.of(data.xtr[: len(samples)], data.ytr[: len(samples)])
    trained = replace(quantise(taken, design, measured, name=name, limit=options.saturated), scaling=data.scaling)
    table = accuracies(model, trained, data, Samples.of(floats["xte"], data.yte))
    by_class = _by_class(trained, data, options.predictions)
    path = trained.save(folder)
    arithmetic = trained.design.arithmetic
    write_report(folder / "report.json", {
        "design": name, "network_of": design.name, "data": data.name, "classes": list(data.class_names),
        "scaling": data.scaling.kind, "features_as": options.features, "train": len(samples), "test": len(data.xte),
        "seed": options.seed, "output": options.output, "settings": asdict(settings),
        "epochs_trained": len(history.train_loss), "kept_epoch": history.kept_epoch[0],
        "train_loss": [loss[0] for loss in history.train_loss],
        "validation_loss": [loss[0] for loss in history.validation_loss],
        "validation_accuracy": [share[0] for share in history.validation_accuracy],
        "training_seconds": round(history.seconds, 3), "integer_bits": arithmetic.integer_bits,
        "preactivation_integer_bits": arithmetic.preactivation_integer_bits, "saturated": trained.saturated,
        "accuracy": table, "per_class": by_class,
    }, {})
    print(f"{len(samples):,} samples, {len(history.train_loss)} epochs, {history.seconds:.1f} s of training")
    print(f"{arithmetic.width} bits: {arithmetic.integer_bits} integer, {arithmetic.preactivation_integer_bits} of "
          f"pre-activations, {arithmetic.number.fraction_bits} fraction; values that saturate:")
    for kind, (count, of) in trained.saturated.items():
        print(f"  {kind:<32}{count:>9,} of {of:,}")
    _table(table, by_class)
    print(f"design: {path}   make sim DESIGN={path}")


def _by_class(trained: Trained, data: Dataset, out: Path | None) -> list[dict[str, Any]]:
    """Of the golden model: see `sw.data.by_class`."""
    predicted = predictions(trained, data)
    if out:
        write_predictions(out, data.class_names, data.yte, {"golden": predicted})
    return per_class(data.class_names, data.yte, predicted == data.yte)


def _table(table: dict[str, float], by_class: list[dict[str, Any]]) -> None:
    print("test accuracy")
    for name, value in table.items():
        print(f"  {name:<32}{value:>9.2%}")
    print(f"  golden, by class: {told(by_class)}")


if __name__ == "__main__":
    sys.exit(main())
