"""A design: everything that shapes the network, its arithmetic and its hardware. Checked once, here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sw.design import lfsr
from sw.design.drawn import Drawn
from sw.design.errors import DesignError
from sw.design.settings import (
    INPUT_BITS,
    Arithmetic,
    Data,
    Hardware,
    Network,
    PatternSettings,
    Training,
    rule,
)
from sw.pattern.clash_free import Pattern, make_pattern
from sw.pattern.degrees import divisors
from sw.pattern.errors import PatternError

__all__ = ["Design", "Junction"]


@dataclass(frozen=True)
class Junction:
    """One junction, everything derived. ``index`` counts from 1 as in the literature."""

    index: int
    left: int
    right: int
    out_degree: int
    z: int
    activation: str
    last: bool
    operand_fraction: int  # fraction bits of the left activations
    operand_bits: int  # width of the left activations, unsigned
    operand_integer_bits: int  # left activations are at most 2^this
    pattern: Pattern

    @property
    def in_degree(self) -> int:
        return self.left * self.out_degree // self.right

    @property
    def weights(self) -> int:
        return self.left * self.out_degree

    @property
    def crossbar(self) -> bool:
        """Whether lanes read other banks than their own."""
        return self.pattern.orders is not None

    @property
    def depth(self) -> int:
        """D, rows of a left bank."""
        return self.left // self.z

    @property
    def clocks(self) -> int:
        """C_i, clocks of its junction cycle."""
        return self.weights // self.z

    @property
    def per_clock(self) -> int:
        """Right neurons that finish together."""
        return max(1, self.z // self.in_degree)

    @property
    def clocks_per_group(self) -> int:
        """Clocks after which a group of ``per_clock`` right neurons has all its weights."""
        return max(1, self.in_degree // self.z)


def _check_z(network: Network, z: tuple[int, ...]) -> None:
    junctions = len(network.neurons) - 1
    rule(len(z) == junctions, f"hardware.z needs one entry per junction, {junctions} of them, got {list(z)}")
    for i, lanes in enumerate(z, 1):
        left, right = network.neurons[i - 1], network.neurons[i]
        d_in = left * network.out_degree[i - 1] // right
        fits = [d for d in divisors(left) if d % d_in == 0 or d_in % d == 0]
        near = sorted(sorted(fits, key=lambda d: abs(d - lanes))[:4])
        rule(
            lanes >= 1 and left % lanes == 0,
            f"junction {i}: hardware.z must divide its {left} left neurons; got {lanes}, nearest valid: {near}",
        )
        rule(
            lanes % d_in == 0 or d_in % lanes == 0,
            f"junction {i}: one of hardware.z and the in-degree {d_in} must divide the other; "
            f"got {lanes}, nearest valid: {near}",
        )
        if i < junctions:
            done = max(1, lanes // d_in)
            rule(
                z[i] % done == 0,
                f"junction {i}: the {done} right neurons finished per clock must divide the next "
                f"junction's z; got z {z[i]}, valid there: multiples of {done} that divide {right}",
            )


@dataclass(frozen=True)
class Design:
    """A checked design. Raises DesignError, one line, if any rule is broken.

    ``junctions`` holds the derived facts per junction, patterns included.

    ``drawn``: what its seeds stand for, where this version would draw something else for them; a trained state brings
    it (sw.design.states). None, as in most designs: what this version draws.
    """

    name: str
    network: Network
    pattern: tuple[PatternSettings, ...]
    arithmetic: Arithmetic
    hardware: Hardware
    training: Training = field(default_factory=Training)
    data: Data = field(default_factory=Data)
    drawn: Drawn | None = None

    def __post_init__(self):
        junctions = len(self.network.neurons) - 1
        rule(
            bool(self.name) and all(c.isalnum() or c in "-_." for c in self.name) and self.name[0] != ".",
            f"name must be letters, digits, - _ and ., got {self.name!r}",
        )
        rule(
            len(self.pattern) == junctions,
            f"pattern needs one table, or one per junction ({junctions}), got {len(self.pattern)}",
        )
        rule(
            self.data.keep is None or self.data.keep <= self.network.inputs,
            f"data.keep must be at most network.inputs, {self.network.inputs}, got {self.data.keep}",
        )
        _check_z(self.network, self.hardware.z)
        lags = self.hardware.lags
        rule(
            len(lags) in (0, junctions),
            f"hardware.lags needs one entry per junction, {junctions} of them, got {list(lags)}",
        )
        if self.drawn is not None:
            sizes = zip(self.network.neurons, self.network.out_degree, self.pattern, self.hardware.z, strict=False)
            self.drawn.check([(left * d_out, how.dither and z > 1) for left, d_out, how, z in sizes])
        self.junctions  # noqa: B018  draws the patterns, which checks them
        if self.drawn is not None and self.drawn == self._drawn_here():
            object.__setattr__(self, "drawn", None)  # equal designs are then equal

    def with_seed(self, seed: int) -> "Design":
        """The same with patterns and initial weights of another seed."""
        pattern = tuple(replace(one, seed=seed) for one in self.pattern)
        return replace(self, pattern=pattern, training=replace(self.training, weight_seed=seed), drawn=None)

    def _drawn_here(self) -> Drawn | None:
        """What this version draws for the seeds, None where that is no valid design."""
        try:
            return replace(self, drawn=None).all_drawn()
        except DesignError:
            return None

    def all_drawn(self) -> Drawn:
        """What the seeds stand for in this design."""
        patterns = [j.pattern for j in self.junctions]
        return Drawn(
            tuple(p.table for p in patterns), tuple(p.orders for p in patterns), tuple(self._real_initial_weights())
        )

    @cached_property
    def junctions(self) -> tuple[Junction, ...]:
        net = self.network
        out = []
        for i, (d_out, z, how) in enumerate(zip(net.out_degree, self.hardware.z, self.pattern, strict=True), 1):
            left, right = net.neurons[i - 1], net.neurons[i]
            try:
                pattern = make_pattern(
                    kind=how.kind,
                    left=left,
                    right=right,
                    out_degree=d_out,
                    z=z,
                    seed=how.seed,
                    junction=i,
                    sweeps_per_start=how.sweeps_per_start,
                    dither=how.dither,
                    local=how.local,
                    drawn=(self.drawn.tables[i - 1], self.drawn.orders[i - 1]) if self.drawn else None,
                )
            except PatternError as error:
                raise DesignError(f"junction {i}: {error}") from None
            number, integer_bits = self.arithmetic.number, 0
            if i == 1:
                fraction = bits = INPUT_BITS
            elif net.activation[i - 2] == "sigmoid":
                fraction, bits = number.fraction_bits, number.fraction_bits + 1
            else:
                fraction, bits, integer_bits = number.fraction_bits, number.width - 1, number.integer_bits
            out.append(
                Junction(
                    index=i,
                    left=left,
                    right=right,
                    out_degree=d_out,
                    z=z,
                    activation=net.activation[i - 1],
                    last=i == len(net.out_degree),
                    operand_fraction=fraction,
                    operand_bits=bits,
                    operand_integer_bits=integer_bits,
                    pattern=pattern,
                )
            )
        return tuple(out)

    def scaled_delta(self, junction: Junction) -> bool:
        """Whether the right deltas of this junction are multiplied by f' (all but a cross-entropy output's)."""
        return not junction.last or self.network.cost == "quadratic"

    @property
    def random_bits(self) -> tuple[int, ...]:
        """Random bits that each junction's weight update uses, the top ones of a window."""
        return tuple(min(lfsr.WINDOW, j.operand_fraction + 7) for j in self.junctions)

    @property
    def density(self) -> float:
        """Share of the weights of the fully connected network."""
        return sum(j.weights for j in self.junctions) / sum(j.left * j.right for j in self.junctions)

    def initial_weights(self) -> list[np.ndarray]:
        """Raw weights of every junction, (weights,) int64: normal, variance 2 / (d_in + d_out) (Glorot)."""
        return [self.arithmetic.number.from_real(real) for real in self._real_initial_weights()]

    def _real_initial_weights(self) -> Sequence[np.ndarray]:
        if self.drawn is not None:
            return self.drawn.weights
        rng = np.random.Generator(np.random.PCG64([self.training.weight_seed, 0]))
        return [rng.standard_normal(j.weights) * np.sqrt(2 / (j.in_degree + j.out_degree)) for j in self.junctions]
