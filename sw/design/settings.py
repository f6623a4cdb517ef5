"""The tables of a design file, each checked by itself: network, patterns, arithmetic, hardware, training, data."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from sw.design.errors import DesignError
from sw.design.fixed import Format
from sw.pattern.degrees import check_out_degree
from sw.pattern.errors import PatternError

__all__ = [
    "INPUT_BITS",
    "RATE_SHIFT_MAX",
    "SCALINGS",
    "Arithmetic",
    "Data",
    "Hardware",
    "Network",
    "PatternSettings",
    "Stages",
    "Training",
    "rule",
]

INPUT_BITS = 8  # features: unsigned, worth v / 2^8 whatever the format of the rest
RATE_SHIFT_MAX = 15
SCALINGS = ("bytes", "global", "per_feature")  # of features, see sw.design.scaling
# beyond any FPGA; a slip of the pen in a file shall not fill the memory
NEURONS_MAX = 1 << 16
WEIGHTS_MAX = 1 << 22
LAG_MAX = 1000


def rule(holds: bool, message: str) -> None:
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
        rule(layers >= 2, f"network.neurons needs at least 2 layers, got {list(self.neurons)}")
        rule(
            all(1 <= n <= NEURONS_MAX for n in self.neurons),
            f"network.neurons must all be 1..{NEURONS_MAX}, got {list(self.neurons)}",
        )
        for name in ("out_degree", "activation"):
            value = getattr(self, name)
            rule(
                len(value) == layers - 1,
                f"network.{name} needs one entry per junction, {layers - 1} of them, got {list(value)}",
            )
        for i, name in enumerate(self.activation, 1):
            rule(
                name in ("sigmoid", "relu"),
                f'junction {i}: network.activation must be "sigmoid" or "relu", got "{name}"',
            )
        rule(
            self.activation[-1] == "sigmoid",
            f'junction {layers - 1}: the last activation must be "sigmoid", got "{self.activation[-1]}"',
        )
        rule(
            self.cost in ("cross_entropy", "quadratic"),
            f'network.cost must be "cross_entropy" or "quadratic", got "{self.cost}"',
        )
        rule(
            1 <= self.inputs <= self.neurons[0],
            f"network.inputs must be 1..{self.neurons[0]} (the first layer's neurons), got {self.inputs}",
        )
        rule(
            1 <= self.classes <= self.neurons[-1],
            f"network.classes must be 1..{self.neurons[-1]} (the last layer's neurons), got {self.classes}",
        )
        for i, d_out in enumerate(self.out_degree, 1):
            left, right = self.neurons[i - 1], self.neurons[i]
            try:
                check_out_degree(left, right, d_out, f"junction {i}: network.out_degree")
            except PatternError as error:
                raise DesignError(str(error)) from None
            rule(
                left * d_out <= WEIGHTS_MAX,
                f"junction {i}: must have at most {WEIGHTS_MAX} weights, got {left} * {d_out}",
            )


@dataclass(frozen=True)
class PatternSettings:
    """How a junction's pattern is drawn. ``local``: of kind 2, left neurons in a row go to the same right neuron."""

    kind: int = 2
    sweeps_per_start: int = 1
    dither: bool = False
    seed: int = 1
    local: bool = False

    def __post_init__(self):
        rule(self.kind in (1, 2, 3), f"pattern.kind must be 1, 2 or 3, got {self.kind}")
        rule(
            self.sweeps_per_start >= 1, f"pattern.sweeps_per_start must be at least 1, got {self.sweeps_per_start}"
        )
        rule(
            self.sweeps_per_start == 1 or self.kind == 2,
            f"pattern.sweeps_per_start belongs to kind 2; with kind {self.kind} it must be 1, "
            f"got {self.sweeps_per_start}",
        )
        rule(self.seed >= 0, f"pattern.seed must be at least 0, got {self.seed}")


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
        rule(
            4 <= self.width <= self.WIDTH_MAX,
            f"arithmetic.width must be 4..{self.WIDTH_MAX}, got {self.width}",
        )
        most = self.width - 3
        rule(
            0 <= self.integer_bits <= most,
            f"arithmetic.integer_bits must be 0..{most} at width {self.width} (2 fraction bits at least), "
            f"got {self.integer_bits}",
        )
        rule(
            self.integer_bits <= self.preactivation_integer_bits <= 8,
            f"arithmetic.preactivation_integer_bits must be {self.integer_bits}..8, "
            f"got {self.preactivation_integer_bits}",
        )
        rule(2 <= self.table_bits <= 12, f"arithmetic.table_bits must be 2..12, got {self.table_bits}")
        rule(
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
    def slope_bits(self) -> int:
        """Width of a sigmoid's derivative, unsigned, at most 1/4."""
        return self.number.fraction_bits - 1

    @property
    def index_bits(self) -> int:
        """Address bits of the activation tables."""
        return min(self.table_bits, self.preactivation.width)


@dataclass(frozen=True)
class Stages:
    """Pipeline registers: in a multiplier, adder levels per register, in a table look-up.

    ``chain``: products that are summed one after another inside the multiplier blocks; trees add the chains.
    ``read``: clocks of a read from memory. Two, a register more behind each memory and before each multiplier, allow a
    higher clock rate; one lets the shortest cycle be a clock shorter.
    """

    multiply: int = 2
    add: int = 1
    table: int = 2
    chain: int = 4
    read: int = 2

    def __post_init__(self):
        for name, low, high in (("multiply", 1, 5), ("add", 1, 8), ("table", 1, 3), ("chain", 1, 8), ("read", 1, 2)):
            value = getattr(self, name)
            rule(low <= value <= high, f"hardware.stages.{name} must be {low}..{high}, got {value}")


@dataclass(frozen=True)
class Hardware:
    """Lanes per junction and what else shapes the circuit.

    ``lags`` empty: the smallest the schedule allows. ``lutram_rows``: memories of more rows are block RAM.
    """

    z: tuple[int, ...]
    multipliers: str | int = "auto"
    stages: Stages = field(default_factory=Stages)
    lags: tuple[int, ...] = ()
    lutram_rows: int = 64

    def __post_init__(self):
        known = isinstance(self.multipliers, int) and self.multipliers >= 0
        rule(
            known or self.multipliers in ("auto", "dsp", "lut"),
            f'hardware.multipliers must be "auto", "dsp", "lut" or a number of DSPs, got {self.multipliers!r}',
        )
        rule(self.lutram_rows >= 0, f"hardware.lutram_rows must be at least 0, got {self.lutram_rows}")
        rule(
            all(lag <= LAG_MAX for lag in self.lags),
            f"hardware.lags must be at most {LAG_MAX}, got {list(self.lags)}",
        )


@dataclass(frozen=True)
class Training:
    """Rates and seeds. ``rate_shift``: (from slot, k) pairs, the rate is 2^-k from that training slot on.

    ``start``: a trained state (sw.design.states) to begin with, a path from the design file's folder; empty: the
    weights of ``weight_seed``.
    """

    rate_shift: tuple[tuple[int, int], ...] = ((0, 4),)
    order: str = "file"
    weight_seed: int = 1
    start: str = ""

    def __post_init__(self):
        starts = [start for start, _ in self.rate_shift]
        rule(
            bool(starts) and starts[0] == 0 and starts == sorted(set(starts)),
            f"training.rate_shift needs rising slots, the first 0, got {[list(p) for p in self.rate_shift]}",
        )
        for _, k in self.rate_shift:
            rule(0 <= k <= RATE_SHIFT_MAX, f"training.rate_shift: k must be 0..{RATE_SHIFT_MAX}, got {k}")
        rule(
            self.order in ("file", "shuffle"), f'training.order must be "file" or "shuffle", got "{self.order}"'
        )
        rule(self.weight_seed >= 0, f"training.weight_seed must be at least 0, got {self.weight_seed}")

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
    """What a run uses when no data is given on the command line.

    ``scaling``: how features become 8 bits, also those given on the command line; "auto" chooses from the training
    samples. ``keep``: of how many features the inputs are, those of largest variance in the training samples, also
    of data given on the command line; None: of all.
    """

    source: str = "morse"
    train: int = 20000
    test: int = 2000
    epochs: int = 1
    scaling: str = "auto"
    keep: int | None = None

    def __post_init__(self):
        known = ("auto", *SCALINGS)
        rule(self.scaling in known, f'data.scaling must be one of {", ".join(known)}, got "{self.scaling}"')
        for name, low in (("train", 1), ("test", 0), ("epochs", 1)):
            value = getattr(self, name)
            rule(value >= low, f"data.{name} must be at least {low}, got {value}")
        rule(self.keep is None or self.keep >= 1, f"data.keep must be at least 1, got {self.keep}")
