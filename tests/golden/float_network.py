"""An independent training in float64: same lags, same activation table, no rounding anywhere else.

Each function works on real numbers and on matrices of weights, one row per right neuron with a zero
where no edge is; nothing is shared with `sw.golden`.
"""

import numpy as np

from sw.design.design import Design, Junction
from sw.design.schedule import Schedule
from sw.design.tables import sigmoid_table, slope_table


def mask(junction: Junction) -> np.ndarray:
    """(N_right, N_left): where the edges are."""
    edges = np.zeros((junction.right, junction.left), dtype=bool)
    edges[np.arange(junction.weights) // junction.in_degree, junction.pattern.left_of] = True
    return edges


def matrix(junction: Junction, weights: np.ndarray) -> np.ndarray:
    """(N_right, N_left) of the values of the weights in slot order."""
    full = np.zeros((junction.right, junction.left))
    full[np.arange(junction.weights) // junction.in_degree, junction.pattern.left_of] = weights
    return full


def by_weight(junction: Junction, full: np.ndarray) -> np.ndarray:
    """The inverse of ``matrix``."""
    return full[np.arange(junction.weights) // junction.in_degree, junction.pattern.left_of]


class Tables:
    """f and f' as the design has them: constant over the pre-activations that share an entry."""

    def __init__(self, design: Design):
        arithmetic = design.arithmetic
        n = arithmetic.number.fraction_bits
        self.sigmoids = sigmoid_table(arithmetic) / 2.0**n
        self.slopes = slope_table(arithmetic) / 2.0**n
        self.step = 2.0 ** (arithmetic.preactivation.width - arithmetic.index_bits - n)
        self.relu_top = arithmetic.number.maximum / 2.0**n

    def _entry(self, s: np.ndarray) -> np.ndarray:
        middle = len(self.sigmoids) // 2
        entry = np.floor(s / self.step).astype(int) + middle
        return np.clip(entry, 0, len(self.sigmoids) - 1)

    def f(self, kind: str, s: np.ndarray) -> np.ndarray:
        return np.clip(s, 0, self.relu_top) if kind == "relu" else self.sigmoids[self._entry(s)]

    def slope(self, kind: str, s: np.ndarray) -> np.ndarray:
        return (s > 0).astype(float) if kind == "relu" else self.slopes[self._entry(s)]


class FloatNetwork:
    """Trains slot by slot. ``lags`` may be given to see that they matter."""

    def __init__(self, design: Design, lags: tuple[int, ...] | None = None):
        self.design = design
        self.lags = Schedule.of(design).lags if lags is None else lags
        self.tables = Tables(design)
        n = design.arithmetic.number.fraction_bits
        initial = design.initial_weights()
        self.weights = [
            matrix(j, w / 2.0**n) for j, w in zip(design.junctions, initial, strict=True)
        ]
        self.biases = [np.zeros(j.right) for j in design.junctions]
        self.masks = [mask(j) for j in design.junctions]
        self.past: list[dict] = []

    def train(self, features: np.ndarray, label: int, k: int) -> np.ndarray:
        """One training slot; gives its output activations. ``features`` are raw, 0..255."""
        net = self.design.network
        x = np.zeros(net.neurons[0])
        x[: len(features)] = features / 256
        here: dict = {"layers": [x], "s": [], "rate": 2.0**-k}
        self.past.append(here)
        for i, kind in enumerate(net.activation):
            s = self.weights[i] @ here["layers"][i] + self.biases[i]
            here["s"].append(s)
            here["layers"].append(self.tables.f(kind, s))
        here["delta"] = here["layers"][-1] - (np.arange(net.neurons[-1]) == label)
        for i, lag in enumerate(self.lags):
            if len(self.past) > lag:
                self._update(i, self.past[-1 - lag])
        return here["layers"][-1]

    def _update(self, i: int, then: dict) -> None:
        delta = then["delta"]
        if i + 1 < len(self.weights) or self.design.network.cost == "quadratic":
            delta = delta * self.tables.slope(self.design.network.activation[i], then["s"][i])
        then["delta"] = self.weights[i].T @ delta
        change = then["rate"] * np.outer(delta, then["layers"][i])
        self.weights[i] = self.weights[i] - change * self.masks[i]
        self.biases[i] = self.biases[i] - then["rate"] * delta
