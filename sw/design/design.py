"""A design: everything that shapes the network, its arithmetic and its hardware. Checked once, here."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import gcd
from typing import ClassVar

import numpy as np

from sw.design import lfsr
from sw.design.errors import DesignError
from sw.design.fixed import Format
from sw.design.pattern import Pattern, make_pattern

__all__ = [
    "Arithmetic",
    "Data",
    "Design",
    "Hardware",
    "Junction",
    "Network",
    "PatternSettings",
    "Stages",
    "Training",
    "divisors",
]

INPUT_BITS = 8  # features: unsigned, worth v / 2^8 whatever the format of the rest
RATE_SHIFT_MAX = 15
# beyond any FPGA; a slip of the pen in a file shall not fill the memory
NEURONS_MAX = 1 << 16
WEIGHTS_MAX = 1 << 22
LAG_MAX = 1000


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _rule(holds: bool, message: str) -> None:
    if not holds:
        raise DesignError(message)


@dataclass(frozen=True)
class Network:
    """Sizes and degrees. ``inputs`` and ``classes`` are the real ones; the rest of the layer is padding."""

    neurons: tuple[int, ...]
    inputs: int
    classes: int
    out_degree: tuple[int, ...]
    activation: tuple[str, ...]
    cost: str = "cross_entropy"

    def __post_init__(self):
        layers = len(self.neurons)
        _rule(layers >= 2, f"network.neurons needs at least 2 layers, got {list(self.neurons)}")
        _rule(
            all(1 <= n <= NEURONS_MAX for n in self.neurons),
            f"network.neurons must all be 1..{NEURONS_MAX}, got {list(self.neurons)}",
        )
        for name in ("out_degree", "activation"):
            value = getattr(self, name)
            _rule(
                len(value) == layers - 1,
                f"network.{name} needs one entry per junction, {layers - 1} of them, got {list(value)}",
            )
        for i, name in enumerate(self.activation, 1):
            _rule(
                name in ("sigmoid", "relu"),
                f'junction {i}: network.activation must be "sigmoid" or "relu", got "{name}"',
            )
        _rule(
            self.activation[-1] == "sigmoid",
            f'junction {layers - 1}: the last activation must be "sigmoid", got "{self.activation[-1]}"',
        )
        _rule(
            self.cost in ("cross_entropy", "quadratic"),
            f'network.cost must be "cross_entropy" or "quadratic", got "{self.cost}"',
        )
        _rule(
            1 <= self.inputs <= self.neurons[0],
            f"network.inputs must be 1..{self.neurons[0]} (the first layer's neurons), got {self.inputs}",
        )
        _rule(
            1 <= self.classes <= self.neurons[-1],
            f"network.classes must be 1..{self.neurons[-1]} (the last layer's neurons), got {self.classes}",
        )
        for i, d_out in enumerate(self.out_degree, 1):
            left, right = self.neurons[i - 1], self.neurons[i]
            step = right // gcd(left, right)
            _rule(
                1 <= d_out <= right and d_out % step == 0,
                f"junction {i}: network.out_degree must be a multiple of {step} up to {right}, so that "
                f"{left} * out-degree divides by {right}; got {d_out}",
            )
            _rule(
                left * d_out <= WEIGHTS_MAX,
                f"junction {i}: must have at most {WEIGHTS_MAX} weights, got {left} * {d_out}",
            )


@dataclass(frozen=True)
class PatternSettings:
    """How a junction's pattern is drawn."""

    kind: int = 2
    sweeps_per_start: int = 1
    dither: bool = False
    seed: int = 1

    def __post_init__(self):
        _rule(self.kind in (1, 2, 3), f"pattern.kind must be 1, 2 or 3, got {self.kind}")
        _rule(
            self.sweeps_per_start >= 1, f"pattern.sweeps_per_start must be at least 1, got {self.sweeps_per_start}"
        )
        _rule(
            self.sweeps_per_start == 1 or self.kind == 2,
            f"pattern.sweeps_per_start belongs to kind 2; with kind {self.kind} it must be 1, "
            f"got {self.sweeps_per_start}",
        )
        _rule(not self.dither, "pattern.dither must be false: the hardware has no crossbar yet")
        _rule(self.seed >= 0, f"pattern.seed must be at least 0, got {self.seed}")


