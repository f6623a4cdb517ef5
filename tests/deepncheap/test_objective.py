"""The objective against figures worked by hand."""

from math import log10

import pytest

from sw.deepncheap.errors import SearchError
from sw.deepncheap.objective import Objective, largest_mlp, performance


def test_f_is_the_logarithm_of_performance_and_weighted_complexity():
    by_time = Objective()  # w_c 0.1, 10 s
    assert by_time(0.03, 2.5, 999) == pytest.approx(log10(0.03 + 0.1 * 0.25), rel=1e-12)
    by_parameters = Objective(penalty="numparams", reference=largest_mlp(784, 10, 2, 400), wc=1.0)
    assert by_parameters.reference == 478_410
    assert by_parameters(0.03, 2.5, 47_841) == pytest.approx(log10(0.13), rel=1e-12)
    regression = Objective(kind="regression", wc=0.0)
    assert regression(0.02, 2.5, 1) == pytest.approx(log10(0.2), rel=1e-12)
    assert (performance("classification", 0.2), performance("regression", 0.2)) == (0.2, 2.0)


def test_nothing_wrong_and_nothing_to_pay_is_the_floor():
    assert Objective(wc=0, floor=1e-4)(0.0, 1.0, 1) == pytest.approx(-4)
    assert Objective(wc=0.1, floor=1e-4)(0.0, 1.0, 1) == pytest.approx(-2)


def test_it_is_told_whether_time_decides():
    assert [Objective(penalty=penalty, wc=wc).deterministic
            for penalty, wc in (("numparams", 1.0), ("t_epoch", 0.0), ("t_epoch", 0.1))] == [True, True, False]


@pytest.mark.parametrize(("options", "told"), [
    ({"wc": -0.1}, "wc must be 0 or more, got -0.1"),
    ({"wc": float("nan")}, "wc must be 0 or more, got nan"),
    ({"penalty": "area"}, "penalty must be t_epoch or numparams, got area"),
    ({"reference": 0}, "reference must be more than 0, got 0"),
])
def test_options_out_of_range(options, told):
    with pytest.raises(SearchError) as caught:
        Objective(**options)
    assert str(caught.value) == told
