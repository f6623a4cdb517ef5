"""The search as a program: from the words of the command line to trained, saved and exported networks."""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.deepncheap.errors import SearchError
from sw.deepncheap.options import IDENTITY, parse
from sw.deepncheap.trials import MODEL, Trials, figures, prepare

if TYPE_CHECKING:
    from sw.deepncheap.objective import Objective
    from sw.deepncheap.stages import Problem
    from sw.deepncheap.task import Task
    from sw.study.stage import Record
    from sw.study.storage import Study

__all__ = ["main", "source_of"]

# how the data sets that Deep-n-Cheap knows by name are called here
_NAMES = {"mnist": "torchvision:MNIST", "fmnist": "torchvision:FashionMNIST", "cifar10": "torchvision:CIFAR10",
          "cifar100": "torchvision:CIFAR100"}


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done or out of time, 2 it could not be done, 130 stopped."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    begun = time.monotonic()
    import torch
    import torch._dynamo  # torch's optimisers and its export load it when they are called, here once for all processes

    from sw.study.report import write  # with what it needs, before hours of training
    from sw.study.run import Ended, Search, run
    from sw.study.storage import open_study

    threads = options.threads or max(1, (os.cpu_count() or 1) // options.workers)
    torch.set_num_threads(1)  # of this process; those that train can then be copies of it
    device = _device(options.device, torch.cuda.is_available())
    trials, task = _trials(options, device, threads)
    identity = _identity(options, task, device)
    name = options.study or _name(options, identity)
    out = options.out / name
    check_folder(out)
    fork = device == "cpu"  # what is loaded here is loaded once; the state of CUDA cannot be copied
    search = Search(_stages(options, _problem(task)), partial(prepare, trials, task if fork else None),
                    figures(trials.objective), options.prune, options.num_best, fork)
    study = open_study(options.storage or f"sqlite:///{out / 'study.db'}", name, identity)
    try:
        print(f"study {name}: {_about(task)}; {sum(stage.trials for stage in search.stages)} trials at most; "
              f"{out / 'index.html'}", flush=True)
        seconds = None if options.time_budget is None else options.time_budget - (time.monotonic() - begun)
        ended, stopped = Ended("it was stopped; the same command goes on", False), True
        try:
            ended = run(search, study, out / "trials", workers=options.workers, threads=threads, seconds=seconds,
                        say=partial(print, flush=True), steps=options.verbose)
            stopped = False
        finally:  # also what a stopped search has found is worth a page, but no more training
            records = study.records()
            extra = {} if stopped else _models(records, options.num_best, out, task)
            facts = {"data": _about(task), "network": options.network, "options": identity,
                     "seconds": round(_spent(study, begun, options.prior_time), 1), "study": name}
            best = write(out, f"Search for {task.name}", records, search.figures, ended, most=options.num_best,
                         facts=facts, extra=extra)
        _say(best, extra, ended, out, trials.objective)
    finally:
        study.close()
    return 0


def source_of(dataset: str, folder: Path) -> str:
    """The data source that ``--dataset`` and ``--data-folder`` name: a file, else a name."""
    for path in (folder / dataset, folder / f"{dataset}.npz"):
        if path.is_file() or (path.is_dir() and dataset not in _NAMES):
            return str(path)
    return _NAMES.get(dataset, dataset)


def _device(wish: str, cuda: bool) -> str:
    if wish == "cuda" and not cuda:
        raise SearchError("argument --device: cuda must be there, and torch finds none; valid here: cpu, auto")
    return "cuda" if cuda and wish != "cpu" else "cpu"


def _trials(options: argparse.Namespace, device: str, threads: int) -> tuple[Trials, "Task"]:
    from sw.deepncheap.load import load_task
    from sw.deepncheap.objective import Objective

    data = {
        "source": source_of(options.dataset, Path(options.data_folder).expanduser()), "kind": options.problem_type,
        "images": options.network == "cnn", "sample_shape": options.input_size, "validation": options.val_split,
        "shuffle": options.shuffle, "scaling": options.scaling, "augment": options.augment, "train": options.train,
        "test": options.test, "label": options.label, "seed": options.seed,
    }
    task = load_task(**data)
    if options.output_size not in (None, task.outputs):
        raise SearchError(f"argument --output-size: must be the {task.outputs} of the data, got {options.output_size}")
    by_time = options.penalize == "t_epoch"
    objective = Objective(
        kind=options.problem_type, wc=options.wc, penalty=options.penalize,
        reference=options.tbar_epoch if by_time else _largest(options, task), floor=0.5 / len(task.validation))
    patience = options.val_patience if options.val_patience < options.numepochs else None
    return Trials({**data, "device": device}, objective, options.numepochs, options.seed, patience,
                  options.precision, threads, remarks={"dataset": options.dataset}), task


def _largest(options: argparse.Namespace, task: "Task") -> int:
    """Parameters of the largest network of the space."""
    from sw.deepncheap.architectures import number_of_parameters
    from sw.deepncheap.objective import largest_mlp
    from sw.deepncheap.rules import default_cnn

    if options.network == "mlp":
        return largest_mlp(prod(task.sample_shape), task.outputs, options.num_hidden_layers[1], options.hidden_nodes[1])
    channels = [min(options.channels_first[1] << layer, options.channels_upper)
                for layer in range(options.num_conv_layers[1])]
    return number_of_parameters(default_cnn(channels), task.sample_shape, task.outputs)


def _problem(task: "Task") -> "Problem":
    from sw.deepncheap.stages import Problem

    return Problem(task.sample_shape, task.outputs, len(task.train))


def _stages(options: argparse.Namespace, problem: "Problem") -> list[Any]:
    from sw.deepncheap.rules import Grids
    from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSpace
    from sw.deepncheap.stages import Bayes, stages

    initial = options.bo_prior_states
    if initial is None and options.optimiser.startswith("deep-n-cheap"):
        initial = 15
    widths = HiddenLayers(tuple(options.num_hidden_layers), tuple(options.hidden_nodes)) if options.network == "mlp" \
        else Channels(tuple(options.num_conv_layers), tuple(options.channels_first), options.channels_upper)
    most = min(options.batch_size[1], problem.samples)
    settings = TrainingSpace(tuple(options.lr), tuple(options.weight_decay), (min(options.batch_size[0], most), most))
    grids = replace(
        Grids(), batch_norm=tuple(options.bn_fracs), dropout=tuple(options.do_fracs),
        first_drops=tuple(options.input_drop_probs), other_drops=tuple(options.drop_probs_cnn),
        mlp_drops=tuple(options.drop_probs_mlp))
    return stages(options.network, problem,
                  Bayes(options.seed, initial, options.bo_steps, options.bo_explore, options.optimiser),
                  widths=widths, settings=settings, grids=grids, order=options.grid_search_order)


def _identity(options: argparse.Namespace, task: "Task", device: str) -> dict[str, Any]:
    """What the trials depend on, as users know it."""
    from sw.deepncheap.training import products_of

    given = {f"--{name}": getattr(options, name.replace("-", "_")) for name in IDENTITY}
    given["--dataset"] = f"{task.name} ({task.fingerprint})"
    given["--device"] = device
    given["--precision"] = str(products_of(options.precision, task)).removeprefix("torch.")
    return json.loads(json.dumps(given))


def _name(options: argparse.Namespace, identity: dict[str, Any]) -> str:
    """Other options, another study."""
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:6]
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(options.dataset).stem)
    return f"{stem}-{options.network}-{digest}"


