"""The training loop: one network, or several seeds of one at the same time.

What an epoch does depends only on the state at its begin and its number: the order of samples is drawn from (seed,
epoch). So a run that goes on from a checkpoint, which is written after each epoch, gives the same bits.
"""

import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sw.sparse import checkpoint as checkpoints
from sw.sparse.errors import SparseError
from sw.sparse.keep import Kept
from sw.sparse.linear import SparseLinear
from sw.sparse.settings import Samples, Settings
from sw.sparse.subnormal import flushed

__all__ = ["History", "evaluate", "train"]

Progress = Callable[[int, int], None]
"""Called with the number of samples trained on so far in this call, and of all; `sw.common.progress` has one."""

_EVALUATED = 2048  # samples at once


@dataclass
class History:
    """Per epoch a list with one entry per seed. Training losses are means over the epoch, without the L2 term.

    ``kept_epoch``: per seed, the epoch (from 1) of the weights that the model has at the end.
    """

    train_loss: list[list[float]] = field(default_factory=list)
    validation_loss: list[list[float]] = field(default_factory=list)
    validation_accuracy: list[list[float]] = field(default_factory=list)
    kept_epoch: list[int] = field(default_factory=list)
    seconds: float = 0.0


def train(
    model: nn.Module, samples: Samples, settings: Settings, *, validation: Samples | None = None,
    checkpoint: str | Path | None = None, progress: Progress | None = None,
) -> History:
    """Train ``model`` in place.

    ``model`` may be any module; one that has ``loss(outputs, labels)``, ``seeds`` and ``stacked`` (`SparseMLP`) is
    asked for its losses and gets the order of samples of its seeds, others get the cross entropy. ``checkpoint``: a
    file that is written after each epoch, and from which the run goes on if it is there.

    Raises
    ------
    SparseError : labels beyond the classes, no validation samples where they are needed, a checkpoint of another
        design, other data or other settings. DesignError : the checkpoint cannot be written.
    """
    _check(model, samples, settings, validation)
    run = _Run(model, samples, settings, validation)
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        run.resume(path)
    begun, first = time.perf_counter() - run.history.seconds, run.epoch
    with flushed():
        while run.epoch < settings.epochs and not (run.kept and run.kept.all_stopped):
            run.one_epoch(progress, (run.epoch - first) * len(samples), (settings.epochs - first) * len(samples))
            run.history.seconds = time.perf_counter() - begun
            if path is not None:
                run.save(path)
    if run.kept:
        run.kept.restore(model)
    run.history.kept_epoch = run.kept.epochs if run.kept else [run.epoch] * run.seeds
    return run.history


@torch.no_grad()
def evaluate(model: nn.Module, samples: Samples) -> tuple[list[float], list[float]]:
    """(losses, accuracies) with one entry per seed; without the L2 term."""
    was_training = model.training
    model.eval()
    loss: Tensor | float = 0.0
    correct: Tensor | float = 0.0
    for begin in range(0, len(samples), _EVALUATED):
        part = samples[begin : begin + _EVALUATED]
        outputs = model(part.features)
        loss = loss + _loss_of(model)(outputs, part.labels).double() * len(part)
        correct = correct + (_predictions_of(model)(outputs) == part.labels).double().sum(-1)
    model.train(was_training)
    return _per_seed(loss / len(samples)), _per_seed(correct / len(samples))


