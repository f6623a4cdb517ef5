"""How large the searches of an experiment are: the same experiments, from seconds to many hours on a GPU."""

from dataclasses import dataclass, replace

__all__ = ["SCALES", "Scale"]

Range = tuple[int, int]


@dataclass(frozen=True)
class Scale:
    """The size of a search.

    Parameters
    ----------
    trials : of each Bayesian stage.
    candidates : that the optimiser chooses a point from.
    train, test : the first samples; None: all.
    layers, nodes : hidden layers of an MLP, and the nodes of each.
    convolutions, first, upper : of a CNN; channels of the first one and of any.
    reference : seconds of an epoch that cost 1 where time is the penalty; here about those of a large network.
    depths : convolutions of the networks that are compared by depth.
    workers : processes of the data loaders.
    """

    epochs: int
    trials: int
    candidates: int = 1000
    train: int | None = None
    test: int | None = None
    layers: Range = (0, 2)
    nodes: Range = (20, 400)
    convolutions: Range = (4, 16)
    first: Range = (16, 64)
    upper: int = 512
    reference: float = 10.0
    depths: tuple[int, ...] = (4, 8, 16)
    workers: tuple[int, ...] = (0, 4)


_FULL = Scale(epochs=100, trials=30)
_MLP = replace(_FULL, epochs=10, reference=0.02, workers=(0, 2))
_CNN = replace(_MLP, epochs=40, trials=4, convolutions=(2, 8), first=(4, 8), upper=32, reference=0.1, depths=(2, 4, 8))


def _tiny(scale: Scale) -> Scale:
    return replace(scale, epochs=1, trials=3, candidates=20, train=100, test=40, nodes=(4, 16), depths=(2, 4),
                   workers=(0,))


#: by name, then by the kind of network; "full" has the figures of Deep-n-Cheap
SCALES: dict[str, dict[str, Scale]] = {
    "short": {"mlp": _tiny(_MLP), "cnn": _tiny(_CNN)},
    "small": {"mlp": _MLP, "cnn": _CNN},
    "full": {"mlp": _FULL, "cnn": _FULL},
}
