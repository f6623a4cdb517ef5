"""Several trained networks that decide together, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sw.deepncheap.errors import SearchError
from sw.deepncheap.models import Model
from sw.deepncheap.task import Samples

__all__ = ["RULES", "Ensemble", "decide", "together"]

RULES = ("mean", "votes")
_EVALUATED = 2048  # samples at once


@dataclass(frozen=True)
class Ensemble:
    """What networks do together and each by itself, and their cost beside that of the best of them.

    ``error``, ``errors``: shares of wrong samples. ``parameters``: of all. ``cost``: parameters of all by those of the
    network with the lowest error.
    """

    error: float
    errors: tuple[float, ...]
    parameters: int
    cost: float


def decide(outputs: Tensor, rule: str) -> Tensor:
    """Classes (n,) from outputs (networks, n, classes) before the softmax.

    "mean": the class with the largest mean probability. "votes": the one that most networks choose, of equals that of
    them with the largest mean probability.
    """
    if rule not in RULES:
        raise SearchError(f"the rule of an ensemble must be {' or '.join(RULES)}, got {rule!r}")
    mean = outputs.double().softmax(-1).mean(0)
    if rule == "mean":
        return mean.argmax(-1)
    votes = torch.nn.functional.one_hot(outputs.argmax(-1), outputs.shape[-1]).sum(0)
    return (votes + mean / 2).argmax(-1)  # a mean is at most 1, so half of it is less than a vote


@torch.inference_mode()
def together(models: Sequence[Model], samples: Samples, rule: str = "mean") -> Ensemble:
    """The classifiers on samples of their task, scaled as they are there.

    Raises
    ------
    SearchError : no models, or some for other samples or classes.
    """
    if len({(model.kind, model.sample_shape, model.outputs) for model in models}) != 1:
        raise SearchError("an ensemble must be of classifiers for the same samples and classes, got "
                          + (", ".join(f"{m.sample_shape} to {m.outputs}" for m in models) or "none"))
    networks = [model.network().to(samples.x.device) for model in models]
    wrong = torch.zeros(len(models) + 1, dtype=torch.int64, device=samples.x.device)
    for x, y in zip(samples.x.split(_EVALUATED), samples.y.split(_EVALUATED), strict=True):
        outputs = torch.stack([network(x) for network in networks])
        decided = torch.cat([outputs.argmax(-1), decide(outputs, rule)[None]])
        wrong += (decided != y).sum(1)
    *errors, error = (wrong / len(samples)).tolist()
    parameters = [model.parameters for model in models]
    return Ensemble(error, tuple(errors), sum(parameters), sum(parameters) / parameters[errors.index(min(errors))])
