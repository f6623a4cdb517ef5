"""What is chosen for a data set and a board, and the design that a choice stands for."""

from typing import NamedTuple

from sw.codesign.fitting import FILLED, Fitted, fastest
from sw.codesign.sizes import SIZES, input_neurons, out_degree_near
from sw.cost.devices import Device
from sw.deepncheap.scalars import Choice as Options
from sw.deepncheap.scalars import Integer, Ordered, Scalar
from sw.deepncheap.spaces import Product
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Training

__all__ = ["Chosen", "design_of", "fitted", "rate_shifts", "space"]

_MANY_INPUTS = 128  # a data set of fewer keeps them all
_FEWEST_KEPT = 1 / 10
_DENSITIES = (0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0)
_ROOMS = (0.25, 0.5, 1.0)
# Of the two junctions. Local receptive fields are for inputs whose neighbours have to do with each other.
_PATTERNS = {
    "type 1": (PatternSettings(kind=1), PatternSettings(kind=1)),
    "type 2": (PatternSettings(kind=2), PatternSettings(kind=2)),
    "local": (PatternSettings(kind=2, local=True), PatternSettings(kind=2)),
}


class Chosen(NamedTuple):
    """One configuration of the search.

    ``kept``: how many of the inputs, those of largest variance; ``hidden``: neurons of the hidden layer;
    ``density_in``, ``density_out``, ``pattern``: of the two junctions; ``width``, ``integer_bits``: of the words,
    ``spread``: integer bits that pre-activations have more; ``rate``: the first rate is 2^-rate, halved ``halvings``
    times (see `rate_shifts`); ``room``: the share of the board's room that the design may use.
    """

    kept: int
    hidden: int
    density_in: float
    density_out: float
    activation: str
    pattern: str
    width: int
    integer_bits: int
    spread: int
    rounding: str
    rate: int
    halvings: int
    room: float


def space(inputs: int, classes: int) -> Product[Chosen]:
    """The choices for data of so many inputs and classes."""
    least = max(16, min(classes, 64))
    few = [size for size in SIZES if _FEWEST_KEPT * inputs <= size < inputs >= _MANY_INPUTS]
    scalars: dict[str, Scalar] = {
        "kept": Ordered((*map(float, few), float(inputs)), logarithmic=True),
        "hidden": Ordered(tuple(float(size) for size in SIZES if size >= least), logarithmic=True),
        "density_in": Ordered(_DENSITIES, logarithmic=True),
        "density_out": Ordered(_DENSITIES, logarithmic=True),
        "activation": Options(("relu", "sigmoid")),
        "pattern": Options(tuple(_PATTERNS)),
        "width": Integer(8, 16),
        "integer_bits": Integer(2, 4),
        "spread": Integer(0, 2),
        "rounding": Options(("nearest", "stochastic")),
        "rate": Integer(2, 7),
        "halvings": Integer(0, 4),
        "room": Ordered(_ROOMS, logarithmic=True),
    }
    return Product(scalars, _chosen)


def _chosen(*values: object) -> Chosen:
    made = Chosen(*values)  # type: ignore[arg-type]
    return made._replace(kept=int(made.kept), hidden=int(made.hidden))


def rate_shifts(rate: int, halvings: int, slots: int) -> tuple[tuple[int, int], ...]:
    """2^-rate for the first half of the training slots, then halved ``halvings`` times at equal distances."""
    parts = max(halvings, 1)
    starts = [0, *(slots // 2 + slots * n // (2 * parts) for n in range(halvings))]
    return tuple((start, rate + n) for n, start in enumerate(dict.fromkeys(starts)))


def design_of(chosen: Chosen, name: str, data: Data, inputs: int, classes: int) -> Design:
    """The design of a choice with one lane per junction, to be `fitted`.

    ``data``: source and numbers of samples; ``inputs``: of the data before some are chosen.
    DesignError if there is none: say, a word too short for its integer bits.
    """
    left, hidden = input_neurons(chosen.kept), chosen.hidden
    network = Network(
        neurons=(left, hidden, classes),
        inputs=chosen.kept,
        classes=classes,
        out_degree=(out_degree_near(left, hidden, chosen.density_in), out_degree_near(hidden, classes,
                                                                                    chosen.density_out)),
        activation=(chosen.activation, "sigmoid"),
    )
    return Design(
        name=name,
        network=network,
        pattern=_PATTERNS[chosen.pattern],
        arithmetic=Arithmetic(
            width=chosen.width,
            integer_bits=chosen.integer_bits,
            preactivation_integer_bits=chosen.integer_bits + chosen.spread,
            rounding=chosen.rounding,
        ),
        hardware=Hardware(z=(1, 1)),
        training=Training(
            rate_shift=rate_shifts(chosen.rate, chosen.halvings, data.train * data.epochs), order="shuffle"
        ),
        data=Data(data.source, data.train, data.test, data.epochs, data.scaling,
                  chosen.kept if chosen.kept < inputs else None),
    )


def fitted(chosen: Chosen, name: str, data: Data, inputs: int, classes: int, device: Device) -> Fitted | None:
    """The design of a choice with the lanes that fit; None where there is no such design, or no room for it."""
    try:
        design = design_of(chosen, name, data, inputs, classes)
    except DesignError:
        return None
    return fastest(design, device, FILLED * chosen.room)
