"""The flagship network as designs."""

from sw.design.design import Design
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings

__all__ = ["flagship"]


def flagship(z: tuple[int, int] = (128, 32), **arithmetic) -> Design:
    """(1024, 64, 32) for MNIST; z (128, 32) takes 32 clocks, (32, 8) takes 128."""
    return Design(
        name="mnist",
        network=Network((1024, 64, 32), 784, 10, (4, 16), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(**arithmetic),
        hardware=Hardware(z),
    )
