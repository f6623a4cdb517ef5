"""BP: left deltas of a junction with and without crossbars are those of the golden model."""

import numpy as np
import pytest

from hw.backward import Backward
from sw.design.schedule import Schedule
from sw.golden.junction import GoldenJunction
from tests.faults.plant import Plant
from tests.hw.designs import make
from tests.hw.play import play

SLOTS, SETS = 4, 4
# kind, dithered, out-degree, z of the second junction, registers in a multiplier, clocks of a read
CASES = [(1, False, 4, 2, 1, 1), (2, True, 2, 6, 2, 2), (3, True, 3, 3, 3, 1), (1, True, 3, 3, 2, 2)]


def check(kind: int, dither: bool, out_degree: int, z: int, multiply: int, read: int, *, width: int = 9) -> None:
    design = make(
        "backward", (4, 6, 6), (3, out_degree), (2, z), kind=kind, dither=dither, stages=(multiply, 2, 1), read=read,
        width=width, integer_bits=1, preactivation_integer_bits=2, seed=7,
    )  # fmt: skip
    j, number, per_read = design.junctions[1], design.arithmetic.number, design.junctions[0].per_clock
    assert j.crossbar == dither
    st, golden = Schedule.of(design).stages[1], GoldenJunction(design, design.junctions[1])
    rng = np.random.Generator(np.random.PCG64([z, kind]))
    weights = rng.integers(number.minimum, number.maximum + 1, (SLOTS, j.weights))
    deltas = rng.integers(number.minimum, number.maximum + 1, (SLOTS, j.right))
    deltas[:2] //= 4
    weights[2:] = number.minimum
    deltas[2:] = [[number.minimum], [number.maximum]]
    due = []
    for slot in range(SLOTS):
        golden.weights[:] = weights[slot]
        due.append(golden.backward(deltas[slot].astype(golden.dtype)))
    assert {number.minimum, number.maximum} <= set(np.concatenate(due).tolist())

    # pauses before each clock of work; everything at its stage, from `left_address` on, and elsewhere anything
    begins = np.cumsum(rng.geometric(0.6, SLOTS * j.clocks))
    orders, clocks_per_order = len(j.pattern.table), j.pattern.sweeps_per_start * j.depth
    steps: list[dict] = []
    for _ in range(int(begins[-1]) + st.left_delta + 2):
        steps.append({
            "weights": rng.integers(number.minimum, number.maximum + 1, j.z),
            "deltas": rng.integers(number.minimum, number.maximum + 1, j.z),
            "rows": rng.integers(0, j.depth, j.z), "order": rng.integers(0, orders), "go": 0,
            "first": rng.integers(0, 2), "last": rng.integers(0, 2), "slot": rng.integers(0, 4),
        })  # fmt: skip
    for n, begin in enumerate(begins):
        slot, clock = divmod(n, j.clocks)
        at = begin - st.left_address
        steps[at + st.left_address]["rows"] = j.pattern.rows[clock]
        steps[at + st.operands] |= {
            "weights": weights[slot].reshape(j.clocks, j.z)[clock],
            "deltas": deltas[slot][(clock * j.z + np.arange(j.z)) // j.in_degree],
        }
        steps[at + st.product]["order"] = clock // clocks_per_order
        steps[at + st.partial - 2]["first"] = clock < j.depth
        steps[at + st.partial - 1] |= {"go": 1, "last": clock >= j.clocks - j.depth}
        steps[at + st.left_delta - 1]["slot"] = slot
    reads = [
        {"read_slot": slot, "read_row": row, "read_part": part}
        for slot in range(SLOTS) for row in range(j.depth) for part in range(j.z // per_read)
    ]  # fmt: skip
    unit = Backward(design, j, st, j.z // 2, sets=SETS, per_read=per_read, slot_bits=2)
    seen = play(unit, [*steps, *reads, *[{"go": 0}] * (read + 1)], ["read_data"])["read_data"][-len(reads) :]
    for found, asked in zip(seen, reads, strict=True):
        neuron = asked["read_row"] * j.z + asked["read_part"] * per_read
        assert found.tolist() == due[asked["read_slot"]][neuron : neuron + per_read].tolist(), asked


@pytest.mark.parametrize("width", [5, 18])
@pytest.mark.parametrize("case", CASES)
def test_left_deltas_of_the_golden_model(case, width):
    check(*case, width=width)


@pytest.mark.usefixtures("units_left_unused")
@pytest.mark.parametrize(
    "change",
    [
        ("np.argsort(j.pattern.orders, axis=1)", "j.pattern.orders"),
        ("Timed(self.order, st.product)", "Timed(self.order, st.product - 1)"),
        ("value.stage - 2)", "value.stage - 1)"),
    ],
)
def test_products_in_other_banks_are_found(change):
    with Plant(Backward, "elaborate", (change,)).planted(), pytest.raises(AssertionError):
        check(*CASES[3])
