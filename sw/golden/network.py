"""The whole machine in integers. It knows slots and lags and nothing else about time.

For each slot n, for each junction i: FF(n) with the present weights, then BP and UP of slot n - lag_i,
if that is a training slot and with its rate. This is what the pipelined hardware computes, whatever its
clocks, phases and pauses are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sw.design import lfsr
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.settings import Network
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.junction import Draws, GoldenJunction

__all__ = ["GoldenNetwork", "Results", "State"]

Trace = Callable[[int, int, str, np.ndarray], None]
_INFER_BLOCK = 256  # inference slots fed forward together while no update is pending


@dataclass(frozen=True)
class Results:
    """What the machine reports of its non-empty slots, in order.

    predictions (m,) int64; correct (m,) bool, whether the prediction is the label; activations
    (m, N_L) int32, raw output activations, n fraction bits, padding neurons included.
    """

    predictions: np.ndarray
    correct: np.ndarray
    activations: np.ndarray

    @classmethod
    def of(cls, activations: np.ndarray, slots: Slots, network: Network) -> "Results":
        """From the output activations of the non-empty ones of ``slots``."""
        # argmax takes the first of equal values, as the hardware does
        predictions = activations[:, : network.classes].argmax(axis=1)
        return cls(predictions, predictions == slots.labels[slots.kinds != EMPTY], activations)

    def __len__(self) -> int:
        return len(self.predictions)


@dataclass
class State:
    """Everything that training changes: raw weights, biases and LFSR states per junction."""

    weights: list[np.ndarray]
    biases: list[np.ndarray]
    lfsr: list[np.ndarray]


class GoldenNetwork:
    """The golden model of a design; starts with the design's initial weights and seeds.

    ``run`` consumes slots and keeps those whose update is still due, so a sequence may be cut anywhere:
    run(a) then run(b) equals run(a + b).
    """

    def __init__(self, design: Design, *, trace: Trace | None = None, draws: Draws = lfsr.draws):
        self.design = design
        self.lags = Schedule.of(design).lags
        self.junctions = [GoldenJunction(design, j, draws=draws) for j in design.junctions]
        self.trace = trace
        self._one = 1 << design.arithmetic.number.fraction_bits
        self._slot = 0
        self._last_training = -(10**9)
        ring = self.lags[0] + 1
        self._kinds = [EMPTY] * ring
        self._shifts = [0] * ring
        self._edges = [
            np.zeros((lag + 1, *g.shape), g.dtype) for g, lag in zip(self.junctions, self.lags, strict=True)
        ]
        self._slopes: list[dict[int, np.ndarray]] = [{} for _ in self.junctions]
        self._deltas: list[dict[int, np.ndarray]] = [{} for _ in self.junctions]  # of the right layer, by slot
        self.load(State(design.initial_weights(), [np.zeros(j.right, np.int64) for j in design.junctions], []))

    def load(self, state: State) -> None:
        """Take over weights and biases, and LFSR states where given."""
        for g, weights, biases in zip(self.junctions, state.weights, state.biases, strict=True):
            g.weights[:] = weights
            g.biases[:] = biases
        for g, states in zip(self.junctions, state.lfsr, strict=False):
            g.lfsr = states

    def state(self) -> State:
        """A copy of everything that training changes."""
        return State(
            [g.weights.astype(np.int64) for g in self.junctions],
            [g.biases.astype(np.int64) for g in self.junctions],
            [g.lfsr.copy() for g in self.junctions],
        )

    def flush(self) -> Slots:
        """The empty slots after which no update is due."""
        return Slots.empty(Schedule.of(self.design).flush_slots, self.design.network.inputs)

    def run(self, slots: Slots) -> Results:
        """Consume slots; results of the non-empty ones. DesignError, and none consumed, if one is not valid."""
        network = self.design.network
        slots.check(network)
        activations = np.empty((int((slots.kinds != EMPTY).sum()), network.neurons[-1]), np.int32)
        features = np.zeros((len(slots), network.neurons[0]), self.junctions[0].dtype)
        features[:, : slots.features.shape[1]] = slots.features
        kinds, labels, shifts = slots.kinds.tolist(), slots.labels.tolist(), slots.rate_shifts.tolist()
        done = n = 0
        while n < len(slots):
            if kinds[n] == INFER and self._slot - self._last_training > self.lags[0] and not self.trace:
                block = n
                while block < len(slots) and kinds[block] == INFER and block - n < _INFER_BLOCK:
                    block += 1
                activations[done : done + block - n] = self._infer(features[n:block])
                done += block - n
                n = block
                continue
            outputs = self._step(features[n], kinds[n], labels[n], shifts[n])
            if outputs is not None:
                activations[done] = outputs
                done += 1
            n += 1
        return Results.of(activations, slots, network)

    def _infer(self, features: np.ndarray) -> np.ndarray:
        """Output activations of slots with no update pending; they leave nothing behind but their number."""
        a = features
        for g in self.junctions:
            _, a = g.forward(a.astype(g.dtype, copy=False), np.empty((len(a), *g.shape), g.dtype))
        for _ in features:
            self._kinds[self._slot % len(self._kinds)] = INFER
            self._slot += 1
        return a

    def _step(self, features: np.ndarray, kind: int, label: int, shift: int) -> np.ndarray | None:
        n, ring, trace = self._slot, len(self._kinds), self.trace
        self._kinds[n % ring], self._shifts[n % ring] = kind, shift
        a = features  # from here on the activations of one layer after another
        if kind == TRAIN:
            self._last_training = n
        if kind != EMPTY:
            for i, g in enumerate(self.junctions):
                s, a = g.forward(a if a.dtype == g.dtype else a.astype(g.dtype), self._edges[i][n % (self.lags[i] + 1)])
                if kind == TRAIN and self.design.scaled_delta(g.junction):
                    self._slopes[i][n] = g.slope(s)
                if trace:
                    trace(n, i + 1, "preactivation", s)
                    trace(n, i + 1, "activation", a)
        if kind == TRAIN:
            delta = a.copy()
            delta[label] -= self._one
            self._deltas[-1][n] = self.junctions[-1].saturate(delta)
        for i in reversed(range(len(self.junctions))):
            m = n - self.lags[i]
            if m >= 0 and self._kinds[m % ring] == TRAIN:
                self._train(i, m, self._shifts[m % ring])
        self._slot += 1
        return None if kind == EMPTY else a

    def _train(self, i: int, m: int, shift: int) -> None:
        """BP and UP of slot m in junction i + 1."""
        g = self.junctions[i]
        delta = self._deltas[i].pop(m)
        if m in self._slopes[i]:
            delta = g.scale(delta, self._slopes[i].pop(m))
        if delta.dtype != g.dtype:
            delta = delta.astype(g.dtype)
        if i > 0:
            self._deltas[i - 1][m] = g.backward(delta)
        g.update(self._edges[i][m % (self.lags[i] + 1)], delta, shift)
        if self.trace:
            self.trace(m, i + 1, "delta", delta)
            if i > 0:
                self.trace(m, i + 1, "left_delta", self._deltas[i - 1][m])
            self.trace(m, i + 1, "weights", g.weights)
            self.trace(m, i + 1, "biases", g.biases)