@dataclass(frozen=True)
class Arithmetic:
    """Number formats and rounding; see docs/architecture.md, section Arithmetic.

    ``WIDTH_MAX`` is what the hardware builds. The golden model computes exactly with wider numbers
    too; a subclass that allows them is how its precision is tested.
    """

    WIDTH_MAX: ClassVar[int] = 18

    width: int = 12
    integer_bits: int = 3
    preactivation_integer_bits: int = 3
    table_bits: int = 12
    rounding: str = "nearest"

    def __post_init__(self):
        _rule(
            4 <= self.width <= self.WIDTH_MAX,
            f"arithmetic.width must be 4..{self.WIDTH_MAX}, got {self.width}",
        )
        most = self.width - 3
        _rule(
            0 <= self.integer_bits <= most,
            f"arithmetic.integer_bits must be 0..{most} at width {self.width} (2 fraction bits at least), "
            f"got {self.integer_bits}",
        )
        _rule(
            self.integer_bits <= self.preactivation_integer_bits <= 8,
            f"arithmetic.preactivation_integer_bits must be {self.integer_bits}..8, "
            f"got {self.preactivation_integer_bits}",
        )
        _rule(2 <= self.table_bits <= 12, f"arithmetic.table_bits must be 2..12, got {self.table_bits}")
        _rule(
            self.rounding in ("nearest", "stochastic"),
            f'arithmetic.rounding must be "nearest" or "stochastic", got "{self.rounding}"',
        )

    @property
    def number(self) -> Format:
        """Weights, biases and deltas."""
        return Format(self.integer_bits, self.width - 1 - self.integer_bits)

    @property
    def preactivation(self) -> Format:
        return Format(self.preactivation_integer_bits, self.number.fraction_bits)

    @property
    def index_bits(self) -> int:
        """Address bits of the activation tables."""
        return min(self.table_bits, self.preactivation.width)


@dataclass(frozen=True)
class Stages:
    """Pipeline registers: in a multiplier, adder levels per register, in a table look-up."""

    multiply: int = 2
    add: int = 1
    table: int = 1

    def __post_init__(self):
        for name, low, high in (("multiply", 1, 4), ("add", 1, 8), ("table", 1, 3)):
            value = getattr(self, name)
            _rule(low <= value <= high, f"hardware.stages.{name} must be {low}..{high}, got {value}")


@dataclass(frozen=True)
class Hardware:
    """Lanes per junction and what else shapes the circuit. ``lags`` empty: the smallest the schedule allows."""

    z: tuple[int, ...]
    multipliers: str | int = "auto"
    stages: Stages = field(default_factory=Stages)
    lags: tuple[int, ...] = ()

    def __post_init__(self):
        known = isinstance(self.multipliers, int) and self.multipliers >= 0
        _rule(
            known or self.multipliers in ("auto", "dsp", "lut"),
            f'hardware.multipliers must be "auto", "dsp", "lut" or a number of DSPs, got {self.multipliers!r}',
        )
        _rule(
            all(lag <= LAG_MAX for lag in self.lags),
            f"hardware.lags must be at most {LAG_MAX}, got {list(self.lags)}",
        )


@dataclass(frozen=True)
class Training:
    """Rates and seeds. ``rate_shift``: (from slot, k) pairs, the rate is 2^-k from that training slot on."""

    rate_shift: tuple[tuple[int, int], ...] = ((0, 4),)
    order: str = "file"
    weight_seed: int = 1

    def __post_init__(self):
        starts = [start for start, _ in self.rate_shift]
        _rule(
            bool(starts) and starts[0] == 0 and starts == sorted(set(starts)),
            f"training.rate_shift needs rising slots, the first 0, got {[list(p) for p in self.rate_shift]}",
        )
        for _, k in self.rate_shift:
            _rule(0 <= k <= RATE_SHIFT_MAX, f"training.rate_shift: k must be 0..{RATE_SHIFT_MAX}, got {k}")
        _rule(
            self.order in ("file", "shuffle"), f'training.order must be "file" or "shuffle", got "{self.order}"'
        )
        _rule(self.weight_seed >= 0, f"training.weight_seed must be at least 0, got {self.weight_seed}")

    def shifts(self, slots: int) -> np.ndarray:
        """(slots,) int64: k of each training slot."""
        starts = np.array([start for start, _ in self.rate_shift])
        ks = np.array([k for _, k in self.rate_shift])
        return ks[np.searchsorted(starts, np.arange(slots), side="right") - 1]

    def sequence(self, samples: int, epochs: int) -> np.ndarray:
        """(epochs * samples,) int64: the sample of every training slot."""
        if self.order == "file":
            return np.tile(np.arange(samples), epochs)
        seeds = ([self.weight_seed, 1, epoch] for epoch in range(epochs))
        return np.concatenate([np.random.Generator(np.random.PCG64(s)).permutation(samples) for s in seeds])


