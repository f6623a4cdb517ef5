"""Random changes of training images: moved and mirrored, as is customary for CIFAR."""

import torch
from torch import Tensor

__all__ = ["MARGIN", "augmented"]

MARGIN = 4
"""Pixels by which an image is moved at most, in each direction."""


def augmented(images: Tensor, empty: Tensor) -> Tensor:
    """Images (n, channels, rows, columns), each moved by up to `MARGIN` pixels and mirrored left to right or not.

    ``empty`` fills what comes in from outside; it broadcasts over an image. Drawn from torch's generator of the device.
    """
    count, channels, rows, columns = images.shape
    device = images.device
    padded = empty.expand(count, channels, rows + 2 * MARGIN, columns + 2 * MARGIN).clone()
    padded[..., MARGIN:-MARGIN, MARGIN:-MARGIN] = images
    move = torch.randint(0, 2 * MARGIN + 1, (2, count, 1), device=device)
    mirrored = torch.rand(count, 1, device=device) < 0.5
    across = torch.arange(columns, device=device)
    row = move[0] + torch.arange(rows, device=device)
    column = move[1] + torch.where(mirrored, across.flip(0), across)
    sample = torch.arange(count, device=device)
    return padded[sample[:, None, None, None], torch.arange(channels, device=device)[:, None, None],
                  row[:, None, :, None], column[:, None, None, :]]
