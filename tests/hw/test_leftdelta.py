"""Left deltas: sums over the sweeps, whatever the distance at which a row comes back, and their read-out."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from hw.leftdelta import LeftDelta
from sw.design.design import Design
from sw.golden.junction import GoldenJunction
from tests.faults.plant import Plant
from tests.hw.designs import make
from tests.hw.play import play

# (neurons, out-degrees, z) of two junctions, kind of the pattern; the second junction is under test
ONE_ROW = ((4, 4, 4), (2, 2), (4, 4), 1)  # D = 1: every row comes back in the next clock
TWO_ROWS = ((4, 4, 4), (2, 4), (2, 2), 1)
THREE_ROWS = ((4, 6, 6), (3, 4), (2, 2), 1)
CASES = [
    ONE_ROW,
    TWO_ROWS,
    THREE_ROWS,
    ((4, 6, 6), (3, 2), (2, 2), 2),  # D = 3
    ((4, 4, 4), (2, 4), (2, 2), 3),  # D = 2: always after two clocks
    ((4, 6, 4), (3, 2), (2, 6), 3),
    ((4, 4, 4), (1, 1), (2, 2), 2),  # one sweep, first and last at once
    ((2, 34, 2), (17, 2), (1, 17), 1),  # more lanes than share a copy of a register
]
SETS, SLOTS = 3, 5


def build(case, width: int, read: int = 2) -> Design:
    neurons, out_degree, z, kind = case
    return make(
        "left", neurons, out_degree, z, kind=kind, width=width, integer_bits=1, preactivation_integer_bits=2, read=read,
        seed=10,
    )


def work(design: Design, chance: float) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Weights and deltas of some slots, and the clock of each clock of their junction cycles; 1 at least."""
    j, number = design.junctions[1], design.arithmetic.number
    rng = np.random.Generator(np.random.PCG64([number.width, j.z]))
    weights, deltas = (
        rng.integers(number.minimum, number.maximum + 1, (SLOTS, n)) for n in (j.weights, j.right)
    )
    weights[:-2] //= 4  # most sums stay in the range
    # the largest sum there is, and nearly the smallest, in slots whose deltas are still there at the end
    weights[-1], deltas[-1] = number.minimum, number.minimum
    weights[-2], deltas[-2] = number.minimum, number.maximum
    clocks = np.cumsum(1 + rng.geometric(1 - chance, SLOTS * j.clocks) - 1)
    return weights, deltas, clocks.tolist()


def distances(design: Design, clocks: list[int]) -> set[int]:
    """After how many clocks a row of a bank comes back, in the first of the slots that are compared."""
    j, found = design.junctions[1], set()
    for lane in range(j.z):
        last: dict[int, int] = {}
        for clock, row in zip(clocks[(SLOTS - SETS) * j.clocks :], j.pattern.rows[:, lane], strict=False):
            if row in last:
                found.add(clock - last[row])
            last[row] = clock
    return found


