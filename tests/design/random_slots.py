"""Random slots for a design: all kinds and rates, features anywhere and at both ends of their range."""

import numpy as np

from sim.testbench.plan import mixed_slots
from sw.design.design import Design
from sw.design.slots import Slots

__all__ = ["random_slots", "training_slots"]


def random_slots(design: Design, count: int, seed: int | np.random.Generator) -> Slots:
    """Slots as `sim.testbench.plan.mixed_slots` mixes them; some have features all 0, all 255, or each at an end."""
    rng = np.random.default_rng(seed)
    network = design.network
    features = rng.integers(0, 256, (count, network.inputs), dtype=np.uint8)
    ends = rng.choice(np.array([0, 255], np.uint8), features.shape)
    how = rng.choice(4, count, p=[0.6, 0.1, 0.15, 0.15])
    features[how == 1], features[how == 2], features[how == 3] = 0, 255, ends[how == 3]
    labels = rng.integers(0, network.classes, count)
    return mixed_slots(design, features, labels, count, int(rng.integers(1 << 32)))


def training_slots(design: Design, count: int, seed: int | np.random.Generator) -> Slots:
    """The same, but all of them train."""
    slots = random_slots(design, count, seed)
    return Slots.train(slots.features, slots.labels % design.network.classes, slots.rate_shifts)
