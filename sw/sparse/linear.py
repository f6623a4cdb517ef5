"""A drop-in for torch.nn.Linear whose weights are the edges of a pattern."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from sw.pattern.clash_free import Pattern
from sw.pattern.edges import Edges, edges_of
from sw.sparse.choose import choose
from sw.sparse.errors import SparseError
from sw.sparse.execution import Execution, united
from sw.sparse.executions import Masked, execution_named

__all__ = ["INITS", "SparseLinear", "initial_weights"]

#: variance of a weight by the degrees of its neurons: He et al. 2015 for ReLU, Glorot and Bengio 2010 for sigmoid
INITS = {"he": lambda d_in, d_out: 2 / d_in, "glorot": lambda d_in, d_out: 2 / (d_in + d_out)}


def initial_weights(edges: Edges, init: str, seed: int, junction: int = 1) -> np.ndarray:
    """(weights,) float64: normal, its variance by the true degrees, never those of a fully connected junction."""
    if init not in INITS:
        raise SparseError(f'init must be one of {", ".join(INITS)}, got "{init}"')
    if seed < 0:
        raise SparseError(f"seed must be at least 0, got {seed}")
    variance = INITS[init](edges.in_degrees[edges.right_of], edges.out_degrees[edges.left_of])
    rng = np.random.Generator(np.random.PCG64([seed, 2, junction]))
    return rng.standard_normal(edges.weights) * np.sqrt(variance)


class SparseLinear(nn.Module):
    """y = W x + b where W has only the edges of a pattern: (..., N_left) to (..., N_right).

    ``weight`` (weights,) in the order of the edges (the hardware's slots) and ``bias`` (N_right,) are the only
    parameters and the same for every execution, so that no weight can live outside the pattern.

    With several seeds, ``weight`` is (seeds, weights), ``bias`` (seeds, N_right), x (seeds, batch, N_left): that many
    separate layers, computed at once. Each may have edges of its own, all with the same number of weights.

    Parameters
    ----------
    edges : of one junction, or one for each seed.
    execution : "masked", "gather", "blocks", or None for the one that was found fastest for such a junction.
    seed : of the initial weights, which do not depend on device, type or execution; a sequence makes several layers.
    init, bias_start, junction : see `initial_weights`; biases all start at ``bias_start``.

    Raises
    ------
    SparseError : sizes that differ, a name that is unknown, or an input of another shape.
    """

    def __init__(
        self, edges: Edges | Pattern | Sequence[Edges], bias: bool = True, execution: str | None = None, *,
        seed: int | Sequence[int] = 0, init: str = "he", bias_start: float = 0.0, junction: int = 1,
        device: torch.device | str | None = None, dtype: torch.dtype | None = None,
    ):
        super().__init__()
        self.stacked = not isinstance(seed, int)
        self.seeds = (seed,) if isinstance(seed, int) else tuple(seed)
        self.edges = _one_per_seed(edges, len(self.seeds))
        self.init, self.bias_start, self.junction = init, bias_start, junction
        self.in_features, self.out_features = self.edges[0].left, self.edges[0].right
        shape = (len(self.seeds),) if self.stacked else ()
        self.weight = nn.Parameter(torch.empty((*shape, self.edges[0].weights), device=device, dtype=dtype))
        self.bias: nn.Parameter | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty((*shape, self.out_features), device=device, dtype=dtype))
        self.reset_parameters()
        self.execution = execution or choose(self.edges)

    @property
    def execution(self) -> str:
        """The execution in use; may be set at any time."""
        return self._execution

    @execution.setter
    def execution(self, name: str) -> None:
        self._execution = name
        self.run: Execution = execution_named(name)(self.edges).to(self.weight.device)

    def reset_parameters(self) -> None:
        """The initial weights and biases of the seeds."""
        start = np.stack(
            [initial_weights(e, self.init, s, self.junction) for e, s in zip(self.edges, self.seeds, strict=True)]
        )
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(start).view(self.weight.shape))
            if self.bias is not None:
                self.bias.fill_(self.bias_start)

    def forward(self, x: Tensor) -> Tensor:
        wanted = f"({len(self.seeds)}, batch, {self.in_features})" if self.stacked else f"(..., {self.in_features})"
        if x.shape[-1:] != (self.in_features,) or (self.stacked and (x.dim() != 3 or len(x) != len(self.seeds))):
            raise SparseError(f"the input of this layer must be {wanted}, got {tuple(x.shape)}")
        if self.stacked:
            return self.run(x, self.weight, self.bias)
        y = self.run(
            x.reshape(1, -1, self.in_features), self.weight[None], None if self.bias is None else self.bias[None]
        )
        # not y[0], whose gradient is copied into zeros
        return y.squeeze(0) if x.dim() == 2 else y.reshape(*x.shape[:-1], self.out_features)

    def dense(self) -> Tensor:
        """The matrix, (N_right, N_left) or (seeds, N_right, N_left), zero where there is no edge; detached."""
        matrix = Masked(self.edges).to(self.weight.device).matrix(self.weight.detach().view(len(self.seeds), -1))
        return matrix if self.stacked else matrix[0]

    def load_dense(self, matrix: Tensor, bias: Tensor | None = None) -> None:
        """Take the weights of the edges over from such a matrix, exactly; the rest of it is not looked at."""
        everything = united(self.edges)
        due = (*self.weight.shape[:-1], self.out_features, self.in_features)
        if tuple(matrix.shape) != due:
            raise SparseError(f"the matrix must be {due}, got {tuple(matrix.shape)}")
        places = torch.as_tensor(everything.right_of * self.in_features + everything.left_of % self.in_features)
        with torch.no_grad():
            self.weight.copy_(matrix.reshape(-1)[places.to(matrix.device)].view(self.weight.shape))
            if bias is not None and self.bias is not None:
                self.bias.copy_(bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}, "
            f"weights={self.edges[0].weights}, density={self.edges[0].density:.1%}, execution={self.execution}"
        )


def _one_per_seed(edges: Edges | Pattern | Sequence[Edges], seeds: int) -> tuple[Edges, ...]:
    if isinstance(edges, Pattern):
        edges = edges_of(edges)
    found = (edges,) * seeds if isinstance(edges, Edges) else tuple(edges)
    if seeds < 1 or len(found) != seeds:
        raise SparseError(f"a layer needs edges for each of its seeds, one at least; got {len(found)} for {seeds}")
    shapes = {(e.left, e.right, e.weights) for e in found}
    if len(shapes) > 1:
        raise SparseError(f"edges of all seeds must have equal (left, right, weights), got {sorted(shapes)}")
    if found[0].weights == 0:
        raise SparseError("a layer must have at least one edge, got none")
    return found
