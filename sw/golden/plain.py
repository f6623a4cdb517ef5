"""A second golden model: plain Python integers, one edge at a time, straight from the definition.

It imports none of our modules, so that it shares no arithmetic with the vectorised model, the tables or the LFSRs.
It takes from a design its settings, sizes, pattern rows and initial weights, is told the lags, and from there on knows
only the written rules (docs/architecture.md, sections 3 and 5). The vectorised model's words and speed are measured
against it.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["PlainJunction", "PlainNetwork"]

EMPTY, TRAIN, INFER = 0, 1, 2


def floor_div(value: int, bits: int) -> int:
    """floor(value / 2^bits)."""
    return value // (1 << bits)


def nearest(value: int, bits: int) -> int:
    """value / 2^bits to the nearest integer, half up."""
    return (2 * value + (1 << bits)) // (2 << bits)


class PlainJunction:
    """Weights, biases and LFSR states of one junction, all plain integers, and what it computes with them.

    ``saturated``: what has been clamped so far, and whether at the top.
    """

    def __init__(self, design: Any, junction: Any, initial: Iterable[int]) -> None:
        arithmetic = design.arithmetic
        self.n = arithmetic.width - 1 - arithmetic.integer_bits
        self.low, self.high = -(1 << (arithmetic.width - 1)), (1 << (arithmetic.width - 1)) - 1
        self.s_width = 1 + arithmetic.preactivation_integer_bits + self.n
        self.index_bits = min(arithmetic.table_bits, self.s_width)
        self.stochastic = arithmetic.rounding == "stochastic"
        self.activation = junction.activation
        self.left, self.right, self.z = junction.left, junction.right, junction.z
        self.operand_bits = 8 if junction.index == 1 else self.n  # fraction bits on the left
        self.in_degree = self.left * junction.out_degree // self.right
        rows, banks = junction.pattern.rows.tolist(), junction.pattern.banks.tolist()
        self.edges = []  # (left neuron, right neuron) of every weight
        for clock, row in enumerate(rows):
            for lane in range(self.z):
                weight = clock * self.z + lane
                bank = banks[clock][lane]
                self.edges.append((row[bank] * self.z + bank, weight // self.in_degree))
        self.weights = [int(w) for w in initial]
        self.biases = [0] * self.right
        self.saturated: set[tuple[str, bool]] = set()
        self.lfsr = [
            (((group + (junction.index << 16)) * 0x9E3779B97F4A7C15) >> 13) % 2**47
            for group in range(1, -(-self.z // 32) + 1)
        ]

    def clamp(self, what: str, value: int, low: int, high: int) -> int:
        if low <= value <= high:
            return value
        self.saturated.add((what, value > high))
        return low if value < low else high

    def forward(self, left: list[int]) -> tuple[list[int], list[int]]:
        """FF: pre-activations and activations."""
        sums = [b << self.operand_bits for b in self.biases]
        for weight, (i, j) in zip(self.weights, self.edges, strict=True):
            sums[j] += weight * left[i]
        edge = 1 << (self.s_width - 1)
        s = [self.clamp("preactivation", nearest(x, self.operand_bits), -edge, edge - 1) for x in sums]
        return s, [self.f(x) for x in s]

    def sigma(self, s: int) -> tuple[int, float]:
        """Index from 0 of the table entry, and sigma in the middle of the values that share it."""
        dropped = self.s_width - self.index_bits
        shared = floor_div(s, dropped)
        middle = (shared * 2**dropped + (2**dropped - 1) / 2) / 2**self.n
        return shared + (1 << (self.index_bits - 1)), 1 / (1 + math.exp(-middle))

    def f(self, s: int) -> int:
        if self.activation == "relu":
            return 0 if s < 0 else self.clamp("relu", s, 0, self.high)
        index, sigma = self.sigma(s)
        if index == 0:
            return 0
        if index == (1 << self.index_bits) - 1:
            return 1 << self.n
        return math.floor(sigma * 2**self.n + 0.5)

    def slope(self, s: int) -> int:
        """f'."""
        if self.activation == "relu":
            return 1 << self.n if s > 0 else 0
        _, sigma = self.sigma(s)
        return math.floor(sigma * (1 - sigma) * 2**self.n + 0.5)

    def backward(self, delta: list[int]) -> list[int]:
        """BP: left delta sums."""
        sums = [0] * self.left
        for weight, (i, j) in zip(self.weights, self.edges, strict=True):
            sums[i] += weight * delta[j]
        return [self.clamp("left delta", nearest(x, self.n), self.low, self.high) for x in sums]

    def update(self, left: list[int], delta: list[int], k: int) -> None:
        """UP at rate 2^-k."""
        numbers = self.draw() if self.stochastic else None
        drop = self.operand_bits + k
        bits = min(15, self.operand_bits + 7)
        for w, (i, j) in enumerate(self.edges):
            change = left[i] * delta[j]
            if numbers is None:
                change = nearest(change, drop)
            else:  # add a uniform number below one unit of the last kept place, take the floor
                fraction, known = numbers[w] >> (15 - bits), bits
                if k >= 8:  # the lowest byte stands before the rest once more
                    fraction, known = fraction % 256 * 2**bits + fraction, bits + 8
                change = floor_div(change + floor_div(fraction << drop, known), drop)
            self.weights[w] = self.clamp("weight", self.weights[w] - change, self.low, self.high)
        for j in range(self.right):
            if numbers is None:
                change = nearest(delta[j], k)
            else:
                first = numbers[j * self.in_degree]
                change = floor_div(delta[j] + floor_div(first << k, 15), k)
            self.biases[j] = self.clamp("bias", self.biases[j] - change, self.low, self.high)

    def draw(self) -> list[int]:
        """A random number for every weight."""
        numbers = []
        for _ in range(len(self.edges) // self.z):
            for lane in range(self.z):
                numbers.append((self.lfsr[lane // 32] >> (lane % 32)) % 2**15)
            for _ in range(7):  # b[t + 47] = b[t] xor b[t + 5]
                self.lfsr = [x >> 1 | ((x ^ (x >> 5)) & 1) << 46 for x in self.lfsr]
        return numbers


class PlainNetwork:
    """The machine of a design, slot by slot; starts with the design's initial weights and seeds.

    ``lags``: those of its schedule, per junction.
    ``trace(slot, junction, name, values)`` is told every intermediate word, as the vectorised model tells it.
    """

    def __init__(
        self, design: Any, lags: tuple[int, ...], *, trace: Callable[[int, int, str, list[int]], None] | None = None
    ) -> None:
        self.design = design
        self.trace = trace or (lambda slot, junction, name, values: None)
        self.lags = lags
        initial = design.initial_weights()
        self.junctions = [PlainJunction(design, j, initial[j.index - 1].tolist()) for j in design.junctions]
        self.slots = 0
        self.past: deque[dict] = deque(maxlen=self.lags[0] + 1)  # all that is known of the last slots, the newest last

    def slot(self, features: Iterable[int], label: int, kind: int, k: int) -> tuple[int, bool, list[int]] | None:
        """One slot: prediction, whether it is the label, output activations; None for an empty slot."""
        network, n = self.design.network, self.slots
        padded = [int(f) for f in features]
        padded += [0] * (network.neurons[0] - len(padded))
        here: dict = {"kind": kind, "k": k, "layers": [padded], "s": [], "deltas": {}}
        self.past.append(here)
        self.slots += 1
        for i, junction in enumerate(self.junctions):
            if kind != EMPTY:
                s, a = junction.forward(here["layers"][i])
                here["s"].append(s)
                here["layers"].append(a)
                self.trace(n, i + 1, "preactivation", s)
                self.trace(n, i + 1, "activation", a)
            if kind == TRAIN and i + 1 == len(self.junctions):
                one = 1 << junction.n
                here["deltas"][i] = [
                    junction.clamp("output delta", a - (one if j == label else 0), junction.low, junction.high)
                    for j, a in enumerate(here["layers"][-1])
                ]
            if n >= self.lags[i] and self.past[-1 - self.lags[i]]["kind"] == TRAIN:
                self.train(i, n - self.lags[i], self.past[-1 - self.lags[i]])
        if kind == EMPTY:
            return None
        outputs = here["layers"][-1]
        best = 0
        for j in range(1, network.classes):
            if outputs[j] > outputs[best]:
                best = j
        return best, best == label, outputs

    def train(self, i: int, m: int, then: dict) -> None:
        """BP and UP of slot m, of which ``then`` is known, in junction i + 1."""
        junction = self.junctions[i]
        delta = then["deltas"][i]
        last = i + 1 == len(self.junctions)
        if not last or self.design.network.cost == "quadratic":
            delta = [nearest(d * junction.slope(s), junction.n) for d, s in zip(delta, then["s"][i], strict=True)]
        self.trace(m, i + 1, "delta", delta)
        if i > 0:
            left = junction.backward(delta)
            then["deltas"][i - 1] = left
            self.trace(m, i + 1, "left_delta", left)
        junction.update(then["layers"][i], delta, then["k"])
        self.trace(m, i + 1, "weights", list(junction.weights))
        self.trace(m, i + 1, "biases", list(junction.biases))
