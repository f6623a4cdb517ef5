"""Trained states in npz files: bit for bit, of this design only, undamaged only."""

from dataclasses import replace

import numpy as np
import pytest

from sw.design import lfsr
from sw.design.errors import DesignError
from sw.design.hashes import network_hash
from sw.design.states import load_state, save_state, state_hash
from tests.design.random_designs import random_design
from tests.design.shipped import flagship


def random_state(design, seed=1):
    rng = np.random.Generator(np.random.PCG64(seed))
    number = design.arithmetic.number
    return (
        [rng.integers(number.minimum, number.maximum + 1, j.weights) for j in design.junctions],
        [rng.integers(number.minimum, number.maximum + 1, j.right) for j in design.junctions],
        [rng.integers(1, 2**47, lfsr.groups(j.z), dtype=np.uint64) for j in design.junctions],
    )


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
        state = random_state(design, number)
        path = tmp_path / "state.npz"
        save_state(path, design, *state)
        loaded = load_state(path, design)
        for mine, theirs, kind in zip(state, loaded, (np.int64, np.int64, np.uint64), strict=True):
            for a, b in zip(mine, theirs, strict=True):
                assert b.dtype == kind
                assert np.array_equal(a, b)
    assert [p.name for p in tmp_path.iterdir()] == ["state.npz"]


def test_same_state_same_bytes(tmp_path):
    design = flagship()
    for name in ("a.npz", "b.npz"):
        save_state(tmp_path / name, design, *random_state(design))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_file_says_what_the_seeds_stood_for(tmp_path):
    design = flagship()
    save_state(tmp_path / "s.npz", design, *random_state(design))
    with np.load(tmp_path / "s.npz") as archive:
        for i, j in enumerate(design.junctions, 1):
            assert np.array_equal(archive[f"pattern_{i}"], j.pattern.table)
            assert np.array_equal(archive[f"initial_weights_{i}"], design.initial_weights()[i - 1])
        assert str(archive["network_hash"]) == network_hash(design)
        assert str(archive["state_hash"]) == state_hash(*random_state(design))


def test_orders_of_dithering_are_kept_and_checked(tmp_path):
    plain = flagship()
    design = replace(plain, pattern=(replace(plain.pattern[0], dither=True), plain.pattern[1]))
    state = random_state(design)
    path = tmp_path / "s.npz"
    save_state(path, design, *state)
    for mine, theirs in zip(state, load_state(path, design), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
    orders = design.junctions[0].pattern.orders
    with np.load(path) as archive:
        assert np.array_equal(archive["orders_1"], orders)
        assert "orders_2" not in archive.files
    assert message(altered(path, tmp_path / "t.npz", orders_1=orders[:, ::-1]), design) == (
        "orders_1 is not the pattern of the design"
    )
    assert message(altered(path, tmp_path / "t.npz", orders_1=None), design) == "the array orders_1 is missing"
    assert message(path, plain).startswith("the state of another design: ")


def test_state_hash_sees_every_array():
    state = random_state(flagship())
    hashes = {state_hash(*state)}
    for part in range(3):
        for junction in range(2):
            state[part][junction][-1] ^= state[part][junction].dtype.type(1)
            hashes.add(state_hash(*state))
    assert len(hashes) == 7
    narrow = [a.astype(np.int32) for a in state[0]]
    assert state_hash(narrow, *state[1:]) == state_hash(*state)


def test_a_state_of_another_design(tmp_path):
    design, other = flagship(), flagship(z=(32, 8))
    save_state(tmp_path / "s.npz", design, *random_state(design))
    assert message(tmp_path / "s.npz", other) == (
        f"the state of another design: its network hash is {network_hash(design)}, "
        f"that of mnist is {network_hash(other)}"
    )


def test_damaged_files(tmp_path):
    design = flagship()
    path = tmp_path / "s.npz"
    assert message(path, design) == "there is no such file"
    path.write_bytes(b"no archive")
    assert message(path, design) == "not an npz file (a zip archive of arrays)"
    np.savez(path, a=np.zeros(3))
    assert message(path, design) == "not a state file, it needs schema, network_hash, state_hash"
    save_state(path, design, *random_state(design))
    content = path.read_bytes()
    at = content.index(b"weights_1.npy") + 1000
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert message(path, design).startswith("cannot be read: Bad CRC-32")
    path.write_bytes(content[: len(content) // 2])
    assert message(path, design) == "not an npz file (a zip archive of arrays)"


def test_altered_arrays(tmp_path):
    design = flagship()
    weights, biases, states = random_state(design)
    save_state(tmp_path / "s.npz", design, weights, biases, states)

    def said(**arrays):
        return message(altered(tmp_path / "s.npz", tmp_path / "t.npz", **arrays), design)

    assert said(schema=np.array(1)) == "schema must be 2, got 1"
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
    assert said(pattern_1=design.junctions[0].pattern.table[::-1]) == (
        "pattern_1 is not the pattern of the design"
    )
    assert said(weights_1=weights[0][::-1]) == (
        "the arrays do not have the hash that was saved with them"
    )


def test_a_wrong_state_is_not_saved(tmp_path):
    design = flagship()
    weights, biases, states = random_state(design)
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
