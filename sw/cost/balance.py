"""A balanced choice of z: how many lanes each junction gets for a wished speed or size.

The multipliers of a design are 2 per lane in junction 1 (FF, UP; its BP would have no use), 3 per
lane elsewhere (FF, BP, UP), and one for each right neuron finished per clock where deltas are
multiplied by the sigmoid's slope (the slope of a rectifier is 0 or 1 and needs none).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.settings import Network
from sw.pattern.degrees import divisors

__all__ = ["Chain", "chains", "multipliers", "propose_z"]


def multipliers(design: Design) -> int:
    """Multipliers of a design, wherever they are built (DSPs or LUTs)."""
    return sum(
        _multipliers(j.index, j.z, j.in_degree, _slope_products(design.network, j.index))
        for j in design.junctions
    )


@dataclass(frozen=True, order=True)
class Chain:
    """z of junctions 1, 2, ... and its cost. The order is the preference: small, then fast, then few lanes."""

    multipliers: int
    clocks: int
    z: tuple[int, ...]


def chains(network: Network) -> Iterator[Chain]:
    """For each number of clocks per sample that can be had, fastest first: the z with the fewest multipliers."""
    choices = [_choices(network, i) for i in range(1, len(network.neurons))]
    before = None
    for chain in _by_clocks(choices, sorted({c.clocks for junction in choices for c in junction})):
        if chain != before:
            yield chain
        before = chain


def propose_z(
    neurons: Sequence[int],
    out_degree: Sequence[int],
    *,
    clocks: int | None = None,
    multipliers: int | None = None,
    activation: Sequence[str] | None = None,
    cost: str = "cross_entropy",
) -> tuple[int, ...]:
    """Lanes per junction for a wish, every junction's z valid and in keeping with its neighbours'.

    Exactly one wish is given:
        clocks: junction cycles of at most that many clocks, with the fewest multipliers;
        multipliers: at most that many, with the fewest clocks.
    Remaining ties go to the other of the two, then to smaller z, junction 1 first.

    ``activation`` (sigmoids if not given) and ``cost`` tell which junctions multiply by slopes. The
    clocks are max W_i / z_i; a schedule whose update takes longer pads them.

    Raises DesignError if the network is not valid, if the wish is no positive integer, or if
    nothing meets it; the message then names the nearest that can be had.
    """
    junctions = len(neurons) - 1
    network = Network(
        neurons=tuple(neurons),
        inputs=neurons[0] if len(neurons) else 0,
        classes=neurons[-1] if len(neurons) else 0,
        out_degree=tuple(out_degree),
        activation=tuple(activation) if activation is not None else ("sigmoid",) * junctions,
        cost=cost,
    )
    if (clocks is None) == (multipliers is None):
        raise DesignError(
            "propose_z needs one wish, either clocks or multipliers, "
            f"got clocks {clocks} and multipliers {multipliers}"
        )
    for name, wish in (("clocks", clocks), ("multipliers", multipliers)):
        if wish is not None and (isinstance(wish, bool) or not isinstance(wish, int) or wish < 1):
            raise DesignError(f"{name} must be an integer of at least 1, got {wish!r}")

    choices = [_choices(network, i) for i in range(1, junctions + 1)]
    reachable = sorted({c.clocks for junction in choices for c in junction})
    if clocks is not None:
        best = _cheapest(choices, clocks)
        if best is None:
            # one lane everywhere is always valid, so there is a fastest chain
            found = next(iter(_by_clocks(choices, reachable)))
            raise DesignError(
                f"no z gives at most {clocks} clocks per sample; the nearest is "
                f"{found.clocks} clocks, with z {list(found.z)} and {found.multipliers} multipliers"
            )
        return best.z
    limit = multipliers or 0
    best = next((c for c in _by_clocks(choices, reachable) if c.multipliers <= limit), None)
    if best is None:
        found = min(_by_clocks(choices, reachable), key=lambda c: (c.multipliers, c.clocks))
        raise DesignError(
            f"no z does with at most {limit} multipliers; the nearest is "
            f"{found.multipliers}, with z {list(found.z)} and {found.clocks} clocks per sample"
        )
    return best.z


@dataclass(frozen=True)
class _Choice:
    """One z of one junction and its cost; the next z must be a multiple of ``per_clock``."""

    z: int
    multipliers: int
    clocks: int
    per_clock: int


def _slope_products(network: Network, index: int) -> bool:
    """Whether the deltas on the right of junction ``index`` (1..L) are multiplied by a slope."""
    if index == len(network.out_degree) and network.cost == "cross_entropy":
        return False
    return network.activation[index - 1] == "sigmoid"


def _multipliers(index: int, z: int, in_degree: int, slope_products: bool) -> int:
    finished = max(1, z // in_degree)
    return (2 if index == 1 else 3) * z + (finished if slope_products else 0)


def _choices(network: Network, index: int) -> list[_Choice]:
    left, right = network.neurons[index - 1], network.neurons[index]
    weights = left * network.out_degree[index - 1]
    in_degree = weights // right
    slopes = _slope_products(network, index)
    return [
        _Choice(
            z=z,
            multipliers=_multipliers(index, z, in_degree, slopes),
            clocks=weights // z,
            per_clock=max(1, z // in_degree),
        )
        for z in divisors(left)
        if z % in_degree == 0 or in_degree % z == 0
    ]


def _cheapest(choices: list[list[_Choice]], clocks: int) -> Chain | None:
    """The preferred chain of at most ``clocks`` clocks, by dynamic programming over the last z."""
    chains: dict[int, tuple[Chain, int]] = {0: (Chain(0, 0, ()), 1)}  # with the per_clock of z
    for junction in choices:
        longer: dict[int, tuple[Chain, int]] = {}
        for choice in junction:
            fitting = [c for c, step in chains.values() if choice.z % step == 0]
            if choice.clocks > clocks or not fitting:
                continue
            longer[choice.z] = (
                min(
                    Chain(
                        c.multipliers + choice.multipliers,
                        max(c.clocks, choice.clocks),
                        (*c.z, choice.z),
                    )
                    for c in fitting
                ),
                choice.per_clock,
            )
        chains = longer
    return min((chain for chain, _ in chains.values()), default=None)


def _by_clocks(choices: list[list[_Choice]], reachable: list[int]) -> Iterable[Chain]:
    """The cheapest chain for each number of clocks that can be had, fastest first."""
    for clocks in reachable:
        chain = _cheapest(choices, clocks)
        if chain is not None:
            yield chain