def _loss_of(model: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
    return getattr(model, "loss", nn.functional.cross_entropy)


def _predictions_of(model: nn.Module) -> Callable[[Tensor], Tensor]:
    return getattr(model, "predictions", lambda outputs: outputs.argmax(-1))


def _per_seed(values: Any) -> list[float]:
    return torch.as_tensor(values).reshape(-1).tolist()


class _Run:
    """What changes during a run, and how an epoch changes it."""

    def __init__(self, model: nn.Module, samples: Samples, settings: Settings, validation: Samples | None):
        self.model, self.samples, self.settings, self.validation = model, samples, settings, validation
        self.stacked = bool(getattr(model, "stacked", False))
        self.order_seeds: tuple[int, ...] = tuple(getattr(model, "seeds", (settings.seed,)))
        self.seeds = len(self.order_seeds)
        self.epoch = self.update = 0
        self.history = History()
        self.optimiser = _optimiser(model, settings)
        self.kept = Kept(model, self.seeds, self.stacked, settings) if settings.keeps else None

    def one_epoch(self, progress: Progress | None, done: int, of: int) -> None:
        rows = self._rows()
        total: Tensor | float = 0.0
        self.model.train()
        for begin in range(0, rows.shape[-1], self.settings.batch):
            part = rows[..., begin : begin + self.settings.batch]
            for group in self.optimiser.param_groups:
                group["lr"] = self.settings.rate_at(self.update)
            self.optimiser.zero_grad()
            # several times as fast as features[part], which copies value by value
            features = self.samples.features.index_select(0, part.reshape(-1)).unflatten(0, part.shape)
            losses = _loss_of(self.model)(self.model(features), self.samples.labels[part])
            losses.sum().backward()  # no seed's loss depends on another's weights
            self.optimiser.step()
            self.update += 1
            total = total + losses.detach().double() * part.shape[-1]
            if progress:
                progress(done + begin + part.shape[-1], of)
        self.epoch += 1
        self.history.train_loss.append(_per_seed(total / rows.shape[-1]))
        if not np.isfinite(self.history.train_loss[-1]).all():
            raise SparseError(f"the loss of epoch {self.epoch} is not a finite number; a lower rate than "
                              f"{self.settings.rate:g} may help")
        if self.validation is not None:
            loss, accuracy = evaluate(self.model, self.validation)
            self.history.validation_loss.append(loss)
            self.history.validation_accuracy.append(accuracy)
            if self.kept:
                self.kept.after_epoch(self.model, self.epoch, loss if self.settings.monitor == "loss" else accuracy)

    def _rows(self) -> Tensor:
        """(n,) or (seeds, n): the samples of this epoch in the order of each seed."""
        count, epoch = len(self.samples), self.epoch
        orders = [np.random.Generator(np.random.PCG64([s, 3, epoch])).permutation(count) for s in self.order_seeds]
        rows = torch.from_numpy(np.stack(orders)).to(self.samples.labels.device)
        return rows if self.stacked else rows[0]

    @cached_property
    def _made_for(self) -> dict[str, str]:
        settings = {name: value for name, value in asdict(self.settings).items() if name != "epochs"}
        data = [self.samples] if self.validation is None else [self.samples, self.validation]
        return {
            "design": checkpoints.fingerprint(self.model),
            "data": " ".join(f"{tuple(s.features.shape)}:{_checksum(s):08x}" for s in data),
            "settings": ", ".join(f"{name} {value}" for name, value in settings.items()),
        }

    def save(self, path: Path) -> None:
        random = [torch.get_rng_state()]
        if torch.cuda.is_available():
            random += torch.cuda.get_rng_state_all()
        checkpoints.save(path, {
            "made_for": self._made_for, "epoch": self.epoch, "update": self.update, "random": random,
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(),
            "history": asdict(self.history), "kept": self.kept.state() if self.kept else None,
        })

    def resume(self, path: Path) -> None:
        content = checkpoints.load(path, self._made_for)
        if content["epoch"] > self.settings.epochs:
            raise SparseError(f"{path}: epochs must be at least the {content['epoch']} that the checkpoint has, got "
                              f"{self.settings.epochs}")
        self.model.load_state_dict(content["model"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.epoch, self.update = content["epoch"], content["update"]
        self.history = History(**content["history"])
        if self.kept:
            self.kept.load_state(content["kept"])
        torch.set_rng_state(content["random"][0])
        if torch.cuda.is_available() and len(content["random"]) > 1:
            torch.cuda.set_rng_state_all(content["random"][1:])


def _checksum(samples: Samples) -> int:
    first = zlib.crc32(samples.features.detach().cpu().contiguous().numpy().tobytes())
    return zlib.crc32(samples.labels.cpu().numpy().tobytes(), first)


def _optimiser(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    layers = [layer for layer in model.modules() if isinstance(layer, SparseLinear | nn.Linear)]
    decayed = {id(layer.weight) for layer in layers}
    # the gradient of lambda w^2 is 2 lambda w, which is what torch calls a weight decay of 2 lambda
    groups: list[dict[str, Any]] = [
        {"params": [p for p in model.parameters() if id(p) in decayed], "weight_decay": 2 * settings.l2},
        {"params": [p for p in model.parameters() if id(p) not in decayed], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if settings.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=settings.rate, momentum=settings.momentum)
    return torch.optim.Adam(groups, lr=settings.rate, betas=(0.9, 0.999), eps=1e-7, fused=True)


def _check(model: nn.Module, samples: Samples, settings: Settings, validation: Samples | None) -> None:
    if len(samples) == 0:
        raise SparseError("training needs at least one sample, got 0")
    for part in (samples, validation):
        if part is None or part.features.numel() == 0 or not part.features.is_floating_point():
            continue
        # a NaN would be the least and the largest; to ask all of them makes copies, and takes a good part of an epoch
        if not torch.stack(part.features.aminmax()).isfinite().all():
            raise SparseError("features must be finite numbers, got NaN or infinity")
    if settings.keeps and (validation is None or len(validation) == 0):
        raise SparseError("patience and restore_best need validation samples, got none")
    classes = getattr(model, "classes", None)
    for part in (samples, validation):
        if part is not None and len(part) and classes is not None:
            low, high = int(part.labels.min()), int(part.labels.max())
            if low < 0 or high >= classes:
                wrong = low if low < 0 else high
                raise SparseError(f"labels must be 0..{classes - 1}, the model's classes, got {wrong}")
