"""What does it gain that the whole data lie on the device, instead of coming from a data loader?"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from math import log2, nan
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from sw.deepncheap.networks import build
from sw.deepncheap.rules import default_cnn, default_mlp
from sw.deepncheap.task import Task
from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, by_case, judged, mean_of
from sw.experiments.search.setting import Setting
from sw.experiments.statistics import Estimate, estimate

__all__ = ["LOADER"]

RESIDENT = "resident arrays"
_BATCH = 256
_EPOCHS = 6  # the first one does not count
_BUSY = 0.5  # programs that run for each processor, before this one
_MARGIN = 0.15  # doublings of the time: a tenth

Batches = Callable[[], Iterable[tuple[Tensor, Tensor]]]


def _rows(setting: Setting) -> list[dict[str, Any]]:
    task, scale = setting.task(), setting.scale
    middle = (sum(scale.nodes) // 2,)
    architecture = default_mlp(middle) if setting.network == "mlp" else default_cnn((scale.first[1],) * 4)
    torch.manual_seed(setting.seed)
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    rows = []
    for case, batches in {RESIDENT: _resident(task), **{_name(n): _loaded(task, n) for n in scale.workers}}.items():
        network = build(architecture, task.sample_shape, task.outputs, setting.seed).to(task.device)
        rows.append({"case": case, "epoch_seconds": _seconds(network, batches, task), "load": load})
        setting.tell(f"    {task.name}, seed {setting.seed}, {case}: {rows[-1]['epoch_seconds']:.3g} s")
    return rows


def _name(workers: int) -> str:
    return f"loader with {workers} processes" if workers else "loader in this process"


def _resident(task: Task) -> Batches:
    def batches() -> Iterable[tuple[Tensor, Tensor]]:
        for rows in torch.randperm(len(task.train)).to(task.device).split(_BATCH):
            yield task.train.x.index_select(0, rows), task.train.y.index_select(0, rows)
    return batches


def _loaded(task: Task, workers: int) -> Batches:
    """As torch's tutorials do it: the data in main memory, pinned where a GPU trains."""
    samples = TensorDataset(task.train.x.cpu(), task.train.y.cpu())
    cuda = task.device.type == "cuda"
    loader = DataLoader(samples, _BATCH, shuffle=True, num_workers=workers, pin_memory=cuda,
                        persistent_workers=workers > 0)

    def batches() -> Iterable[tuple[Tensor, Tensor]]:
        for x, y in loader:
            yield x.to(task.device, non_blocking=True), y.to(task.device, non_blocking=True)
    return batches


def _seconds(network: torch.nn.Module, batches: Batches, task: Task) -> float:
    """Of an epoch of training, on the wall clock since other processes load: the least of a few."""
    optimiser = torch.optim.Adam(network.parameters(), fused=True)
    network.train()
    found = []
    for _ in range(_EPOCHS):
        begun = time.perf_counter()
        total = torch.zeros((), device=task.device)
        for x, y in batches():
            optimiser.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(network(x), y)
            loss.backward()
            optimiser.step()
            total += loss.detach()
        total.item()  # waits for the device
        found.append(time.perf_counter() - begun)
    return min(found[1:])


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    values = by_case(rows, "epoch_seconds")
    lines: list[str | Finding] = [
        f"{case}: {1000 * mean_of(rows, 'epoch_seconds', case).mean:.3g} ms an epoch" for case in values]
    if rows[0]["load"] > _BUSY:
        busy = f"other programs ran ({rows[0]['load']:.1f} a processor), and wall clocks tell little then"
        lines.append(f"not decided: {busy}; repeat it on a machine that does nothing else")
    for case, seconds in values.items():
        if case != RESIDENT:
            more = estimate([log2(a / b) for a, b in zip(seconds, values[RESIDENT], strict=True)])
            if rows[0]["load"] > _BUSY:
                more = Estimate(more.mean, nan)  # it has no interval that means anything
            lines.append(judged(f"a {case} is slower", more, _MARGIN, ("higher",), "doublings of the time"))
    return lines


LOADER = Experiment(
    name="loader", about="an epoch with resident arrays and with torch's data loader",
    claim="arrays from an npz are faster, data loaders are more versatile (no figures)",
    rows=_rows, findings=_findings,
    pictures=(Picture("time", "Resident arrays or a data loader", "case", "epoch_seconds",
                      y_label="s of an epoch, the least of five"),),
)
