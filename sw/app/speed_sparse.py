"""Speed of sparse training in software, beside the fully connected layer in the same run: part of `make bench`.

    python -m sw.app.speed_sparse

Forward plus backward of a junction, by each execution and by scipy's compressed rows, against torch.nn.Linear of the
same size; the density below which an execution is the faster one; an epoch of whole networks. Candidates take turns,
so that other loads on the machine meet all of them, and the best turn of each counts.
"""

import argparse
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import torch
from torch import Tensor, nn

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.report import write_report
from sw.pattern.degrees import nearest_out_degree
from sw.pattern.draw import draw
from sw.pattern.edges import Edges, fully_connected
from sw.sparse.executions import EXECUTIONS
from sw.sparse.linear import SparseLinear
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples, Settings
from sw.sparse.timing import junction, seconds
from sw.sparse.train import train

__all__ = ["CompressedRows", "break_even", "crossing", "epochs", "main", "one_junction"]

DENSITIES = (0.5, 0.25, 0.125)
_LADDER = (0.75, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625)
_CHUNK = 1 << 14  # edges whose products are in memory at once


class CompressedRows(nn.Module):
    """A junction by scipy's compressed sparse rows, forward and backward; one thread, as scipy has it."""

    def __init__(self, edges: Edges):
        super().__init__()
        self.edges = edges
        values = np.random.default_rng(1).standard_normal(edges.weights, np.float32)
        bounds = np.concatenate([[0], np.cumsum(edges.in_degrees)])
        self.matrix = scipy.sparse.csr_array((values, edges.left_of, bounds), (edges.right, edges.left))
        self.weight = nn.Parameter(torch.from_numpy(self.matrix.data))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = _Rows.apply(x, self.weight, self)
        return found


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, plan: CompressedRows) -> Tensor:
        ctx.plan, ctx.left = plan, np.ascontiguousarray(x.numpy().T)
        return torch.from_numpy(plan.matrix @ ctx.left).T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        plan, left, of_y = ctx.plan, ctx.left, np.ascontiguousarray(gradients[0].numpy().T)
        of_weight = np.empty(plan.edges.weights, np.float32)
        for first in range(0, len(of_weight), _CHUNK):
            part = slice(first, first + _CHUNK)
            np.einsum("eb,eb->e", of_y[plan.edges.right_of[part]], left[plan.edges.left_of[part]], out=of_weight[part])
        return torch.from_numpy(plan.matrix.T @ of_y).T, torch.from_numpy(of_weight), None


def one_junction(neurons: int, density: float, batch: int, rounds: int, slow: bool) -> dict[str, object]:
    """How many times as fast as torch.nn.Linear a square junction is; ``slow``: also by what takes seconds.

    By the best turns, and for blocks by the medians too. ``blocks_dense_after``: gradients come as from a dense layer.
    """
    edges = junction(neurons, density)
    row: dict[str, object] = {"neurons": neurons, "density": edges.density}

    def add(layers: dict[str, nn.Module], rounds: int, dense_after: Collection[int] = ()) -> np.ndarray:
        times = seconds([nn.Linear(neurons, neurons), *layers.values()], batch, neurons, rounds, dense_after)
        best = times.min(axis=0)
        row.setdefault("dense_ms", round(1e3 * best[0], 2))
        row.update({name: round(best[0] / one, 3) for name, one in zip(layers, best[1:], strict=True)})
        return times

    blocks = SparseLinear(edges, execution="blocks")
    masked = SparseLinear(edges, execution="masked")
    times = add({"blocks": blocks, "blocks_dense_after": blocks, "masked": masked}, rounds, dense_after=(2,))
    middle = np.median(times, axis=0)
    row["blocks_median"] = round(middle[0] / middle[1], 3)
    if slow:
        add({"gather": SparseLinear(edges, execution="gather"), "compressed_rows": CompressedRows(edges)}, 1)
    return _judged(row, "blocks", round(0.8 / edges.density, 2))


def break_even(neurons: int, batch: int, rounds: int, ladder: Sequence[float] = _LADDER) -> dict[str, float | None]:
    """Of each execution, the density at which it takes as long as torch.nn.Linear: between two that were measured.

    None where it is slower at all of them; the largest where it is never slower.
    """
    ratios: dict[str, list[float]] = {name: [] for name in EXECUTIONS}
    for density in ladder:
        edges = junction(neurons, density)
        layers = [SparseLinear(edges, execution=name) for name in EXECUTIONS]
        dense, *times = seconds([nn.Linear(neurons, neurons), *layers], batch, neurons, rounds).min(axis=0)
        for name, one in zip(EXECUTIONS, times, strict=True):
            ratios[name].append(dense / one)
    return {name: crossing(ladder, found) for name, found in ratios.items()}