def _about(task: "Task") -> str:
    shape = " x ".join(map(str, task.sample_shape))
    return (f"{task.name}, {len(task.train):,} + {len(task.validation):,} + {len(task.test):,} samples to train, "
            f"validate and test, of {shape} values, {task.outputs} "
            f"{'classes' if task.kind == 'classification' else 'targets'}")


def _spent(study: "Study", begun: float, prior: float) -> float:
    """Seconds of all commands that have worked on this study, noted with it."""
    spent = (study.note("seconds") or 0.0) + time.monotonic() - begun
    study.set_note("seconds", spent)
    return spent + prior


def _models(records: Sequence["Record"], most: int, out: Path, task: "Task") -> dict[int, dict[str, Any]]:
    """Export the best models, try them on the test samples; what to tell of each."""
    from sw.deepncheap.models import export, load
    from sw.deepncheap.training import error_of
    from sw.study.keep import folder_of
    from sw.study.stage import ranked

    told: dict[int, dict[str, Any]] = {}
    for rank, record in enumerate(ranked(records)[:most], 1):
        path = folder_of(out / "trials", record) / MODEL
        if not path.exists():
            told[record.id] = {"model": f"not here; it was trained on host {record.attributes.get('host')}"}
            continue
        model = load(path)
        exported = out / f"best-{rank}.pt2"
        export(model, exported)
        told[record.id] = {"model": str(path), "exported": str(exported)}
        if len(task.test):
            error = error_of(model.network(), task.test, task.kind)
            told[record.id] |= {"test_accuracy": 1 - error} if task.kind == "classification" else {"test_error": error}
    return told


def _say(best: Sequence["Record"], extra: dict[int, dict[str, Any]], ended: Any, out: Path,
         objective: "Objective") -> None:
    print(ended.reason)
    for one in best:
        figures_ = ", ".join(figure.text(one) for figure in figures(objective))
        print(f"best: {figures_}; found by {one.stage} {one.number}")
        for part in one.configuration.values():
            print("  " + ", ".join(f"{name} {setting}" for name, setting in part.items()))
        for name, value in extra.get(one.id, {}).items():
            print(f"  {name.replace('_', ' ')} " + (f"{value:.4f}" if isinstance(value, float) else str(value)))
    print(f"  report {out / 'index.html'}")
