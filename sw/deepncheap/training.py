"""What one trial does: train one network and keep the weights of its best epoch."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite, prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from sw.deepncheap.architectures import Architecture, number_of_parameters
from sw.deepncheap.augmentation import augmented
from sw.deepncheap.errors import SearchError
from sw.deepncheap.networks import build
from sw.deepncheap.spaces import TrainingSettings
from sw.deepncheap.task import Samples, Task
from sw.deepncheap.timing import Laps

__all__ = [
    "PRECISIONS", "WIDE", "Diverged", "OutOfMemory", "Trained", "TrialFailed", "error_of", "products_of", "rate_at",
    "train",
]

PRECISIONS = ("auto", "float32", "mixed")
WIDE = 256
_EVALUATED = 2048  # samples at once
_DROPS = (0.5, 0.75)  # of all epochs: when the learning rate falls
_DROP = 0.2

AfterEpoch = Callable[[int, float], bool]


class TrialFailed(Exception):
    """This configuration cannot be trained; the search can go on. ``str`` says why, in one line."""


class Diverged(TrialFailed):
    """A loss or an output is not a finite number."""


class OutOfMemory(TrialFailed):
    """The network and its batch do not fit into the memory of the device."""


@dataclass(frozen=True, eq=False)
class Trained:
    """The outcome of a trial.

    Parameters
    ----------
    error : the lowest validation error of all epochs: share of wrong samples, or mean squared error of a regression.
    best_epoch : the first epoch, from 1, with that error.
    curve : the validation error after each epoch that was run.
    t_epoch : seconds of training per epoch, as of `sw.deepncheap.timing`.
    parameters : their number.
    weights : state of the network after the best epoch, on the CPU.
    ended : "" after all epochs, "patience" or "pruned" before.
    """

    error: float
    best_epoch: int
    curve: tuple[float, ...]
    t_epoch: float
    parameters: int
    weights: dict[str, Tensor] = field(repr=False)
    ended: str = ""


def train(
    architecture: Architecture, settings: TrainingSettings, task: Task, *, epochs: int, seed: int,
    patience: int | None = None, after_epoch: AfterEpoch | None = None, precision: str = "auto",
) -> Trained:
    """Train a network from scratch on the device of the task's data.

    Adam with L2 in its gradient (not AdamW) on all parameters; the learning rate falls to a fifth at half and again at
    three quarters of the epochs; samples in a new order each epoch, the last batch as large as what is left, but a
    single sample joins the batch before. Initial weights, order, dropout and augmentation are drawn from ``seed``: on a
    CPU the same call gives the same bits as long as the number of threads is the same, and torch's generator is left as
    it was.

    Parameters
    ----------
    patience : end after so many epochs without a lower validation error; None: never.
    after_epoch : called with the number of the epoch, from 1, and its validation error; true ends the training.
    precision : "mixed" computes products in bfloat16 (float16 on a GPU without it); "auto" does so on CUDA, and where
        a processor has instructions for it and a classification's samples have at least `WIDE` values: of smaller ones
        the conversions take longer than they save.

    Raises
    ------
    Diverged, OutOfMemory : this configuration cannot be trained. SearchError : mixed precision asked of a processor
        that has no instructions for it.
    """
    products = products_of(precision, task)
    devices = [task.device] if task.device.type == "cuda" else []
    with _failures(), torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        run = _Run(architecture, settings, task, epochs, seed, products)
        ended, since = "", 0
        for epoch in range(1, epochs + 1):
            error = run.one_epoch()
            since = 0 if run.best_epoch == epoch else since + 1
            if after_epoch and after_epoch(epoch, error):
                ended = "pruned"
            elif patience is not None and since >= patience and epoch < epochs:
                ended = "patience"
            if ended:
                break
    return Trained(
        error=run.curve[run.best_epoch - 1], best_epoch=run.best_epoch, curve=tuple(run.curve),
        t_epoch=run.laps.per_epoch(len(task.train) / min(settings.batch_size, len(task.train))),
        parameters=number_of_parameters(architecture, task.sample_shape, task.outputs),
        weights={name: value.cpu() for name, value in run.weights.items()}, ended=ended,
    )


def rate_at(rate: float, epoch: int, epochs: int) -> float:
    """Learning rate of an epoch, from 0. It never falls before the first: a run of one epoch has the whole rate."""
    return rate * _DROP ** sum(0 < int(share * epochs) <= epoch for share in _DROPS)


def error_of(network: nn.Module, samples: Samples, kind: str) -> float:
    """Share of wrong samples, or mean squared error; the network evaluates. Diverged if an output is not finite."""
    network.eval()
    total = torch.zeros((), dtype=torch.float64, device=samples.x.device)
    finite = torch.ones((), dtype=torch.bool, device=samples.x.device)
    with torch.inference_mode():
        for x, y in zip(samples.x.split(_EVALUATED), samples.y.split(_EVALUATED), strict=True):
            outputs = network(x)
            finite &= outputs.isfinite().all()
            total += (outputs.argmax(1) != y).sum() if kind == "classification" else \
                (outputs - y).square().double().mean(1).sum()
    if not finite:
        raise Diverged("an output of the network is not a finite number")
    return total.item() / len(samples)


class _Run:
    """What changes while one network is trained."""

    def __init__(self, architecture: Architecture, settings: TrainingSettings, task: Task, epochs: int, seed: int,
                 products: torch.dtype) -> None:
        self.settings, self.task, self.epochs = settings, task, epochs
        # channels last: convolutions take four fifths of the time so, on a CPU
        self.network: nn.Module = build(architecture, task.sample_shape, task.outputs, seed).to(task.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's types lack it
        self.optimiser = torch.optim.Adam(
            self.network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
        self.order = torch.Generator().manual_seed(seed)
        self.laps = Laps(task.device)
        self.loss = functional.cross_entropy if task.kind == "classification" else functional.mse_loss
        self.products = products
        self.scaler = torch.amp.GradScaler(task.device.type, enabled=products == torch.float16)
        self.empty = task.inputs_by(torch.zeros(1, 1, 1)).to(task.device) if task.augment else None
        self.curve: list[float] = []
        self.best_epoch = 0
        self.weights: dict[str, Tensor] = {}

    def one_epoch(self) -> float:
        """The validation error after one more epoch."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.settings.learning_rate, len(self.curve), self.epochs)
        self.network.train()
        total = torch.zeros((), device=self.task.device)
        self.laps.begin_epoch()
        for x, y in self._batches():
            self.optimiser.zero_grad(set_to_none=True)
            with torch.autocast(self.task.device.type, self.products, enabled=self.products != torch.float32):
                outputs = self.network(x)
            loss = self.loss(outputs.float(), y)
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimiser)
            self.scaler.update()
            total += loss.detach()
            self.laps.lap()
        finite = isfinite(total.item())  # waits for the device
        self.laps.end_epoch()
        if not finite:
            raise Diverged(f"the loss is not a finite number in epoch {len(self.curve) + 1}")
        error = error_of(self.network, self.task.validation, self.task.kind)
        self.curve.append(error)
        if not self.best_epoch or error < self.curve[self.best_epoch - 1]:
            self.best_epoch = len(self.curve)
            self.weights = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        return error

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        samples = self.task.train
        inputs = samples.x if self.task.augment else _inputs(self.task, self.products)
        order = torch.randperm(len(samples), generator=self.order).to(self.task.device)
        batches = list(order.split(self.settings.batch_size))
        if len(batches) > 1 and len(batches[-1]) == 1:
            batches[-2:] = [torch.cat(batches[-2:])]  # of one pixel of one sample batch norm knows no variance
        for rows in batches:
            # several times as fast as x[rows], which copies value by value
            x = inputs.index_select(0, rows)
            yield (x if self.empty is None else augmented(x, self.empty)), samples.y.index_select(0, rows)


