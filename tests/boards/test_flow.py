"""Multipliers go where the design marks them, on both families."""

from collections import Counter

import pytest
from amaranth import Cat, Module, Mux, Signal, signed
from amaranth.back import rtlil
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards.errors import BoardError
from boards.flow import FAMILIES, JSON, steps
from boards.netlist.count import count
from boards.netlist.netlist import read_netlist
from boards.synth import map_circuit
from hw import yosys

BITS = 9
ALONE = {"xc7": 65, "ecp5": 110}  # look-up tables that a multiplier of BITS x BITS takes at most


class Products(wiring.Component):
    """``kinds``: per multiplier its registers, whether something is added, and whether it is marked."""

    def __init__(self, kinds: list[tuple[int, bool, bool]]):
        self.kinds = kinds
        count = len(kinds)
        shape = signed(BITS)
        out = Out(2 * BITS + 1).array(count)
        super().__init__({"a": In(shape).array(count), "b": In(shape).array(count), "out": out})

    def elaborate(self, platform):
        m = Module()
        for i, (stages, adds, soft) in enumerate(self.kinds):
            a, b = (Signal(signed(BITS), name=f"{name}_{i}", reset_less=True) for name in "ab")
            m.d.sync += [a.eq(self.a[i]), b.eq(self.b[i])]
            value = a * b
            for stage in range(stages):
                if adds and stage == stages - 1:
                    value = value + self.a[i]
                marks = {"use_dsp": "no"} if soft and stage == 0 else {}
                register = Signal(value.shape(), name=f"p{stage}_{i}", reset_less=True, attrs=marks)
                m.d.sync += register.eq(value)
                value = register
            m.d.comb += self.out[i].eq(value)
        return m


class Top(wiring.Component):
    """The products a level down, as in a machine."""

    def __init__(self, kinds):
        self.inner = Products(kinds)
        super().__init__(dict(self.inner.signature.members))

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = self.inner
        for mine, its in ((self.a, self.inner.a), (self.b, self.inner.b)):
            m.d.comb += [i.eq(o) for i, o in zip(its, mine, strict=True)]
        m.d.comb += [o.eq(i) for o, i in zip(self.out, self.inner.out, strict=True)]
        return m


# registered once or twice, with and without a sum behind it; the unmarked ones beside them
KINDS = [(1, False, True), (2, False, True), (1, True, True), (2, True, True), (2, False, False), (2, True, False)]


@pytest.fixture(scope="module")
def text() -> str:
    return rtlil.convert(Top(KINDS), name="top", emit_src=False)


class Copies(wiring.Component):
    """Registers and their copies, both marked where ``kept``: plain, with an enable, with a reset, with both."""

    def __init__(self, kept: bool):
        self.kept = kept
        super().__init__({"a": In(4), "enable": In(1), "clear": In(1), "out": Out(8)})

    def elaborate(self, platform):
        m = Module()
        outs = []
        for number in range(2):
            marks = {"keep": 1} if self.kept else {}
            plain, some, cleared, both = (
                Signal(name=f"{name}_{number}", reset_less=True, attrs=marks) for name in ("p", "e", "r", "er")
            )
            m.d.sync += [plain.eq(self.a[0]), cleared.eq(self.a[2] & ~self.clear)]
            with m.If(self.enable):
                m.d.sync += [some.eq(self.a[1]), both.eq(self.a[3] & ~self.clear)]
            outs += [plain, some, cleared, both]
        m.d.comb += self.out.eq(Cat(outs) ^ self.a.replicate(2))  # a name of their own, not the port's
        return m


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kept", [False, True])
def test_marked_copies_stay(family, kept, tmp_path):
    made = map_circuit(rtlil.convert(Copies(kept), name="top", emit_src=False), family, tmp_path)
    assert count(read_netlist(made.folder / JSON).types(), family).ff == (8 if kept else 4)


class Sums(wiring.Component):
    """A running sum with a choice behind it, and a difference, which has a carry in."""

    def __init__(self):
        super().__init__({"a": In(9), "b": In(9), "keep": In(1), "sum": Out(9), "difference": Out(10)})

    def elaborate(self, platform):
        m = Module()
        a, b = (Signal(9, name=name, reset_less=True) for name in "xy")
        total = Signal(9, name="total")
        m.d.comb += total.eq(a + b)
        m.d.sync += [a.eq(self.a), b.eq(Mux(self.keep, self.b, total)), self.sum.eq(total)]
        m.d.sync += self.difference.eq(self.a - self.b)
        return m


@pytest.mark.parametrize("parted", [False, True])
def test_the_first_table_of_a_carry_chain_is_the_chains_alone(parted, tmp_path, monkeypatch):
    """Where it is not parted, others take the sum's lowest bit from the table."""
    if not parted:
        made = steps("xc7", 0)
        monkeypatch.setattr("boards.flow.steps", lambda *_, **__: [step for step in made if step[0] != "carries"])
    map_circuit(rtlil.convert(Sums(), name="top", emit_src=False), "xc7", tmp_path)
    netlist = read_netlist(tmp_path / JSON)
    carries = [cell for cell in netlist.cells if cell.type == "CARRY4"]
    chains = [cell.pins for cell in carries if cell.pins["CI"] == cell.pins["CYINIT"] == ("0",)]
    read = Counter(bit for cell in netlist.cells for pin in cell.pins.keys() - cell.outputs for bit in cell.pins[pin])
    assert len(chains) == 1
    for chain in chains:
        assert (read[chain["S"][0]] == 1) == parted
        assert (read[chain["O"][0]] > 1) == parted


@pytest.mark.parametrize("family", FAMILIES)
def test_marked_multipliers_are_of_look_up_tables(family, text, tmp_path):
    made = map_circuit(text, family, tmp_path, soft=4)
    found = count(read_netlist(made.folder / JSON).types(), family)
    assert found.dsp == 2
    assert 4 * 30 < found.lut_logic < 4 * ALONE[family] + 3 * (2 * BITS + 2)


def test_a_mark_that_is_not_found_is_an_error(text, tmp_path):
    with pytest.raises(yosys.YosysError) as error:
        map_circuit(text, "ecp5", tmp_path, soft=5)
    assert str(error.value) == (
        "yosys failed at soft multipliers: ERROR: Assertion failed: selection contains 4 elements instead of the "
        f"asserted 5: @soft; see {tmp_path / 'synth.log'}"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["synth.log"]


def test_without_yosys(text, tmp_path, monkeypatch):
    monkeypatch.setattr(yosys, "find_spec", lambda name: None)
    with pytest.raises(yosys.YosysError, match=r"^pyosys must be installed, is not"):
        map_circuit(text, "ecp5", tmp_path)
    assert not list(tmp_path.iterdir())


def test_unknown_family():
    with pytest.raises(BoardError) as error:
        steps("ice40", 0)
    assert str(error.value) == 'family must be one of xc7, ecp5, got "ice40"'
