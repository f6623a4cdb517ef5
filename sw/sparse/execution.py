"""What the executions of a sparse junction have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sw.pattern.edges import Edges

__all__ = ["Execution", "bags", "bounds", "in_rows", "united"]


def united(edges: Sequence[Edges]) -> Edges:
    """Junctions side by side as one: neurons and edges numbered on from one to the next."""
    if len(edges) == 1:
        return edges[0]
    left, right = edges[0].left, edges[0].right
    return Edges(
        left * len(edges), right * len(edges),
        np.concatenate([e.left_of + n * left for n, e in enumerate(edges)]),
        np.concatenate([e.right_of + n * right for n, e in enumerate(edges)]),
    )


class Execution(nn.Module):
    """Holds index tensors of a junction, as buffers that are not saved; no parameters."""

    def __init__(self, edges: Sequence[Edges]):
        super().__init__()
        self.left, self.right = edges[0].left, edges[0].right

    def hold(self, name: str, values: Any) -> None:
        self.register_buffer(name, torch.as_tensor(np.ascontiguousarray(values, np.int64)), persistent=False)

    def held(self) -> list[Tensor]:
        """What `hold` has been given, in that order: `buffers`, which takes long to look for more of them."""
        return [values for values in self._buffers.values() if values is not None]

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        raise NotImplementedError


def in_rows(x: Tensor) -> Tensor:
    """(seeds, batch, neurons) as contiguous (seeds * neurons, batch)."""
    return x.transpose(1, 2).reshape(-1, x.shape[1]).contiguous()


def bounds(counts: np.ndarray) -> np.ndarray:
    """Where each bag begins, and the end of the last one."""
    return np.concatenate([[0], np.cumsum(counts)])


def bags(rows: Tensor, of: Tensor, bounds: Tensor, weight: Tensor | None) -> Tensor:
    """Row n is the sum of ``rows[of]`` from ``bounds[n]`` to ``bounds[n + 1]``, each times its weight."""
    return nn.functional.embedding_bag(
        rows, of, bounds, mode="sum", per_sample_weights=weight, include_last_offset=True
    )
