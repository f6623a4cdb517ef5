"""FF: activations and slopes of right neurons are those of the golden model, at their stage, whatever the pauses."""

import numpy as np
import pytest

from hw.forward import Forward
from sw.design.schedule import Schedule
from sw.golden.junction import GoldenJunction
from tests.hw.designs import make
from tests.hw.play import play

SLOTS = 6
# of the first junction: activation, out-degree, z, and the stages
CASES = [
    ("sigmoid", 4, 2, (1, 2, 1), 1),  # four clocks per right neuron
    ("sigmoid", 2, 4, (2, 1, 2), 2),  # one
    ("relu", 2, 12, (3, 3, 1, 2), 2),  # three right neurons in a clock, chains of two
    ("relu", 1, 4, (4, 1, 3, 1), 1),  # two, and no chains
]


@pytest.mark.parametrize("width", [5, 18])
@pytest.mark.parametrize(("activation", "out_degree", "z", "stages", "read"), CASES)
def test_activations_at_their_stage(activation, out_degree, z, stages, read, width):
    design = make(
        "forward", (12, 6, 2), (out_degree, 2), (z, 6), activation=(activation, "sigmoid"), stages=stages, read=read,
        width=width, integer_bits=1, preactivation_integer_bits=2, kind=1,
    )  # fmt: skip
    j, number = design.junctions[0], design.arithmetic.number
    st, golden = Schedule.of(design).stages[0], GoldenJunction(design, design.junctions[0])
    rng = np.random.Generator(np.random.PCG64([width, z]))
    # at the ends of the range, then anything
    golden.weights[:] = rng.choice([number.minimum, number.maximum], j.weights)
    features = rng.integers(0, 256, (SLOTS, j.left))
    features[0] = 255
    work = []  # slot and clock of its cycle, or None for a pause
    for slot in range(SLOTS):
        for clock in range(j.clocks):
            work += [None] * int(rng.geometric(0.6) - 1) + [(slot, clock)]

    due = []
    edges = np.zeros((SLOTS, *golden.shape), golden.dtype)
    for slot in range(SLOTS):
        if slot == SLOTS // 2:
            golden.weights[:] = rng.integers(number.minimum // 2, number.maximum // 2, j.weights)
        golden.biases[:] = rng.integers(number.minimum, number.maximum + 1, j.right)
        s, activations = golden.forward(features[slot].astype(golden.dtype), edges[slot])
        due.append((golden.weights.copy(), golden.biases.copy(), activations, golden.slope(s)))

    # everything at its stage, from `operands` on; elsewhere anything
    later = {"left": 0, "weights": 0, "biases": 0, "go": st.tree - st.operands, "first": st.tree - st.operands}
    finished = st.activation - st.operands
    steps: list[dict] = []
    for _ in range(len(work) + finished + 1):
        steps.append({
            "left": rng.integers(0, 256, j.z), "weights": rng.integers(number.minimum, number.maximum + 1, j.z),
            "biases": rng.integers(number.minimum, number.maximum + 1, j.per_clock), "go": 0,
            "first": rng.integers(0, 2),
        })  # fmt: skip
    ends = []
    for at, what in enumerate(work):
        if what is None:
            continue
        slot, clock = what
        weights, biases, *_ = due[slot]
        group = clock // j.clocks_per_group
        given = {
            "left": edges[slot].reshape(j.clocks, j.z)[clock], "weights": weights.reshape(j.clocks, j.z)[clock],
            "biases": biases.reshape(-1, j.per_clock)[group], "go": 1, "first": clock % j.clocks_per_group == 0,
        }  # fmt: skip
        for name, value in given.items():
            steps[at + later[name]][name] = value
        if clock % j.clocks_per_group == j.clocks_per_group - 1:
            ends.append((at + finished, slot, group))
    seen = play(Forward(design, j, st, j.z // 2), steps, ["activations", "slopes"])
    assert len(ends) == SLOTS * j.right // j.per_clock
    found = set()
    for at, slot, group in ends:
        activations, slopes = (of.reshape(-1, j.per_clock)[group] for of in due[slot][2:])
        assert seen["activations"][at].tolist() == activations.tolist(), (slot, group)
        unit = number.fraction_bits if activation == "relu" else 0
        assert (seen["slopes"][at] << unit).tolist() == slopes.tolist(), (slot, group)
        found |= set(activations.tolist())
    assert len(found) > 5


@pytest.mark.usefixtures("units_left_unused")
def test_slopes_are_there_only_where_deltas_are_scaled():
    design = make("forward", (4, 4, 2), (2, 2), (4, 2))
    schedule = Schedule.of(design)
    units = [Forward(design, j, schedule.stages[j.index - 1], 0) for j in design.junctions]
    assert [hasattr(unit, "slopes") for unit in units] == [True, False]