def crossing(densities: Sequence[float], ratios: Sequence[float]) -> float | None:
    """Where falling ``densities`` first reach the ratio 1, between two by their logarithms; None if never."""
    if ratios[0] >= 1:
        return densities[0]
    for (dense, slow), (sparse, fast) in pairwise(zip(densities, ratios, strict=True)):
        if fast >= 1:
            share = np.log(slow) / (np.log(slow) - np.log(fast))
            return float(round(np.exp(np.log(dense) + share * (np.log(sparse) - np.log(dense))), 4))
    return None


def epochs(neurons: Sequence[int], density: float, samples: int, batch: int, rounds: int) -> dict[str, object]:
    """An epoch of stochastic gradient descent over samples in memory: a type-3 network against nn.Linear."""
    edges = []
    for number, (left, right) in enumerate(pairwise(neurons), 1):
        d_out = nearest_out_degree(left, right, density)
        if d_out == right or left * d_out // right > left // 2:  # as few classes as this have few densities
            edges.append(fully_connected(left, right))
        else:
            z = int(np.gcd(left * d_out // right, left))
            edges.append(draw(3, left, right, out_degree=d_out, z=z, junction=number))
    rng = np.random.default_rng(1)
    data = Samples(torch.from_numpy(rng.random((samples, neurons[0]), np.float32)),
                   torch.from_numpy(rng.integers(0, neurons[-1], samples)))
    settings = Settings(epochs=1, batch=batch, optimiser="sgd", rate=0.1)
    layers: list[nn.Module] = []
    for left, right in pairwise(neurons):
        layers += [nn.Linear(left, right), nn.ReLU()]
    dense, sparse = nn.Sequential(*layers[:-1]), SparseMLP(neurons, edges)
    best = [float("inf")] * 2
    for _ in range(rounds):
        for n, model in enumerate((dense, sparse)):
            best[n] = min(best[n], train(model, data, settings).seconds)
    whole = sum(left * right for left, right in pairwise(neurons))
    return _judged({
        "neurons": list(neurons), "density": round(sum(e.weights for e in edges) / whole, 4), "samples": samples,
        "executions": [layer.execution for layer in sparse.layers()], "dense_seconds": round(best[0], 3),
        "sparse_seconds": round(best[1], 3), "ratio": round(best[0] / best[1], 2),
    }, "ratio", 3.0)


def _judged(row: dict[str, Any], name: str, goal: float) -> dict[str, object]:
    return row | {"goal": goal, "met": bool(row[name] >= goal)}


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0."""
    parser = argparse.ArgumentParser(prog="python -m sw.app.speed_sparse", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--neurons", default="2048,4096", help="sizes of the square junctions (2048,4096)")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--samples", type=int, default=20_000, help="of an epoch (20000)")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each candidate (9)")
    parser.add_argument("--break-even", type=int, default=1024, help="neurons of the junction for it (1024)")
    parser.add_argument("--out", type=Path, default=Path("build/bench/sparse.json"))
    options = parser.parse_args(arguments)
    check_folder(options.out.parent)
    torch.set_num_threads(options.threads)
    begun = time.perf_counter()
    sizes = [int(size) for size in options.neurons.split(",")]
    print(f"forward and backward, batch {options.batch}, {options.threads} threads: times as fast as torch.nn.Linear")
    tell = _table(["neurons", "density", "dense_ms", "blocks", "goal", "met", "blocks_median", "blocks_dense_after",
                   "masked", "gather", "compressed_rows"])
    rows = []
    for size in sizes:
        for density in DENSITIES:
            rows.append(one_junction(size, density, options.batch, options.rounds, slow=size == min(sizes)))
            tell(rows[-1])
    even = break_even(options.break_even, options.batch, options.rounds)
    print(f"as fast as torch.nn.Linear of {options.break_even} neurons at a density of: "
          + ", ".join(f"{name} {'none' if d is None else f'{d:.1%}'}" for name, d in even.items()))
    print("one epoch of stochastic gradient descent, data in memory")
    tell = _table(["neurons", "density", "dense_seconds", "sparse_seconds", "ratio", "goal", "met"])
    networks = []
    for neurons in ((784, 2048, 10), (64, 2048, 64)):
        networks.append(epochs(neurons, 0.125, options.samples, options.batch, max(2, options.rounds // 3)))
        tell(networks[-1] | {"neurons": "-".join(map(str, neurons))})
    write_report(options.out, {
        "torch": torch.__version__, "threads": options.threads, "batch": options.batch, "junctions": rows,
        "break_even_neurons": options.break_even, "break_even": even, "epochs": networks,
        "seconds": round(time.perf_counter() - begun, 1),
    }, {})
    print(f"{options.out}, {time.perf_counter() - begun:.0f} s")
    return 0


def _table(columns: Sequence[str]) -> Callable[[dict[str, object]], None]:
    def line(values: Iterable[object]) -> str:
        return "".join(f"{value!s:>{max(len(name), 10) + 2}}" for name, value in zip(columns, values, strict=True))

    print(line(name.replace("_", " ") for name in columns))
    words = {True: "yes", False: "no", None: ""}
    return lambda row: print(line(words.get(v, v) if v is None or isinstance(v, bool) else v
                                  for v in map(row.get, columns)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