def check(design: Design, chance: float) -> None:
    """The deltas of the last slots are those of the golden model, and of Python's integers."""
    j, number = design.junctions[1], design.arithmetic.number
    width, per_read = number.width, design.junctions[0].per_clock
    weights, deltas, clocks = work(design, chance)
    products = (weights * np.repeat(deltas, j.in_degree, axis=1)).reshape(SLOTS * j.clocks, j.z)

    # anything at the ports in a pause, and nothing happens
    rng, steps = np.random.Generator(np.random.PCG64(1)), []
    for _ in range(clocks[-1] + 5):
        junk = rng.integers(-(1 << (2 * width - 2)), 1 << (2 * width - 2), j.z)
        rows = rng.integers(0, j.depth, j.z)
        ends = {name: rng.integers(0, 2) for name in ("first", "last")}
        steps.append({"go": 0, "rows": rows, "products": junk, "slot": rng.integers(0, 8)} | ends)
    for n, clock in enumerate(clocks):
        slot, position = divmod(n, j.clocks)
        first = {"first": position < j.depth}
        steps[clock - 1] |= {"rows": j.pattern.rows[position]} | first
        steps[clock] |= {"go": 1, "last": position >= j.clocks - j.depth}
        if j.depth == 1:  # the only row's sum is not touched in a pause, but where it is to start anew
            for pause in range(clocks[n - 1] if n else 0, clock - 1):
                steps[pause] |= first
        steps[clock + 1] |= {"products": products[n]}
        steps[clock + 2] |= {"slot": slot}
    reads: list[dict[str, Any]] = [
        {"read_slot": slot, "read_row": row, "read_part": part}
        for slot in range(SLOTS - SETS, SLOTS) for row in range(j.depth) for part in range(j.z // per_read)
    ]  # fmt: skip
    unit = LeftDelta(design, j, sets=SETS, per_read=per_read, slot_bits=3)
    latency = design.hardware.stages.read + 1
    seen = play(unit, [*steps, *reads, *[{"go": 0}] * latency], ["read_data"])["read_data"][-len(reads) :]

    golden = GoldenJunction(design, j)
    due = np.zeros((SLOTS, j.left), int)
    for slot in range(SLOTS):
        golden.weights[:] = weights[slot]
        due[slot] = golden.backward(deltas[slot].astype(golden.dtype))
        exact = np.zeros(j.left, object)
        np.add.at(exact, j.pattern.left_of, products.reshape(SLOTS, -1)[slot].astype(object))
        half, n = 1 << (number.fraction_bits - 1), number.fraction_bits
        assert due[slot].tolist() == [int(number.saturate((int(e) + half) >> n)) for e in exact]
    assert due[-1].max() == number.maximum
    assert due[-2].min() == number.minimum
    for found, read in zip(seen, reads, strict=True):
        neuron = read["read_row"] * j.z + read["read_part"] * per_read
        assert found.tolist() == due[read["read_slot"]][neuron : neuron + per_read].tolist(), read


@pytest.mark.parametrize("chance", [0, 0.5])
@pytest.mark.parametrize("width", [4, 18])
@pytest.mark.parametrize("case", CASES)
def test_sums_of_slots_with_pauses(case, width, chance):
    # either way of reading the results out
    check(build(case, width, 1 if width == 4 else 2), chance)


def test_rows_come_back_at_every_distance():
    """The cases above hold what the prototype got wrong: a row at a sweep's end, and at the start of the next."""
    found = defaultdict(set)
    for case in CASES:
        for chance in (0, 0.5):
            design = build(case, 9)
            found[design.junctions[1].depth] |= distances(design, work(design, chance)[2])
    assert min(found[1]) == 1
    for depth in (2, 3):
        assert {1, 2, 3} <= found[depth]


# what is passed on, and where the fault shows: the distances at which a row comes back without pauses
PASSED_ON = [
    ("the sum of the clock before is not passed on", ("Mux(again, total,", "Mux(0, total,"), 1),
    ("that of two clocks before is not passed on", ("Mux(before, exact, old)", "old"), 2),
    ("passed on after a pause too", ("again.eq(self.go & (", "again.eq(1 & ("), 0),
    ("passed on after an older pause too", ("before.eq(going & (", "before.eq(1 & ("), 0),
]  # fmt: skip


@pytest.mark.parametrize(("change", "distance"), [p[1:] for p in PASSED_ON], ids=[p[0] for p in PASSED_ON])
def test_a_sum_passed_on_wrongly_is_found(change, distance):
    """Without pauses only where a row does come back so soon; with them wherever one of the distances occurs."""
    plant = Plant(LeftDelta, "elaborate", (change,))
    caught = 0
    for case in CASES[1:5]:
        design = build(case, 9)
        for chance in (0, 0.5):
            wrong = distance in distances(design, work(design, chance)[2])
            with plant.planted():
                if distance and not wrong:
                    check(design, chance)
                elif distance or (chance and case in (TWO_ROWS, THREE_ROWS)):
                    with pytest.raises(AssertionError):
                        check(design, chance)
                    caught += 1
    assert caught > 0
