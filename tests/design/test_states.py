"""Trained states in npz files: bit for bit, of this network only, undamaged only; they keep what seeds stood for."""

from dataclasses import fields, replace

import numpy as np
import pytest

from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.files import load, save
from sw.design.hashes import circuit_hash, network_hash
from sw.design.scaling import FeatureScaling
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Stages, Training
from sw.design.slots import Slots
from sw.design.states import load_scaling, load_state, save_state, state_hash
from sw.golden.network import GoldenNetwork, Results, State
from sw.pattern.errors import PatternError
from tests.design.random_designs import random_design
from tests.design.random_slots import random_slots
from tests.design.random_states import random_state
from tests.design.shipped import flagship


def arrays(design, seed=1):
    state = random_state(design, seed)
    return state.weights, state.biases, state.lfsr


def altered(path, target, **arrays):
    """A copy of a state file with some arrays replaced, or left out where None is given."""
    with np.load(path) as archive:
        content = {key: archive[key] for key in archive.files}
    content |= arrays
    np.savez(target, **{key: value for key, value in content.items() if value is not None})
    return target


def message(path, design) -> str:
    with pytest.raises(DesignError) as error:
        load_state(path, design)
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


def test_what_is_saved_is_loaded(tmp_path):
    rng = np.random.Generator(np.random.PCG64(31))
    for number in range(20):
        design = random_design(rng)
        state = arrays(design, number)
        path = tmp_path / "state.npz"
        save_state(path, design, *state)
        found, *loaded = load_state(path, design)
        assert found == design
        for mine, theirs, kind in zip(state, loaded, (np.int64, np.int64, np.uint64), strict=True):
            for a, b in zip(mine, theirs, strict=True):
                assert b.dtype == kind
                assert np.array_equal(a, b)
    assert [p.name for p in tmp_path.iterdir()] == ["state.npz"]


def test_same_state_same_bytes(tmp_path):
    design = flagship()
    for name in ("a.npz", "b.npz"):
        save_state(tmp_path / name, design, *arrays(design))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_file_says_what_the_seeds_stood_for(tmp_path):
    design = flagship()
    save_state(tmp_path / "s.npz", design, *arrays(design))
    with np.load(tmp_path / "s.npz") as archive:
        for i, j in enumerate(design.junctions, 1):
            assert np.array_equal(archive[f"pattern_{i}"], j.pattern.table)
            initial = design.arithmetic.number.from_real(archive[f"initial_weights_{i}"])
            assert np.array_equal(initial, design.initial_weights()[i - 1])
        assert str(archive["network_hash"]) == network_hash(design)
        assert str(archive["state_hash"]) == state_hash(*arrays(design))


