"""Forward plus backward of the executions against torch.nn.Linear of the same size, in the same run.

    python -m sw.sparse.timing --neurons 2048 --densities 0.5,0.25,0.125 --batch 256 --threads 2

The rounds of all candidates are interleaved, so that other loads on the machine meet all of them; the best one counts.
OMP_PROC_BIND=true in the environment keeps threads apart: without it, on a busy machine, two may share a core.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Collection, Sequence

import numpy as np
import torch
from torch import nn

from sw.common.command import command
from sw.pattern.clash_free import make_pattern
from sw.pattern.edges import Edges, edges_of
from sw.sparse.executions import EXECUTIONS
from sw.sparse.linear import SparseLinear

__all__ = ["junction", "seconds"]


def junction(neurons: int, density: float, kind: int = 3, sweeps_per_start: int = 1) -> Edges:
    """A square junction, its density rounded to a possible one; z = d_in."""
    d_out = max(1, round(density * neurons))
    pattern = make_pattern(
        kind=kind, left=neurons, right=neurons, out_degree=d_out, z=np.gcd(d_out, neurons), seed=1, junction=1,
        sweeps_per_start=sweeps_per_start,
    )
    return edges_of(pattern)


def seconds(
    layers: Sequence[nn.Module], batch: int, inputs: int, rounds: int = 7, dense_after: Collection[int] = ()
) -> np.ndarray:
    """(rounds, layers): forward plus backward, gradients of input, weights and biases.

    The gradient of an output is laid out as the output is; of the layers whose place is in ``dense_after`` as a dense
    layer after them would give it, (batch, neurons).
    """
    x = torch.randn(batch, inputs, requires_grad=True)
    steps = []
    for n, layer in enumerate(layers):
        gradient = torch.randn_like(layer(x))
        steps.append(_step(layer, x, gradient.contiguous() if n in dense_after else gradient))
    times = np.full((rounds + 1, len(layers)), np.inf)
    for round_ in times:
        for n, step in enumerate(steps):
            begun = time.perf_counter()
            step()
            round_[n] = time.perf_counter() - begun
    return times[1:]


def _step(layer: nn.Module, x: torch.Tensor, gradient: torch.Tensor) -> Callable[[], None]:
    def step() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x).backward(gradient)

    return step


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(prog="python -m sw.sparse.timing", description=__doc__.split("\n\n")[0])
    parser.add_argument("--neurons", type=int, default=2048)
    parser.add_argument("--densities", default="0.5,0.25,0.125")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--executions", default="masked,gather,blocks")
    parser.add_argument("--kind", type=int, default=3)
    parser.add_argument("--sweeps-per-start", type=int, default=1)
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    for density in map(float, args.densities.split(",")):
        edges = junction(args.neurons, density, args.kind, args.sweeps_per_start)
        names = [name for name in EXECUTIONS if name in args.executions.split(",")]
        layers = [nn.Linear(args.neurons, args.neurons), *(SparseLinear(edges, execution=name) for name in names)]
        dense, *times = seconds(layers, args.batch, args.neurons, args.rounds).min(axis=0).tolist()
        row: dict[str, object] = {"neurons": args.neurons, "density": edges.density, "dense_ms": 1e3 * dense}
        row |= {name: dense / one for name, one in zip(names, times, strict=True)}
        print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
