"""Small data for the tests of training."""

import torch

from sw.deepncheap.scaling import Scaling
from sw.deepncheap.task import Samples, Task

__all__ = ["classes", "numbers"]

_AS_IT_IS = Scaling(torch.zeros(()), torch.ones(()))


def classes(train: int = 256, validation: int = 100, shape: tuple[int, ...] = (8,), *, overlap: float = 0.7,
            augment: bool = False) -> Task:
    """Three classes about centres of their own, which overlap."""
    random = torch.Generator().manual_seed(5)
    centres = torch.randn(3, *shape, generator=random)

    def samples(count: int) -> Samples:
        y = torch.randint(0, 3, (count,), generator=random)
        return Samples(centres[y] + overlap * torch.randn(count, *shape, generator=random), y)

    return Task("made", "classification", samples(train), samples(validation), samples(50), outputs=3,
                inputs_by=_AS_IT_IS, augment=augment, class_names=("a", "b", "c"))


def numbers(outputs: int, features: int = 4) -> Task:
    """Linear functions."""
    random = torch.Generator().manual_seed(6)
    matrix = torch.randn(features, outputs, generator=random)

    def samples(count: int) -> Samples:
        x = torch.randn(count, features, generator=random)
        return Samples(x, x @ matrix)

    return Task("made", "regression", samples(256), samples(64), samples(10), outputs=outputs, inputs_by=_AS_IT_IS,
                targets_by=_AS_IT_IS)
