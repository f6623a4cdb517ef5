"""Small data and networks for the tests of training."""

import torch

from sw.pattern.edges import fully_connected
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples
from tests.sparse.patterns import clash_free

__all__ = ["mlp", "samples"]


def samples(count: int = 200, seed: int = 1, dtype: torch.dtype = torch.float64) -> Samples:
    """24 features of three classes that overlap."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 3, (count,), generator=random)
    centres = torch.rand(3, 24, generator=torch.Generator().manual_seed(9), dtype=dtype)
    return Samples(centres[labels] + 0.4 * torch.randn(count, 24, generator=random, dtype=dtype), labels)


def mlp(seed: int | tuple[int, ...] = 1, **more) -> SparseMLP:
    """24-16-4 with a type-3 junction, then a full one; three classes and one padding output."""
    edges = [clash_free(3, 24, 16, 4, 12), fully_connected(16, 4)]
    return SparseMLP((24, 16, 4), edges, **{"classes": 3, "seed": seed, "dtype": torch.float64, **more})
