"""A drop-in for torch.nn.Linear whose weights are the edges of a pattern."""

import zlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sw.pattern.clash_free import Pattern
from sw.pattern.draw import draw
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

    ``SparseLinear(edges)`` has edges that are there already; ``SparseLinear(in_features, out_features, density=0.1)``
    draws them, with the nearest density that the junction can have: ``density`` is what it has.

    ``weight`` (weights,) in the order of the edges (the hardware's slots) and ``bias`` (N_right,) are the only
    parameters and the same for every execution, so that no weight can live outside the pattern.

    With several seeds, ``weight`` is (seeds, weights), ``bias`` (seeds, N_right), x (seeds, batch, N_left): that many
    separate layers, computed at once. Each may have edges of its own, all with the same number of weights.

    The edges are part of the saved state, as the buffer ``edge_list``: int32 (2, weights) or (seeds, 2, weights), left
    neurons before right ones. A state with other edges is refused, before any weight of this layer is taken from it.

    Parameters
    ----------
    edges : of one junction, or one for each seed.
    density, pattern, z : of edges that are drawn; ``pattern`` is a kind of `sw.pattern.draw.draw`, "structured",
        "random", or 1, 2 or 3 with ``z``. A seed draws edges and initial weights.
    execution : "masked", "gather", "blocks", or None for the one that was found fastest for such a junction.
    seed : of the initial weights, which do not depend on device, type or execution; a sequence makes several layers.
    init, bias_start, junction : see `initial_weights`; biases all start at ``bias_start``.

    Raises
    ------
    SparseError : sizes that differ, a name that is unknown, an input of another shape, a state of other edges.
    PatternError : no such pattern.
    """

    edge_list: Tensor

    def __init__(
        self, in_features: int | Edges | Pattern | Sequence[Edges], out_features: int | None = None, bias: bool = True,
        *, density: float | Fraction | None = None, pattern: str | int = "structured", z: int | None = None,
        execution: str | None = None, seed: int | Sequence[int] = 0, init: str = "he", bias_start: float = 0.0,
        junction: int = 1, device: torch.device | str | None = None, dtype: torch.dtype | None = None,
    ):
        super().__init__()
        self.stacked = not isinstance(seed, int)
        self.seeds = (seed,) if isinstance(seed, int) else tuple(seed)
        if isinstance(in_features, int):
            if out_features is None or density is None:
                raise SparseError(
                    f"a layer of {in_features} inputs needs out_features and a density, "
                    f"got {out_features} and {density}"
                )
            self.edges = _one_per_seed(
                [draw(pattern, in_features, out_features, density=density, nearest=True, z=z, seed=s, junction=junction)
                 for s in self.seeds], len(self.seeds),
            )
        elif (out_features, density, z) != (None, None, None):
            raise SparseError("out_features, density and z belong to edges that are drawn, and these are given")
        else:
            self.edges = _one_per_seed(in_features, len(self.seeds))
        self.init, self.bias_start, self.junction = init, bias_start, junction
        self.in_features, self.out_features = self.edges[0].left, self.edges[0].right
        shape = (len(self.seeds),) if self.stacked else ()
        self.weight = nn.Parameter(torch.empty((*shape, self.edges[0].weights), device=device, dtype=dtype))
        self.bias: nn.Parameter | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty((*shape, self.out_features), device=device, dtype=dtype))
        lists = np.stack([np.stack([e.left_of, e.right_of]) for e in self.edges]).astype(np.int32)
        self.register_buffer("edge_list", torch.tensor(lists if self.stacked else lists[0], device=device))
        self.register_load_state_dict_pre_hook(_refuse_other_edges)
        self.reset_parameters()
        self.execution = execution or choose(self.edges)

    @classmethod
    def from_linear(
        cls, linear: nn.Linear, mask: Tensor | None = None, execution: str | None = None
    ) -> "SparseLinear":
        """The same layer with the edges of ``mask``, (N_right, N_left), where it is not zero; weights and biases kept.

        Without a mask, that of `torch.nn.utils.prune` if there is one, else the weights that are not zero.
        """
        pruned = getattr(linear, "weight_mask", None)
        # a pruned layer's weights are those of its last forward pass; the parameter is what training has changed
        weight = (linear.weight if pruned is None else linear.get_parameter("weight_orig")).detach()
        chosen = next(m for m in (mask, pruned, weight) if m is not None)
        if chosen.shape != weight.shape:
            raise SparseError(f"the mask must be {tuple(weight.shape)}, got {tuple(chosen.shape)}")
        layer = cls(
            Edges.from_mask((chosen.detach() != 0).cpu().numpy()), bias=linear.bias is not None, execution=execution,
            device=weight.device, dtype=weight.dtype,
        )
        layer.load_dense(weight, linear.bias)
        return layer.train(linear.training)

    def to_linear(self) -> nn.Linear:
        """The same layer as a dense one, whose weights are zero where there is no edge; of one seed."""
        if self.stacked:
            raise SparseError(f"a dense layer is of one seed, got a layer of {len(self.seeds)}")
        weight = self.dense()
        linear = nn.utils.skip_init(
            nn.Linear, self.in_features, self.out_features, bias=self.bias is not None, device=weight.device,
            dtype=weight.dtype,
        )
        with torch.no_grad():
            linear.weight.copy_(weight)
            if self.bias is not None:
                linear.bias.copy_(self.bias)
        return linear.train(self.training)

    @property
    def density(self) -> float:
        """Weights per weight of a dense layer."""
        return self.edges[0].density

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
        weight, bias = self.weight, self.bias
        if x.shape[-1:] != (self.in_features,) or (self.stacked and (x.dim() != 3 or len(x) != len(self.seeds))):
            wanted = f"({len(self.seeds)}, batch, {self.in_features})" if self.stacked else f"(..., {self.in_features})"
            raise SparseError(f"the input of this layer must be {wanted}, got {tuple(x.shape)}")
        if self.stacked:
            return self._computed(x, weight, bias)
        y = self._computed(x.reshape(1, -1, self.in_features), weight, bias)
        # not y[0], whose gradient is copied into zeros
        return y.squeeze(0) if x.dim() == 2 else y.reshape(*x.shape[:-1], self.out_features)

    def _computed(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """By the execution, (seeds, batch, N_left) to (seeds, batch, N_right); in autocast's type where it is on."""
        kind = x.device.type
        if torch.is_autocast_enabled(kind) and x.dtype != torch.float64:
            to = torch.get_autocast_dtype(kind)
            x, weight, bias = x.to(to), weight.to(to), None if bias is None else bias.to(to)
        if x.shape[1] == 0:  # a sample of zeros is computed instead and left out again
            return self.run(nn.functional.pad(x, (0, 0, 0, 1)), weight, bias)[:, :0]
        return self.run(x, weight, bias)

    def dense(self) -> Tensor:
        """The matrix, (N_right, N_left) or (seeds, N_right, N_left), zero where there is no edge; detached."""
        matrix = Masked(self.edges).to(self.weight.device).matrix(self.weight.detach())
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
            f"weights={self.edges[0].weights}, density={self.density:.4g}, execution={self.execution}"
        )


def _refuse_other_edges(layer: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    """Called by torch before a state is loaded into a layer; one without edges is torch's own matter."""
    assert isinstance(layer, SparseLinear)
    found, due = state.get(prefix + "edge_list"), layer.edge_list
    if found is not None and not torch.equal(found.to(due.device, due.dtype), due):
        raise SparseError(
            f"{prefix}edge_list: the state is of the pattern {_name(found)}, the layer has {_name(due)}; "
            f"make the layer with the edges of the state"
        )


def _name(edge_list: Tensor) -> str:
    """Of a pattern, so that two can be told apart: how many edges, and a checksum of them."""
    return f"{zlib.crc32(edge_list.to('cpu', torch.int32).numpy().tobytes()):08x} ({edge_list.shape[-1]} edges)"


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
