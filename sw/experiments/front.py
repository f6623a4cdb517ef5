"""A small convolutional front end; its classifier is the sparse network, the convolution stays as it is."""

from math import isqrt

import numpy as np
import torch
from torch import Tensor, nn

from sw.sparse.errors import SparseError
from sw.sparse.mlp import SparseMLP

__all__ = ["FrontedMLP", "front_features", "image_side"]

KERNEL, POOL = 5, 2


def image_side(features: int) -> int:
    """Pixels along a side of a square image, row by row in the features. SparseError if they are none."""
    side = isqrt(features)
    if side * side != features or side < POOL:
        raise SparseError(f"a convolution needs square images, such as 8 * 8 or 28 * 28 features; got {features}")
    return side


def front_features(features: int, filters: int) -> int:
    """How many features the front end makes of an image."""
    return filters * (image_side(features) // POOL) ** 2


class FrontedMLP(nn.Module):
    """One convolution of 5 x 5 (borders padded by zeros), ReLU, 2 x 2 pooling by the largest, then ``classifier``.

    Takes features (batch, side * side), of which the images are ``side`` wide. The convolution starts as He et al.
    have it, its biases at 0, both by the classifier's one seed; L2 is not for it.
    """

    def __init__(self, side: int, filters: int, classifier: SparseMLP):
        super().__init__()
        if filters < 1:
            raise SparseError(f"the front end must have at least 1 filter, got {filters}")
        self.side, self.classifier = side, classifier
        self.seeds, self.classes = classifier.seeds, classifier.classes
        # pixels with their channels side by side: measured to be four times as fast, forward and backward
        self.convolution = nn.Conv2d(1, filters, KERNEL, padding=KERNEL // 2)
        self.convolution.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        rng = np.random.Generator(np.random.PCG64([self.seeds[0], 4]))
        start = rng.standard_normal(tuple(self.convolution.weight.shape)) * np.sqrt(2 / KERNEL**2)
        with torch.no_grad():
            self.convolution.weight.copy_(torch.from_numpy(start))
            assert self.convolution.bias is not None
            self.convolution.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        images = x.view(-1, 1, self.side, self.side).contiguous(memory_format=torch.channels_last)
        maps = nn.functional.max_pool2d(self.convolution(images), POOL)
        return self.classifier(torch.relu(maps).flatten(1))  # what is largest stays so by the ReLU: fewer to compute

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return self.classifier.loss(outputs, labels)

    def predictions(self, outputs: Tensor) -> Tensor:
        return self.classifier.predictions(outputs)
