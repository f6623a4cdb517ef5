"""Checkpoints of a training run: written whole, and taken up only by the same design, data and settings."""

import hashlib
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sw.common.atomic import write_atomic
from sw.sparse.errors import SparseError
from sw.sparse.linear import SparseLinear

__all__ = ["fingerprint", "load", "save"]

_SCHEMA = 2  # 2: states hold the edges
_DAMAGED = (OSError, EOFError, ValueError, KeyError, RuntimeError, pickle.UnpicklingError, zipfile.BadZipFile)


def fingerprint(model: nn.Module) -> str:
    """Over the edges and seeds of all sparse layers and the names and shapes of all parameters: 16 hex digits.

    The execution is not part of it; with another one, a run goes on, but not to the same bits.
    """
    digest = hashlib.sha256()
    for name, value in model.state_dict().items():
        digest.update(f"{name} {tuple(value.shape)} {value.dtype}\n".encode())
    for name in ("activation", "output", "classes"):
        digest.update(f"{name} {getattr(model, name, None)}\n".encode())
    for layer in model.modules():
        if isinstance(layer, SparseLinear):
            digest.update(f"{layer.seeds}\n".encode())
            for edges in layer.edges:
                digest.update(edges.left_of.astype("<i8").tobytes() + edges.right_of.astype("<i8").tobytes())
    return digest.hexdigest()[:16]


def save(path: str | Path, content: dict[str, Any]) -> None:
    """``content`` has the key ``made_for`` (names to texts), which `load` compares, and what it likes besides."""
    file = io.BytesIO()
    torch.save({"schema": _SCHEMA, **content}, file)
    write_atomic(path, file.getvalue())


def load(path: str | Path, made_for: dict[str, str]) -> dict[str, Any]:
    """What `save` was given. SparseError, one line: not a checkpoint, or made for something else."""
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
    except _DAMAGED as error:
        raise SparseError(f"{path}: not a checkpoint that can be read ({type(error).__name__})") from None
    if not isinstance(content, dict) or content.get("schema") != _SCHEMA:
        raise SparseError(f"{path}: not a checkpoint of schema {_SCHEMA}")
    found = content["made_for"]
    for name, due in made_for.items():
        if found.get(name) != due:
            raise SparseError(
                f"{path}: the checkpoint of another {name}: it was made for {found.get(name)}, this run has {due}; "
                f"use the same {name} or another file"
            )
    return content
