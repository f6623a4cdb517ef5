"""Simulation against golden model, word for word. The first word that differs ends the run.

Both sides come in blocks of any size, whichever is first; results are matched by their order.
"""

from collections import deque

import numpy as np

from sim.errors import SimError
from sw.design.design import Design
from sw.golden.network import Results, State

__all__ = ["Checker", "Mismatch"]


class Mismatch(SimError):
    """Simulation and golden model differ.

    Members
    -------
    slot : number of the slot whose result differs; of a state: how many slots came before.
    what : `prediction`, `correct`, `activation`, `weight`, `bias`, `lfsr`, `counter`, `results` (missing or extra).
    junction : 1..L, None where it makes no sense. index : of the neuron, weight or LFSR, or None.
    simulated, golden : both values.
    """

    status = 1

    def __init__(
        self,
        place: str,
        *,
        slot: int,
        what: str,
        simulated: int,
        golden: int,
        junction: int | None = None,
        index: int | None = None,
    ) -> None:
        super().__init__(f"{place}: simulation {simulated}, golden model {golden}")
        self.slot, self.what, self.junction, self.index = slot, what, junction, index
        self.simulated, self.golden = simulated, golden


class Checker:
    """Compares results in order, states and counters; `finish` makes sure that nothing is missing or extra.

    ``values_compared`` counts words that were equal, ``results_compared`` whole results.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        self.values_compared = 0
        self.results_compared = 0
        self._golden: deque[tuple[np.ndarray, Results]] = deque()
        self._simulated: deque[np.ndarray] = deque()
        self._last_slot = -1

    def expect(self, slots: np.ndarray, results: Results) -> None:
        """Golden results, and the numbers of the slots that they belong to."""
        if len(slots) != len(results):
            raise SimError(f"each golden result needs its slot number, got {len(slots)} for {len(results)}")
        if len(slots):
            self._golden.append((np.asarray(slots), results))
        self._compare()

    def observe(self, block: np.ndarray) -> None:
        """Simulated results, items of `sim.harness.process.record_type`."""
        if len(block):
            self._simulated.append(block)
        self._compare()

    @property
    def expecting(self) -> bool:
        """Whether golden results wait for simulated ones."""
        return bool(self._golden)

    def state(self, simulated: State, golden: State, slots: int) -> None:
        """Everything that training changes, after ``slots`` slots; LFSRs only where the hardware has them."""
        names = [("weights", "weight"), ("biases", "bias")]
        if self.design.arithmetic.rounding == "stochastic":
            names.append(("lfsr", "lfsr"))
        for name, what in names:
            ours, theirs = getattr(simulated, name), getattr(golden, name)
            if len(ours) != len(theirs):
                raise SimError(f"state must have {name} of {len(theirs)} junctions, got {len(ours)}")
            for junction, (have, want) in enumerate(zip(ours, theirs, strict=True), 1):
                if have.shape != want.shape:
                    raise SimError(f"junction {junction}: {name} must have shape {want.shape}, got {have.shape}")
                wrong = np.flatnonzero(have != want)
                if len(wrong):
                    index = int(wrong[0])
                    raise Mismatch(
                        f"state after {slots} slots: junction {junction}, {what} {index}"
                        f" (the first of {len(wrong)} that differ in this array)",
                        slot=slots,
                        what=what,
                        junction=junction,
                        index=index,
                        simulated=int(have[index]),
                        golden=int(want[index]),
                    )
                self.values_compared += have.size

    def counter(self, name: str, simulated: int, golden: int) -> None:
        """One of the machine's own counters, at the end."""
        if simulated != golden:
            raise Mismatch(
                f"counter {name}", slot=self._last_slot, what="counter", simulated=simulated, golden=golden
            )
        self.values_compared += 1

    def finish(self) -> None:
        """All results are in: raise a Mismatch if one side has results that the other lacks."""
        missing = sum(len(slots) for slots, _ in self._golden)
        extra = sum(len(block) for block in self._simulated)
        if missing or extra:
            slot = int(self._golden[0][0][0]) if missing else self._last_slot
            where = f"no result for slot {slot}" if missing else f"results after that of the last slot, {slot}"
            raise Mismatch(
                f"number of results, {where}",
                slot=slot,
                what="results",
                simulated=self.results_compared + extra,
                golden=self.results_compared + missing,
            )

    def _compare(self) -> None:
        while self._golden and self._simulated:
            (slots, golden), simulated = self._golden.popleft(), self._simulated.popleft()
            count = min(len(slots), len(simulated))
            self._equal(
                slots[:count],
                simulated[:count],
                Results(golden.predictions[:count], golden.correct[:count], golden.activations[:count]),
            )
            if count < len(slots):
                rest = Results(golden.predictions[count:], golden.correct[count:], golden.activations[count:])
                self._golden.appendleft((slots[count:], rest))
            if count < len(simulated):
                self._simulated.appendleft(simulated[count:])

    def _equal(self, slots: np.ndarray, simulated: np.ndarray, golden: Results) -> None:
        same = (simulated["activations"] == golden.activations).all(axis=1)
        same &= simulated["prediction"] == golden.predictions
        same &= simulated["correct"] == golden.correct
        if not same.all():
            self._raise_first(slots, simulated, golden, int(np.argmin(same)))
        self.results_compared += len(slots)
        self.values_compared += len(slots) * (2 + golden.activations.shape[1])
        self._last_slot = int(slots[-1])

    def _raise_first(self, slots: np.ndarray, simulated: np.ndarray, golden: Results, row: int) -> None:
        slot, place = int(slots[row]), f"slot {int(slots[row])}"
        junction = len(self.design.junctions)
        # activations first: a wrong prediction follows from a wrong activation
        have, want = simulated["activations"][row], golden.activations[row]
        wrong = np.flatnonzero(have != want)
        if len(wrong):
            index = int(wrong[0])
            raise Mismatch(
                f"{place}: junction {junction}, activation of neuron {index} (the first of {len(wrong)} that differ)",
                slot=slot,
                what="activation",
                junction=junction,
                index=index,
                simulated=int(have[index]),
                golden=int(want[index]),
            )
        for what, theirs in (("prediction", golden.predictions[row]), ("correct", golden.correct[row])):
            if int(simulated[what][row]) != int(theirs):
                raise Mismatch(
                    f"{place}: {what}", slot=slot, what=what, simulated=int(simulated[what][row]), golden=int(theirs)
                )
