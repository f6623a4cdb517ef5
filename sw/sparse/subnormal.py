"""Numbers too small for all digits of a float, which a processor computes many times slower than others."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["flushed"]


@contextmanager
def flushed() -> Iterator[None]:
    """Within it, torch on this thread takes numbers below 1.2e-38 (float32) for 0, where the processor can; after it,
    as before.

    Deltas of samples that a network is sure of become so small after some tens of epochs, which then take longer.
    """
    before = bool(torch.tensor(1e-40) * 1 == 0)  # torch tells it in no other way
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
