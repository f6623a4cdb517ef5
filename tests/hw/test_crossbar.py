# amaranth: UnusedElaboratable=no

"""The crossbar permutes by the order that it is given, one clock later."""

import numpy as np
import pytest

from hw.crossbar import Crossbar
from tests.hw.play import play


@pytest.mark.parametrize(("orders", "ports"), [(1, 5), (2, 3), (5, 4), (9, 2), (3, 1)])
def test_every_order(orders, ports):
    rng = np.random.Generator(np.random.PCG64([orders, ports]))
    table = rng.permuted(np.tile(np.arange(ports), (orders, 1)), axis=1)
    chosen, values = rng.integers(0, orders, 40), rng.integers(0, 32, (40, ports))
    steps = [{"order": order, "inputs": row} for order, row in zip(chosen, values, strict=True)]
    seen = play(Crossbar(table, 5), steps, ["outputs"])["outputs"]
    assert (seen[1:] == np.take_along_axis(values, table[chosen], axis=1)[:-1]).all()