def products_of(precision: str, task: Task) -> torch.dtype:
    """What products are computed in, see `train`. SearchError as there."""
    device = task.device
    if precision not in PRECISIONS:
        raise SearchError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    wide = task.kind == "classification" and prod(task.sample_shape) >= WIDE
    if precision == "float32" or (precision == "auto" and device.type == "cpu" and not wide):
        return torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16"):
        return torch.bfloat16
    if precision == "auto":
        return torch.float32
    raise SearchError(f'precision must be "auto" or "float32" on this {device.type}, which has no instructions for '
                      'bfloat16, got "mixed"')


@lru_cache(maxsize=1)
def _inputs(task: Task, products: torch.dtype) -> Tensor:
    """What is trained on, converted once: each batch would be otherwise, to the same values, before the first product.
    """
    return task.train.x.to(products)


@contextmanager
def _failures() -> Iterator[None]:
    """What torch raises when memory is too small, as OutOfMemory."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise _out_of_memory(error) from error
    except RuntimeError as error:
        if "allocate memory" not in str(error):
            raise
        raise _out_of_memory(error) from error


def _out_of_memory(error: BaseException) -> OutOfMemory:
    asked = re.search(r"tried to allocate [\d.]+ \w+", str(error), re.IGNORECASE)
    return OutOfMemory("the network and a batch do not fit into memory" + (f": {asked[0].lower()}" if asked else ""))
