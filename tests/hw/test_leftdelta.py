"""Left deltas: sums over the sweeps, whatever the distance at which a row comes back, and their read-out."""

from itertools import pairwise

import numpy as np
import pytest

from hw.leftdelta import LeftDelta
from sw.design.design import Design
from sw.golden.junction import GoldenJunction
from tests.hw.designs import make
from tests.hw.play import play

# (neurons, out-degrees, z) of two junctions, kind of the pattern; the second junction is under test
CASES = [
    ((4, 4, 4), (2, 2), (4, 4), 1),  # D = 1: every row comes back in the next clock
    ((4, 4, 4), (2, 4), (2, 2), 1),  # D = 2
    ((4, 6, 6), (3, 2), (2, 2), 2),  # D = 3
    ((4, 6, 4), (3, 2), (2, 6), 3),
    ((4, 4, 4), (1, 1), (2, 2), 2),  # one sweep, first and last at once
]


def build(case, width: int, seed: int = 1) -> Design:
    neurons, out_degree, z, kind = case
    return make(
        "left", neurons, out_degree, z, kind=kind, seed=seed, width=width, integer_bits=1, preactivation_integer_bits=2
    )


def test_rows_do_come_back_at_once():
    """The cases below hold what the prototype got wrong: a row at the end of a sweep and at the start of the next."""
    together = 0
    for case in CASES[1:3]:
        rows, depth = build(case, 8).junctions[1].pattern.rows, build(case, 8).junctions[1].depth
        together += int((rows[depth - 1 : -1 : depth] == rows[depth::depth]).sum())
    assert together > 0


@pytest.mark.parametrize("width", [4, 9, 18])
@pytest.mark.parametrize("case", CASES)
def test_sums_of_slots_with_pauses(case, width):
    design = build(case, width)
    j, number = design.junctions[1], design.arithmetic.number
    per_read, sets, slots = design.junctions[0].per_clock, 3, 5
    rng = np.random.Generator(np.random.PCG64([width, j.z]))
    weights, deltas = (
        rng.integers(number.minimum, number.maximum + 1, (slots, n)) for n in (j.weights, j.right)
    )
    # the largest sum there is, and nearly the smallest, in slots whose deltas are still there at the end
    weights[-1], deltas[-1] = number.minimum, number.minimum
    weights[-2], deltas[-2] = number.minimum, number.maximum
    products = weights * np.repeat(deltas, j.in_degree, axis=1)

    steps, parts, reads = [], j.z // per_read, []
    for slot in range(slots):
        for clock in range(j.clocks):
            while rng.random() < 0.3:  # a pause: anything at the ports, nothing happens
                junk = rng.integers(-(1 << (2 * width - 2)), 1 << (2 * width - 2), j.z)
                steps.append(
                    {"go": 0, "first": rng.integers(0, 2), "last": 1, "rows": rng.integers(0, j.depth, j.z),
                     "products": junk, "of": rng.integers(0, slot + 1)}
                )  # fmt: skip
            steps.append(
                {"go": 1, "first": clock < j.depth, "last": clock >= j.clocks - j.depth, "rows": j.pattern.rows[clock],
                 "products": products[slot].reshape(j.clocks, j.z)[clock]}
            )  # fmt: skip
            steps[-1]["of"] = slot
    for _ in range(3):
        steps.append({"go": 0})
    # rows are due a clock before the rest
    steps.insert(0, {})
    for before, step in pairwise(steps):
        if "rows" in step:
            before["rows"] = step.pop("rows")
    # the slot's number belongs to the stage two clocks later
    owners = [step.pop("of", 0) for step in steps]
    for at in range(2, len(steps)):
        steps[at]["slot"] = owners[at - 2]
    for slot in range(slots - sets, slots):
        for row in range(j.depth):
            for part in range(parts):
                reads.append((slot, row * j.z + part * per_read))
                steps.append({"read_slot": slot, "read_row": row, "read_part": part})
    steps += [{}, {}]
    unit = LeftDelta(design, j, sets=sets, per_read=per_read, slot_bits=3)
    seen = play(unit, steps, ["read_data"])["read_data"][-len(reads) :]

    golden = GoldenJunction(design, j)
    due = np.zeros((slots, j.left), int)
    for slot in range(slots):
        golden.weights[:] = weights[slot]
        due[slot] = golden.backward(deltas[slot].astype(golden.dtype))
        exact = np.zeros(j.left, object)
        np.add.at(exact, j.pattern.left_of, products[slot].astype(object))
        half, n = 1 << (number.fraction_bits - 1), number.fraction_bits
        assert due[slot].tolist() == [int(number.saturate((int(e) + half) >> n)) for e in exact]
    assert due[-1].max() == number.maximum
    assert due[-2].min() == number.minimum
    for found, (slot, neuron) in zip(seen, reads, strict=True):
        assert found.tolist() == due[slot][neuron : neuron + per_read].tolist(), (slot, neuron)
