"""Small designs for tests."""

from sw.design.design import Design
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Stages, Training

__all__ = ["flagship", "tiny"]


def tiny(name: str = "tiny", **changes) -> Design:
    """(16, 8, 4), a few hundred clocks for a handful of slots. ``changes`` replace fields of the design."""
    facts = {
        "network": Network((16, 8, 4), 14, 3, (4, 4), ("sigmoid", "sigmoid")),
        "pattern": (PatternSettings(), PatternSettings()),
        "arithmetic": Arithmetic(),
        "hardware": Hardware((4, 2), stages=Stages()),
        "training": Training(),
        "data": Data("digits", 200, 20),
    }
    return Design(name=name, **(facts | changes))


def flagship() -> Design:
    """The network of designs/mnist.toml."""
    return Design(
        name="flagship",
        network=Network((1024, 64, 32), 784, 10, (4, 16), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(),
        hardware=Hardware((128, 32)),
        training=Training(((0, 3), (25000, 4), (75000, 5))),
    )
