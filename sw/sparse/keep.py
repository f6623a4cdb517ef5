"""Early stopping, and the weights that a run ends with; for each seed by itself."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from sw.sparse.settings import Settings

__all__ = ["Kept"]


class Kept:
    """Weights per seed: of its best epoch with ``restore_best``, else of the last before it stopped.

    A stacked model's seeds go on being trained after one has stopped; that one's weights are kept here.
    """

    def __init__(self, model: nn.Module, seeds: int, stacked: bool, settings: Settings):
        self._stacked, self._settings = stacked, settings
        self._sign = 1.0 if settings.monitor == "loss" else -1.0
        self._weights = {name: value.clone() for name, value in model.state_dict().items()}
        #: per seed, the epoch of the weights; 0 before the first
        self.epochs = [0] * seeds
        self._best = [math.inf] * seeds
        self._since = [0] * seeds

    @property
    def all_stopped(self) -> bool:
        patience = self._settings.patience
        return patience is not None and all(since >= patience for since in self._since)

    @torch.no_grad()
    def after_epoch(self, model: nn.Module, epoch: int, monitored: list[float]) -> None:
        """Take note of the monitored figure of each seed and keep weights where they are to be kept."""
        patience = self._settings.patience
        for seed, value in enumerate(monitored):
            if patience is not None and self._since[seed] >= patience:
                continue
            better = self._sign * value < self._best[seed]  # never true of nan
            self._since[seed] = 0 if better else self._since[seed] + 1
            if better:
                self._best[seed] = self._sign * value
            if better or not self._settings.restore_best:
                self.epochs[seed] = epoch
                for name, now in model.state_dict().items():
                    self._part(self._weights[name], seed).copy_(self._part(now, seed))

    def _part(self, value: Tensor, seed: int) -> Tensor:
        return value[seed] if self._stacked else value

    def restore(self, model: nn.Module) -> None:
        """Give the model the weights that were kept."""
        model.load_state_dict(self._weights)

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"weights": self._weights, "epochs": self.epochs, "best": self._best, "since": self._since}

    def load_state(self, state: dict[str, Any]) -> None:
        for name, value in state["weights"].items():
            self._weights[name].copy_(value)
        self.epochs, self._best, self._since = list(state["epochs"]), list(state["best"]), list(state["since"])