@dataclass(frozen=True)
class Data:
    """What a run uses when no data is given on the command line."""

    source: str = "morse"
    train: int = 20000
    test: int = 2000
    epochs: int = 1

    def __post_init__(self):
        for name, low in (("train", 1), ("test", 0), ("epochs", 1)):
            value = getattr(self, name)
            _rule(value >= low, f"data.{name} must be at least {low}, got {value}")


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
    pattern: Pattern

    @property
    def in_degree(self) -> int:
        return self.left * self.out_degree // self.right

    @property
    def weights(self) -> int:
        return self.left * self.out_degree

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
    _rule(len(z) == junctions, f"hardware.z needs one entry per junction, {junctions} of them, got {list(z)}")
    for i, lanes in enumerate(z, 1):
        left, right = network.neurons[i - 1], network.neurons[i]
        d_in = left * network.out_degree[i - 1] // right
        fits = [d for d in divisors(left) if d % d_in == 0 or d_in % d == 0]
        near = sorted(sorted(fits, key=lambda d: abs(d - lanes))[:4])
        _rule(
            lanes >= 1 and left % lanes == 0,
            f"junction {i}: hardware.z must divide its {left} left neurons; got {lanes}, nearest valid: {near}",
        )
        _rule(
            lanes % d_in == 0 or d_in % lanes == 0,
            f"junction {i}: one of hardware.z and the in-degree {d_in} must divide the other; "
            f"got {lanes}, nearest valid: {near}",
        )
        if i < junctions:
            done = max(1, lanes // d_in)
            _rule(
                z[i] % done == 0,
                f"junction {i}: the {done} right neurons finished per clock must divide the next "
                f"junction's z; got z {z[i]}, valid there: multiples of {done} that divide {right}",
            )


@dataclass(frozen=True)
class Design:
    """A checked design. Raises DesignError, one line, if any rule is broken.

    ``junctions`` holds the derived facts per junction, patterns included.
    """

    name: str
    network: Network
    pattern: tuple[PatternSettings, ...]
    arithmetic: Arithmetic
    hardware: Hardware
    training: Training = field(default_factory=Training)
    data: Data = field(default_factory=Data)

    def __post_init__(self):
        junctions = len(self.network.neurons) - 1
        _rule(
            bool(self.name) and all(c.isalnum() or c in "-_." for c in self.name) and self.name[0] != ".",
            f"name must be letters, digits, - _ and ., got {self.name!r}",
        )
        _rule(
            len(self.pattern) == junctions,
            f"pattern needs one table, or one per junction ({junctions}), got {len(self.pattern)}",
        )
        _check_z(self.network, self.hardware.z)
        lags = self.hardware.lags
        _rule(
            len(lags) in (0, junctions),
            f"hardware.lags needs one entry per junction, {junctions} of them, got {list(lags)}",
        )
        self.junctions  # noqa: B018  draws the patterns, which checks them

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
                )
            except DesignError as error:
                raise DesignError(f"junction {i}: {error}") from None
            if i == 1:
                fraction = bits = INPUT_BITS
            else:
                fraction = self.arithmetic.number.fraction_bits
                bits = fraction + 1 if net.activation[i - 2] == "sigmoid" else self.arithmetic.width - 1
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

    @property
    def lags(self) -> tuple[int, ...]:
        """Slots between the FF and the BP/UP of a junction, as the schedule has them."""
        from sw.design.schedule import Schedule

        return Schedule.of(self).lags

    def initial_weights(self) -> list[np.ndarray]:
        """Raw weights of every junction, (weights,) int64: normal, variance 2 / (d_in + d_out) (Glorot)."""
        rng = np.random.Generator(np.random.PCG64([self.training.weight_seed, 0]))
        return [
            self.arithmetic.number.from_real(
                rng.standard_normal(j.weights) * np.sqrt(2 / (j.in_degree + j.out_degree))
            )
            for j in self.junctions
        ]

    @property
    def hash(self) -> str:
        """Over everything that shapes the hardware and the arithmetic, lags and patterns included."""
        facts = {
            "network": asdict(self.network),
            "arithmetic": asdict(self.arithmetic),
            "z": self.hardware.z,
            "stages": asdict(self.hardware.stages),
            "multipliers": self.hardware.multipliers,
            "lags": self.lags,
        }
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
        for j in self.junctions:
            digest.update(j.pattern.rows.astype("<i8").tobytes())
        return digest.hexdigest()[:16]
