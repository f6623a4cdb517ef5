"""Dropout whose random numbers do not cost more than the layer that it follows."""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Dropout"]

_BITS = 15


class Dropout(nn.Dropout):
    """As torch's, with the probability rounded to a multiple of 2^-15 on a CPU.

    There torch draws each number by itself, in eight times as long as four of 15 bits take from one of 63.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or x.device.type != "cpu":
            return functional.dropout(x, self.p, self.training)
        drawn = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_().view(torch.int16)
        kept = drawn[: x.numel()].bitwise_and_((1 << _BITS) - 1) >= round(self.p * (1 << _BITS))
        # laid out as x is, or the product would have to reorder them
        strides = torch.empty_like(x, device="meta").stride()
        return x * (kept.to(x.dtype) / (1 - self.p)).as_strided(x.shape, strides)