def test_orders_of_dithering_are_kept_and_checked(tmp_path):
    plain = flagship()
    design = replace(plain, pattern=(replace(plain.pattern[0], dither=True), plain.pattern[1]))
    state = arrays(design)
    path = tmp_path / "s.npz"
    save_state(path, design, *state)
    for mine, theirs in zip(state, load_state(path, design)[1:], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
    orders = design.junctions[0].pattern.orders
    with np.load(path) as archive:
        assert np.array_equal(archive["orders_1"], orders)
        assert "orders_2" not in archive.files
    for other, said in (
        (orders[:, ::-1], "the design and its patterns do not have the hash that was saved with them"),
        (orders[1:], "junction 1: pattern: orders must be (4, 128) integers 0..127, got shape (3, 128) of int64"),
        (orders + 1, "junction 1: pattern: orders must be (4, 128) integers 0..127, got 1..128"),
        (None, "junction 1: orders must be there with dithering, and only then"),
    ):
        assert message(altered(path, tmp_path / "t.npz", orders_1=other), design) == said
    assert message(path, plain) == (
        "the state of another design: junction 1: pattern.dither is true there, false in mnist"
    )


def test_state_hash_sees_every_array():
    state = arrays(flagship())
    hashes = {state_hash(*state)}
    for part in range(3):
        for junction in range(2):
            state[part][junction][-1] ^= state[part][junction].dtype.type(1)
            hashes.add(state_hash(*state))
    assert len(hashes) == 7
    narrow = [a.astype(np.int32) for a in state[0]]
    assert state_hash(narrow, *state[1:]) == state_hash(*state)


def test_damaged_files(tmp_path):
    design = flagship()
    path = tmp_path / "s.npz"
    assert message(path, design) == "there is no such file"
    path.write_bytes(b"no archive")
    assert message(path, design) == "not an npz file (a zip archive of arrays)"
    np.savez(path, a=np.zeros(3))
    assert message(path, design) == "not a state file, it needs schema, design, network_hash, state_hash"
    save_state(path, design, *arrays(design))
    content = path.read_bytes()
    at = content.index(b"weights_1.npy") + 1000
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert message(path, design).startswith("cannot be read: Bad CRC-32")
    path.write_bytes(content[: len(content) // 2])
    assert message(path, design) == "not an npz file (a zip archive of arrays)"


def test_altered_arrays(tmp_path):
    design = flagship()
    weights, biases, states = arrays(design)
    save_state(tmp_path / "s.npz", design, weights, biases, states)

    def said(**arrays):
        return message(altered(tmp_path / "s.npz", tmp_path / "t.npz", **arrays), design)

    assert said(schema=np.array(1)) == (
        "schema must be 2, got 1: another version has saved this state; train again"
    )
    for name in ("design", "network_hash", "state_hash", "pattern_2", "initial_weights_1"):
        assert said(**{name: None}) == f"the array {name} is missing"
    for text, fault in (("=", "not valid TOML: Invalid statement (at line 1, column 1)"),
                        ("schema = 2", "schema must be 1, got 2")):
        assert said(design=np.array(text)) == fault
    assert said(biases_2=None) == "the array biases_2 is missing"
    assert said(weights_1=weights[0][1:]) == (
        "junction 1: weights must be 4096 integers, got shape (4095,) of int64"
    )
    assert said(weights_2=weights[1] / 2) == (
        "junction 2: weights must be 1024 integers, got shape (1024,) of float64"
    )
    assert said(biases_1=np.full(64, 2048)) == (
        "junction 1: biases[0] must be -2048..2047, got 2048"
    )
    assert said(lfsr_1=np.array([1, 2, 3, 0], np.uint64)) == (
        f"junction 1: lfsr[3] must be 1..{2**47 - 1}, got 0"
    )
    table, hashed = design.junctions[0].pattern.table, "do not have the hash that was saved with them"
    assert said(pattern_1=table[::-1]) == f"the design and its patterns {hashed}"
    assert said(network_hash=np.array("0" * 16)) == f"the design and its patterns {hashed}"
    assert said(pattern_1=table[:, 0]) == (
        "junction 1: pattern: table must be (4, 128) integers 0..7, got shape (4,) of int64"
    )
    assert said(pattern_1=table / 2) == (
        "junction 1: pattern: table must be (4, 128) integers 0..7, got shape (4, 128) of float64"
    )
    assert said(pattern_1=table + 8) == "junction 1: pattern: table must be (4, 128) integers 0..7, got 8..15"
    assert said(initial_weights_2=np.full(1024, np.nan)) == (
        "junction 2: initial weights must be 1024 finite real numbers, got shape (1024,) of float64"
    )
    assert said(weights_1=weights[0][::-1]) == f"the arrays {hashed}"


def test_a_wrong_state_is_not_saved(tmp_path):
    design = flagship()
    weights, biases, states = arrays(design)
    path = tmp_path / "s.npz"
    with pytest.raises(DesignError) as error:
        save_state(path, design, weights[:1], biases, states)
    assert str(error.value) == (
        f"{path}: weights needs one array per junction, 2 of them, got 1"
    )
    weights[1][5] = -2049
    with pytest.raises(DesignError) as error:
        save_state(path, design, weights, biases, states)
    assert str(error.value) == (
        f"{path}: junction 2: weights[5] must be -2048..2047, got -2049"
    )
    assert list(tmp_path.iterdir()) == []


# A state lives as long as its network.


def test_another_circuit_takes_the_same_state(tmp_path):
    """With the lags of before, whatever else the hardware and the training are."""
    design = flagship()
    path, state = tmp_path / "s.npz", arrays(design)
    save_state(path, design, *state)
    hardware, training = replace(design.hardware, lags=(4, 1)), replace(design.training, rate_shift=((0, 9),))
    for other in (
        replace(design, hardware=replace(hardware, lutram_rows=0)),
        replace(design, hardware=replace(hardware, multipliers="lut")),
        *(replace(design, hardware=replace(hardware, stages=stages))
          for stages in (Stages(multiply=1), Stages(add=3), Stages(chain=2), Stages(chain=8))),
        replace(design, name="other", training=training, data=Data("digits", 5, 5, 3)),
    ):
        assert network_hash(other) == network_hash(design)
        found, *loaded = load_state(path, other)
        assert found == other
        for mine, theirs in zip(state, loaded, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def small() -> Design:
    """With room in its lags; every field of its network can be another one."""
    return Design(
        name="small",
        network=Network((16, 8, 4), 12, 3, (2, 2), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(),
        hardware=Hardware((8, 4), lags=(9, 4)),
    )


@pytest.mark.parametrize(("changes", "said"), [
    ({"network": {"neurons": (16, 8, 8)}}, "network.neurons is [16, 8, 4] there, [16, 8, 8] in small"),
    ({"network": {"inputs": 11}}, "network.inputs is 12 there, 11 in small"),
    ({"network": {"classes": 4}}, "network.classes is 3 there, 4 in small"),
    ({"network": {"out_degree": (1, 2)}}, "network.out_degree is [2, 2] there, [1, 2] in small"),
    (
        {"network": {"activation": ("relu", "sigmoid")}},
        'network.activation is ["sigmoid", "sigmoid"] there, ["relu", "sigmoid"] in small',
    ),
    ({"network": {"cost": "quadratic"}}, 'network.cost is "cross_entropy" there, "quadratic" in small'),
    ({"pattern": {"kind": 1}}, "junction 2: pattern.kind is 2 there, 1 in small"),
    ({"pattern": {"sweeps_per_start": 2}}, "junction 2: pattern.sweeps_per_start is 1 there, 2 in small"),
    ({"pattern": {"dither": True}}, "junction 2: pattern.dither is false there, true in small"),
    ({"pattern": {"seed": 2}}, "junction 2: pattern.seed is 1 there, 2 in small"),
    ({"arithmetic": {"width": 11}}, "arithmetic.width is 12 there, 11 in small"),
    ({"arithmetic": {"integer_bits": 2}}, "arithmetic.integer_bits is 3 there, 2 in small"),
    (
        {"arithmetic": {"preactivation_integer_bits": 4}},
        "arithmetic.preactivation_integer_bits is 3 there, 4 in small",
    ),
    ({"arithmetic": {"table_bits": 11}}, "arithmetic.table_bits is 12 there, 11 in small"),
    ({"arithmetic": {"rounding": "stochastic"}}, 'arithmetic.rounding is "nearest" there, "stochastic" in small'),
    ({"hardware": {"z": (4, 4)}}, "hardware.z is [8, 4] there, [4, 4] in small"),
    ({"hardware": {"lags": (10, 4)}}, "hardware.lags is [9, 4] there, [10, 4] in small"),
    ({"hardware": {"lags": ()}}, "hardware.lags is [9, 4] there, [8, 3] in small"),
])
def test_another_network_is_refused(tmp_path, changes, said):
    design = small()
    save_state(tmp_path / "s.npz", design, *arrays(design))
    ((table, change),) = changes.items()
    before = design.pattern[1] if table == "pattern" else getattr(design, table)
    after = replace(before, **change)
    other = replace(design, **{table: (design.pattern[0], after) if table == "pattern" else after})
    assert network_hash(other) != network_hash(design)
    assert message(tmp_path / "s.npz", other) == f"the state of another design: {said}"


# What the seeds stood for


def trained(design: Design, slots: Slots) -> tuple[GoldenNetwork, State, Results]:
    """The golden model after some slots, its state, and what it said of all of them."""
    golden = GoldenNetwork(design)
    results = golden.run(Slots.join(slots, golden.flush()))
    return golden, golden.state(), results


def same(one: State, two: State) -> bool:
    return state_hash(one.weights, one.biases, one.lfsr) == state_hash(two.weights, two.biases, two.lfsr)


@pytest.fixture
def another_drawing(monkeypatch):
    """A later version: called, every seed stands for other random numbers from then on."""
    drawn = np.random.PCG64
    return lambda: monkeypatch.setattr(np.random, "PCG64", lambda seed: drawn([*np.atleast_1d(seed), 4711]))


@pytest.mark.parametrize("kinds", [(1, 2), (2, 3), (3, 1)])
@pytest.mark.parametrize("dither", [False, True])
def test_a_state_brings_the_design_that_it_was_saved_with(tmp_path, another_drawing, kinds, dither):
    """From the file alone and from the design file, though patterns and weights would now be drawn otherwise."""
    patterns = tuple(PatternSettings(kind=kind, dither=dither, seed=5) for kind in kinds)
    free = Hardware((4, 4))
    design = replace(small(), pattern=patterns, hardware=free, arithmetic=Arithmetic(rounding="stochastic"),
                     training=Training(start="s.npz"))
    slots, more = random_slots(design, 60, 3), random_slots(design, 40, 8)
    golden, state, results = trained(design, slots)
    before, circuit, initial = network_hash(design), circuit_hash(design), design.initial_weights()
    after = golden.run(more)
    save_state(tmp_path / "s.npz", design, state.weights, state.biases, state.lfsr)
    save(design, tmp_path / "d.toml")

    another_drawing()
    redrawn = Design(**{f.name: getattr(design, f.name) for f in fields(design)})
    assert network_hash(redrawn) != before  # the fault is planted
    assert not np.array_equal(redrawn.initial_weights()[0], initial[0])

    alone, *arrays = load_state(tmp_path / "s.npz")
    assert alone == replace(load(tmp_path / "d.toml"), hardware=alone.hardware)
    for found in (alone, load(tmp_path / "d.toml"), load_state(tmp_path / "s.npz", redrawn)[0]):
        assert (network_hash(found), circuit_hash(found)) == (before, circuit)
        assert all(np.array_equal(a, b) for a, b in zip(found.initial_weights(), initial, strict=True))
        _, state_now, results_now = trained(found, slots)
        assert same(state_now, state)
        assert np.array_equal(results_now.activations, results.activations)
        resumed = GoldenNetwork(found)
        resumed.load(State(*arrays))
        again = resumed.run(more)
        assert np.array_equal(again.activations, after.activations)
    # saved once more, it is the same file
    save_state(tmp_path / "t.npz", *load_state(tmp_path / "s.npz"))
    assert (tmp_path / "t.npz").read_bytes() == (tmp_path / "s.npz").read_bytes()


def test_a_state_is_loaded_though_its_patterns_can_no_longer_be_drawn(tmp_path, monkeypatch):
    design = replace(
        small(), network=Network((12, 9, 9), 8, 4, (6, 1), ("sigmoid", "sigmoid")), hardware=Hardware((2, 1)),
        training=Training(start="s.npz"),
    )
    save_state(tmp_path / "s.npz", design, *arrays(design))
    save(design, tmp_path / "d.toml")

    def refused(*ignored):
        raise PatternError("not drawn")

    monkeypatch.setattr("sw.pattern.clash_free._draw", refused)
    with pytest.raises(DesignError, match=r"^junction 1: not drawn$"):
        replace(design, name="redrawn")
    assert network_hash(load_state(tmp_path / "s.npz")[0]) == network_hash(design) == network_hash(
        load(tmp_path / "d.toml")
    )


def test_two_states_of_the_same_seeds_drawn_otherwise(tmp_path, another_drawing):
    """A design that holds the patterns of one does not take the weights of the other."""
    design = small()
    save_state(tmp_path / "old.npz", design, *arrays(design))
    another_drawing()
    redrawn = replace(design)
    save_state(tmp_path / "new.npz", redrawn, *arrays(design))
    old, new = (load_state(tmp_path / name, redrawn)[0] for name in ("old.npz", "new.npz"))
    assert network_hash(old) == network_hash(design) != network_hash(new)
    assert (new, old.drawn is None) == (redrawn, False)
    said = "its seeds stand for other patterns or initial weights than small holds"
    assert message(tmp_path / "new.npz", old) == said


def test_a_design_file_and_its_start_disagree(tmp_path):
    design = replace(small(), training=Training(start="s.npz"))
    path, state = tmp_path / "d.toml", tmp_path / "s.npz"
    save(design, path)

    def said() -> str:
        with pytest.raises(DesignError) as error:
            load(path)
        return str(error.value)

    assert said() == f"{path}: {state}: there is no such file"
    save_state(state, design, *arrays(design))
    assert load(path) == design
    save(replace(design, pattern=(replace(design.pattern[0], seed=2), design.pattern[1])), path)
    assert said() == f"{path}: {state}: the state of another design: junction 1: pattern.seed is 1 there, 2 in small"
    save(replace(design, hardware=replace(design.hardware, lags=(1, 1))), path)
    assert said() == f"{path}: junction 2: hardware.lags is 1 but its pipeline needs at least 3 slots"


def test_the_scaling_of_the_features_is_kept(tmp_path):
    design = flagship()
    state = arrays(design)
    kept = np.array([True, False, True])
    ranges = FeatureScaling("per_feature", np.array([0.0, -1.0]), np.array([2.0, 7.5]), kept)
    save_state(tmp_path / "s.npz", design, *state, ranges)
    found = load_scaling(tmp_path / "s.npz")
    assert (found.kind, found.low.tolist(), found.high.tolist()) == ("per_feature", [0, -1], [2, 7.5])
    assert found.kept.tolist() == kept.tolist()
    save_state(tmp_path / "s.npz", design, *state)
    assert load_scaling(tmp_path / "s.npz") is None
    with pytest.raises(DesignError, match=r"none\.npz: there is no such file$"):
        load_scaling(tmp_path / "none.npz")
