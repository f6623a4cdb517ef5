"""The order of the initial points."""

import numpy as np
import pytest

from sw.deepncheap.sobol import DIMENSIONS, sobol
from sw.deepncheap.spaces import HiddenLayers, TrainingSpace


def test_first_points():
    """0.5 in every dimension, then 0.25 or 0.75, two of which add to 1: the all-zero point is left out."""
    points = np.array([sobol(DIMENSIONS, n) for n in range(3)])
    assert (points[0] == 0.5).all()
    assert set(points[1]) | set(points[2]) == {0.25, 0.75}
    assert (points[1] + points[2] == 1).all()
    assert {0.25, 0.75} == set(points[1])


def test_dimensions_follow_each_other_and_go_around():
    whole = sobol(DIMENSIONS, 99)
    assert (sobol(4, 99, first=18) == whole[[18, 19, 0, 1]]).all()
    assert len(sobol(30, 5)) == 30
    assert len(set(whole)) > 10


def test_first_configurations():
    """Whatever dimension it begins with: mid-range depth and nodes, and the middle of the training hyperparameters."""
    for first in range(DIMENSIONS):
        assert HiddenLayers().at(sobol(3, 0, first)) == (210,)
        settings = TrainingSpace().at(sobol(3, 0, first))
        assert settings == pytest.approx((1e-3, 10**-4.5, 272), rel=1e-12)
