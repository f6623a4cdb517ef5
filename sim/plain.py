"""The plainest model of the machine: Python integers, one edge at a time, as the formulas are written.

It is what the vectorised golden model is measured against, and a second opinion on its results. Sigmoid
activations and rounding to nearest only.
"""

from collections import deque

import numpy as np

from sim.errors import SimError
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.tables import sigmoid_table, slope_table

__all__ = ["PlainNetwork"]


class PlainNetwork:
    """Trains slot by slot; starts with the design's initial weights."""

    def __init__(self, design: Design) -> None:
        if set(design.network.activation) != {"sigmoid"} or design.arithmetic.rounding != "nearest":
            raise SimError(f"plain model: {design.name} must have sigmoid activations and rounding to nearest")
        self.design = design
        self.number, self.wide = design.arithmetic.number, design.arithmetic.preactivation
        self.left_of = [j.pattern.left_of.tolist() for j in design.junctions]
        self.weights = [w.tolist() for w in design.initial_weights()]
        self.biases = [[0] * j.right for j in design.junctions]
        self.lags = Schedule.of(design).lags
        self._sigmoid = sigmoid_table(design.arithmetic).tolist()
        self._slope = slope_table(design.arithmetic).tolist()
        self._drop = design.arithmetic.preactivation.width - design.arithmetic.index_bits
        self._slots: deque[dict] = deque(maxlen=self.lags[0] + 1)  # the newest last

    def train(self, features: np.ndarray, label: int, rate_shift: int) -> list[int]:
        """One training slot; raw output activations."""
        slot: dict = {"a": [features.tolist() + [0] * (self.design.network.neurons[0] - len(features))], "rows": []}
        slot["label"], slot["shift"], slot["delta"] = label, rate_shift, {}
        for i in range(len(self.weights)):
            self._forward(i, slot)
        one = 1 << self.number.fraction_bits
        output = slot["a"][-1]
        slot["delta"][len(self.weights) - 1] = [a - one * (n == label) for n, a in enumerate(output)]
        self._slots.append(slot)
        for i in reversed(range(len(self.weights))):
            if len(self._slots) > self.lags[i]:
                self._backward(i, self._slots[-1 - self.lags[i]])
        return list(output)

    def _forward(self, i: int, slot: dict) -> None:
        j, left = self.design.junctions[i], slot["a"][i]
        sums = [(b << j.operand_fraction) + (1 << (j.operand_fraction - 1)) for b in self.biases[i]]
        for w, value in enumerate(self.weights[i]):
            sums[w // j.in_degree] += value * left[self.left_of[i][w]]
        low, high, middle = self.wide.minimum, self.wide.maximum, len(self._sigmoid) // 2
        rows = [(min(max(s >> j.operand_fraction, low), high) >> self._drop) + middle for s in sums]
        slot["a"].append([self._sigmoid[row] for row in rows])
        slot["rows"].append(rows)

    def _backward(self, i: int, slot: dict) -> None:
        """BP and UP of one junction, with the weights as they are before the update."""
        j, fraction, half = self.design.junctions[i], self.number.fraction_bits, 1 << (self.number.fraction_bits - 1)
        low, high = self.number.minimum, self.number.maximum
        delta = [min(max(d, low), high) for d in slot["delta"].pop(i)]
        if self.design.scaled_delta(j):
            delta = [(d * self._slope[row] + half) >> fraction for d, row in zip(delta, slot["rows"][i], strict=True)]
        left, sums = slot["a"][i], [half] * j.left
        drop, bias_half = j.operand_fraction + slot["shift"], (1 << slot["shift"]) >> 1
        for w, value in enumerate(self.weights[i]):
            d, n = delta[w // j.in_degree], self.left_of[i][w]
            sums[n] += value * d
            change = (left[n] * d + (1 << (drop - 1))) >> drop
            self.weights[i][w] = min(max(value - change, low), high)
        self.biases[i] = [
            min(max(b - ((d + bias_half) >> slot["shift"]), low), high)
            for b, d in zip(self.biases[i], delta, strict=True)
        ]
        if i:
            slot["delta"][i - 1] = [s >> fraction for s in sums]
