"""How features and targets are scaled for training, and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sw.data.affine import gaussian

__all__ = ["SCALINGS", "Scaling", "fit"]

SCALINGS = ("auto", "unit", "none")


@dataclass(frozen=True, eq=False)
class Scaling:
    """x -> (x - shift) * factor, in float32; both broadcast over a sample."""

    shift: Tensor
    factor: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return x.to(torch.float32, copy=True).sub_(self.shift).mul_(self.factor)

    def inverse(self, x: Tensor) -> Tensor:
        return x / self.factor + self.shift


def fit(x: np.ndarray, shape: Sequence[int], wish: str) -> Scaling:
    """The scaling of training samples ``x`` (samples, features), that are to have ``shape``.

    "auto": each feature, of images each channel, gets mean 0 and variance 1. Flat bytes, and numbers that all lie in
    0..1, share one scale, so each gets mean 0 and all together a mean variance of 1: a pixel that is hardly ever lit
    would else outweigh the others. "unit": bytes v / 255, all else as it is. "none": all as it is, bytes too.
    """
    if wish != "auto":
        return Scaling(torch.zeros(()), torch.tensor(1 / 255 if wish == "unit" and x.dtype == np.uint8 else 1.0))
    parts = [x] if len(shape) == 1 else [channel.reshape(-1, 1) for channel in np.split(x, shape[0], axis=1)]
    found = [gaussian(part) for part in parts]
    shift, factor = (np.concatenate([getattr(one, name) for one in found]) for name in ("shift", "factor"))
    if x.dtype == np.uint8:  # there they are those of v / 256
        shift, factor = 256 * shift, factor / 256
    if len(shape) == 1 and (x.dtype == np.uint8 or (x.min() >= 0 and x.max() <= 1)):
        varies = x.min(axis=0) < x.max(axis=0)
        factor = np.full_like(factor, 1 / np.sqrt(np.where(varies, factor**-2, 0).mean()) if varies.any() else 1)
    sizes = (-1, *(1 for _ in shape[1:]))
    return Scaling(*(torch.from_numpy(values.astype(np.float32)).reshape(sizes) for values in (shift, factor)))
