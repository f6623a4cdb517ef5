"""The sequence of slots: shapes, cutting and joining."""

import numpy as np
import pytest

from sw.design.errors import DesignError
from sw.design.settings import Network
from sw.design.slots import EMPTY, INFER, TRAIN, Slots

FEATURES = np.arange(12, dtype=np.uint8).reshape(4, 3)


def test_kinds():
    train = Slots.train(FEATURES, [1, 0, 2, 1], [3, 3, 4, 4])
    infer = Slots.infer(FEATURES, [1, 0, 2, 1])
    empty = Slots.empty(2, 3)
    assert train.kinds.tolist() == [TRAIN] * 4
    assert train.rate_shifts.tolist() == [3, 3, 4, 4]
    assert infer.kinds.tolist() == [INFER] * 4
    assert empty.kinds.tolist() == [EMPTY] * 2
    assert len(Slots.join(train, empty, infer)) == 10


def test_cut_and_join_is_the_identity():
    slots = Slots.join(
        Slots.train(FEATURES, [1, 0, 2, 1], [3] * 4), Slots.empty(1, 3), Slots.infer(FEATURES, [0] * 4)
    )
    again = Slots.join(slots[:3], slots[3:3], slots[3:])
    for name in ("features", "labels", "kinds", "rate_shifts"):
        assert np.array_equal(getattr(again, name), getattr(slots, name))


def test_wrong_features():
    with pytest.raises(DesignError) as error:
        Slots.infer(FEATURES.astype(np.int64), [0] * 4)
    assert str(error.value) == "slots.features must be (n, inputs) uint8, got (4, 3) int64"
    with pytest.raises(DesignError) as error:
        Slots.infer(FEATURES.reshape(-1), [0] * 12)
    assert str(error.value) == "slots.features must be (n, inputs) uint8, got (12,) uint8"


@pytest.mark.parametrize("name", ["labels", "kinds", "rate_shifts"])
def test_wrong_length(name):
    facts = {
        "labels": np.zeros(4, np.int64),
        "kinds": np.full(4, TRAIN, np.uint8),
        "rate_shifts": np.zeros(4, np.int64),
    }
    with pytest.raises(DesignError) as error:
        Slots(FEATURES, **(facts | {name: np.zeros(3, np.int64)}))
    assert str(error.value) == f"slots.{name} must have shape (4,), got (3,)"


NETWORK = Network((8, 4), 3, 3, (2,), ("sigmoid",))


def changed(name: str, at: int, value: int, kind: int = TRAIN) -> Slots:
    slots = Slots.train(FEATURES, [1, 0, 2, 1], [0, 3, 4, 15])
    slots.kinds[:] = kind
    getattr(slots, name)[at] = value
    return slots


@pytest.mark.parametrize(("slots", "message"), [
    (changed("labels", 2, 3), "slots.labels[2] must be 0..2 in a training slot, got 3"),
    (changed("labels", 1, -1), "slots.labels[1] must be 0..2 in a training slot, got -1"),
    (changed("labels", 1, -1, INFER), "slots.labels[1] must be at least 0, got -1"),
    (changed("rate_shifts", 3, 16), "slots.rate_shifts[3] must be 0..15 in a training slot, got 16"),
    (changed("rate_shifts", 0, -1), "slots.rate_shifts[0] must be 0..15 in a training slot, got -1"),
    (changed("kinds", 1, 3), "slots.kinds[1] must be 0 (empty), 1 (train) or 2 (infer), got 3"),
    (
        Slots.infer(np.zeros((2, 9), np.uint8), [0, 0]),
        "slots.features must have at most 8 columns, the first layer's neurons, got 9",
    ),
])
def test_slots_that_do_not_fit_a_network(slots, message):
    with pytest.raises(DesignError) as error:
        slots.check(NETWORK)
    assert str(error.value) == message


def test_slots_that_fit_a_network():
    for kind in (EMPTY, INFER):
        changed("labels", 2, 3, kind).check(NETWORK)  # no label
        changed("rate_shifts", 2, 99, kind).check(NETWORK)  # not looked at
    changed("labels", 0, 2).check(NETWORK)
    Slots.empty(2, 1).check(NETWORK)
