"""Random states lie where they say."""

import numpy as np
import pytest

from tests.design.random_states import STARTS, random_state
from tests.design.shipped import flagship

NUMBER = flagship().arithmetic.number
LOWEST, HIGHEST = NUMBER.minimum, NUMBER.maximum


@pytest.mark.parametrize("start", STARTS)
def test_where_numbers_lie(start):
    states = [random_state(flagship(), seed, start) for seed in range(12)]
    arrays = [array for state in states for array in (*state.weights, *state.biases)]
    found = set(np.concatenate(arrays).tolist())
    assert found <= set(range(LOWEST, HIGHEST + 1))
    due = {"all lowest": {LOWEST}, "all highest": {HIGHEST}}.get(start, {LOWEST, HIGHEST})
    assert (found == due) == (start.startswith("all") or "end" in start)
    assert all(len(set(array.tolist())) == 1 for array in arrays) == (start.startswith("all") or "one end" in start)
    middle = (LOWEST >> 2, HIGHEST >> 2)
    assert (min(found) < middle[0] and max(found) > middle[1]) == (
        start not in ("as the design draws them", "in the middle quarter", "all lowest", "all highest")
    )
