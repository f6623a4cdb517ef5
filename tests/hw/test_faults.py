# amaranth: UnusedElaboratable=no

"""Faults planted in a unit's source, one at a time: a run of a few dozen slots against the golden model catches each.

A fault is a text that occurs once in a method and what to put in its place, so a test fails loudly when the
hardware's text moves on.
"""

import inspect
import sys
import textwrap

import pytest

from hw.activation import Activation
from hw.delta import RightDelta
from hw.junction import JunctionUnit
from hw.leftdelta import LeftDelta
from hw.output import OutputLayer
from hw.sequencer import JunctionSequencer
from hw.update import UpdateLanes
from tests.hw.bench import Mismatch, check
from tests.hw.designs import make, quick

TWO_CLOCKS_PER_GROUP = make("sums", (6, 4, 4), (2, 2), (1, 2), kind=1, inputs=5, rounding="stochastic", seed=4)

COARSE = quick(width=5, integer_bits=1)  # many equal outputs

FAULTS = {
    # the fault of the 2018 prototype: a row is read before its last write has landed
    "late partial delta": (
        LeftDelta, "elaborate", quick(),
        {"write.addr.eq(row)": "write.addr.eq(line.at(row, 0, 1))",
         "write.data.eq(total)": "write.data.eq(line.at(total, 0, 1))",
         "write.en.eq(self.go)": "write.en.eq(line.at(self.go, 0, 1))"},
    ),
    "sums never start anew": (LeftDelta, "elaborate", quick(), {"Mux(self.first, half,": "Mux(0, half,"}),
    "delta of the slot before": (
        JunctionSequencer, "elaborate", quick(), {"up_slot.eq(ff_slot - lag)": "up_slot.eq(ff_slot - lag - 1)"},
    ),
    "slope of another slot": (
        JunctionUnit, "_right_delta", quick(), {"seq.up_slot[: slopes.set_bits]": "seq.ff_slot[: slopes.set_bits]"},
    ),
    "inference trains": (
        JunctionUnit, "elaborate", quick(), {"train.eq(seq.up.kind == TRAIN)": "train.eq(seq.up.kind != 0)"},
    ),
    "LFSR steps with every slot": (
        JunctionUnit, "_random_numbers", quick(),
        {"training(st.product - 1)": "self._line.at(self.sequencer.go, 0, st.product - 1)"},
    ),
    "a pause adds once more": (
        JunctionUnit, "_forward", TWO_CLOCKS_PER_GROUP, {"m.If(go(st.tree))": "m.If(1)"},
    ),
    "no rounding half": (JunctionUnit, "_forward", quick(), {"Const(1 << (fraction - 1)": "Const(0 << (fraction - 1)"}),
    "weights written a row late": (
        JunctionUnit, "_memory", quick(), {"at(position, 0, st.update)": "at(position, 0, st.update - 1)"},
    ),
    "update wraps": (UpdateLanes, "elaborate", quick(), {"saturated(difference, self.fmt)": "difference"}),
    "large rate shifts ignored": (UpdateLanes, "elaborate", quick(), {"Mux(self.coarse,": "Mux(0,"}),
    "rate of bit order": (RightDelta, "elaborate", quick(), {"(~self.rate_shift)[:3]": "self.rate_shift[:3]"}),
    "table from the middle": (Activation, "_table", quick(), {"~top[-1]": "top[-1]"}),
    "last of a tie": (OutputLayer, "_results", COARSE, {"other[0][0] > key": "other[0][0] >= key"}),
    "padding predicted": (OutputLayer, "_results", COARSE, {"max(0, -(-(classes - i) // units))": "99"}),
    "results overrun": (OutputLayer, "_results", quick(), {"self.room.eq(room)": "self.room.eq(1)"}),
}  # fmt: skip


def plant(monkeypatch: pytest.MonkeyPatch, unit: type, method: str, changes: dict[str, str]) -> None:
    """Replace a method of ``unit`` by itself with other words in it."""
    source = textwrap.dedent(inspect.getsource(getattr(unit, method)))
    for old, new in changes.items():
        assert source.count(old) == 1, f"{unit.__name__}.{method} has {source.count(old)} times {old!r}"
        source = source.replace(old, new)
    names = dict(vars(sys.modules[unit.__module__]))
    exec(source, names)
    monkeypatch.setattr(unit, method, names[method])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(monkeypatch, fault):
    unit, method, design, changes = FAULTS[fault]
    plant(monkeypatch, unit, method, changes)
    with pytest.raises(Mismatch):
        check(design, chance=0.4, seed=3, slow=fault == "results overrun")


@pytest.mark.parametrize("design", {f[2].hash: f[2] for f in FAULTS.values()}.values(), ids=lambda d: d.name)
def test_without_a_fault_the_same_runs_pass(design):
    check(design, chance=0.4, seed=3)
