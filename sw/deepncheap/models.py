"""Trained networks as files: to be loaded again by this package, or exported to be run by torch alone."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sw.common.atomic import write_atomic
from sw.deepncheap.architectures import Architecture, from_dict, number_of_parameters, to_dict
from sw.deepncheap.errors import SearchError
from sw.deepncheap.networks import build
from sw.deepncheap.scaling import Scaling
from sw.deepncheap.task import Task

__all__ = ["Model", "export", "load", "save"]

_SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network and what is needed to use it on samples as they are in the data.

    ``remarks``: whatever a file should tell besides, of types that JSON has.
    """

    architecture: Architecture
    sample_shape: tuple[int, ...]
    outputs: int
    kind: str
    weights: dict[str, Tensor] = field(repr=False)
    inputs_by: Scaling = field(repr=False)
    targets_by: Scaling | None = field(default=None, repr=False)
    class_names: tuple[str, ...] = ()
    remarks: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, architecture: Architecture, weights: dict[str, Tensor], task: Task, **remarks: Any) -> "Model":
        """From what a trial trained on a task."""
        return cls(architecture, task.sample_shape, task.outputs, task.kind, weights, task.inputs_by, task.targets_by,
                   task.class_names, remarks)

    @property
    def parameters(self) -> int:
        """Their number."""
        return number_of_parameters(self.architecture, self.sample_shape, self.outputs)

    def network(self) -> nn.Module:
        """The network alone, for samples that are scaled, as those of a task are; it evaluates."""
        network = build(self.architecture, self.sample_shape, self.outputs, seed=0)
        network.load_state_dict(self.weights)
        return network.eval()

    def module(self) -> nn.Module:
        """Takes samples (n, *sample_shape), float32 of the values in the data; it evaluates.

        Gives (n, classes) before the softmax, or (n, targets) on the scale of the data.
        """
        return _Whole(self).eval()


class _Whole(nn.Module):
    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network = model.network()
        self.inputs_by = _ByBuffers(model.inputs_by)
        self.targets_by = None if model.targets_by is None else _ByBuffers(model.targets_by)

    def forward(self, x: Tensor) -> Tensor:
        y = self.network((x - self.inputs_by.shift) * self.inputs_by.factor)
        return y if self.targets_by is None else y / self.targets_by.factor + self.targets_by.shift


class _ByBuffers(nn.Module):
    shift: Tensor
    factor: Tensor

    def __init__(self, scaling: Scaling) -> None:
        super().__init__()
        self.register_buffer("shift", scaling.shift)
        self.register_buffer("factor", scaling.factor)


def save(model: Model, path: str | Path) -> None:
    """Write a file that `load` reads. FileError if it cannot be written."""
    _write(path, lambda file: torch.save({
        "schema": _SCHEMA, "architecture": to_dict(model.architecture), "sample_shape": list(model.sample_shape),
        "outputs": model.outputs, "kind": model.kind, "weights": model.weights,
        "inputs_by": _tensors(model.inputs_by), "targets_by": model.targets_by and _tensors(model.targets_by),
        "class_names": list(model.class_names), "remarks": model.remarks,
    }, file))


def load(path: str | Path) -> Model:
    """The model in a file. Nothing in it is run. SearchError if it is none."""
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
    except FileNotFoundError:
        raise SearchError(f"{path}: there is no such file") from None
    except Exception as error:  # torch raises whatever a damaged file makes it stumble over
        raise SearchError(f"{path}: not a model, or damaged: {str(error).splitlines()[0]}") from None
    if not isinstance(content, dict) or content.get("schema") != _SCHEMA:
        raise SearchError(f"{path}: not a model of schema {_SCHEMA}")
    targets_by = content["targets_by"]
    return Model(
        from_dict(content["architecture"]), tuple(content["sample_shape"]), content["outputs"], content["kind"],
        content["weights"], Scaling(*content["inputs_by"]), targets_by and Scaling(*targets_by),
        tuple(content["class_names"]), content["remarks"],
    )


def export(model: Model, path: str | Path) -> None:
    """Write `Model.module` as a program of torch.export, for any number of samples at once.

    ``torch.export.load(path).module()`` runs it without this package; the customary ending is ``.pt2``. FileError if it
    cannot be written.
    """
    example = torch.zeros(2, *model.sample_shape)
    program = torch.export.export(model.module(), (example,), dynamic_shapes=({0: torch.export.Dim("samples")},))
    _write(path, lambda file: torch.export.save(program, file))


def _tensors(scaling: Scaling) -> tuple[Tensor, Tensor]:
    return scaling.shift, scaling.factor


def _write(path: str | Path, into: Callable[[io.BytesIO], None]) -> None:
    file = io.BytesIO()
    into(file)
    write_atomic(path, file.getvalue())
