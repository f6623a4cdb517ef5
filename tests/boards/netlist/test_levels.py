"""Paths by levels of logic, on netlists whose answers are known."""

import json

import numpy as np
import pytest

from boards.errors import BoardError
from boards.netlist.levels import levels, main, text
from boards.netlist.netlist import Cell
from tests.boards.netlists import cell, ff, lut, netlist, register


def to(found, end: str) -> int:
    """Levels of the longest path to the register pin that ``end`` begins."""
    return max(path.levels for path in found.paths if path.end.startswith(end))


def test_look_up_tables_between_registers():
    found = levels(netlist(
        ff(2, 10), ff(10, 11), lut([11], 20), lut([20, 10], 21), ff(21, 12, CE=20),
        names={10: "a[0]", 11: "b", 12: "c[3]", 21: "sum[2]"},
    ))  # fmt: skip
    # D of the first is driven by nothing: no path leads there
    assert found.histogram == {0: 1, 1: 1, 2: 1}
    path = found.longest
    assert (path.levels, path.start, path.end) == (2, "ff_bb (FDRE.Q)", "ff_bc (FDRE.D)")
    assert [(s.type, s.net, s.level) for s in path.steps] == [("LUT1", "", 1), ("LUT2", "sum[2]", 1)]
    assert str(path) == (
        "2 levels: ff_bb (FDRE.Q)\n    -> LUT1\n    -> LUT2 sum[2]\n    -> ff_bc (FDRE.D)"
    )
    assert to(found, "ff_bc (FDRE.CE") == 1
    assert to(found, "ff_bb") == 0


def test_registers_are_named_after_their_nets():
    hidden = [cell("$1", "FDRE", C=1, D=10, Q=11), cell("$2", "FDRE", C=1, D=11, Q=10)]
    found = levels(netlist(*hidden, names={10: "left[7]", 11: "right"}))
    assert {(p.start, p.end) for p in found.paths} == {
        ("left[7] (FDRE.Q)", "right (FDRE.D)"), ("right (FDRE.Q)", "left[7] (FDRE.D)"),
    }  # fmt: skip


def test_ends_of_one_register_fall_together():
    wide = [cell(f"$ff{i}", "FDRE", C=1, D=100 + i, Q=200 + i) for i in range(6)]
    logic = [lut([200], 100 + i) for i in range(6)]
    found = levels(netlist(*wide, *logic, names={200 + i: f"lane_{i // 3}[{i % 3}]" for i in range(6)}))
    assert len(found.paths) == 1
    assert found.ends == {"lane_# (FDRE.D)": 6}
    assert "(6 ends alike)" in text(found)


def chain(*links: Cell) -> tuple[Cell, ...]:
    """With a register and a look-up table before it and a register behind."""
    return (ff(2, 10), lut([10], 20), *links, ff(90, 91))


def carry4(name: str, ci, s, o, co, **more) -> Cell:
    pins = {"CYINIT": "0", "DI": ["0"] * 4} | more
    return cell(name, "CARRY4", CI=ci, S=s, O=o, CO=co, **pins)


def test_every_piece_of_a_carry_chain_is_a_level():
    first = carry4("c0", "0", [20, "0", "0", "0"], [30, 31, 32, 33], [40, 41, 42, 43])
    second = carry4("c1", 43, ["0"] * 4, [50, 51, 52, 53], [60, 61, 62, 63])
    third = carry4("c2", 63, ["0"] * 4, [70, 71, 72, 90], [80, 81, 82, 83])
    found = levels(netlist(*chain(first, second, third)))
    assert found.longest.levels == 4
    assert [step.level for step in found.longest.steps] == [1, 1, 1, 1]
    assert "carry chain of 3 CARRY4" in str(found.longest)


def test_within_a_chain_a_bit_only_reaches_those_above_it():
    def to_end(o) -> int | None:
        found = levels(netlist(*chain(carry4("c", "0", ["0", "0", 20, "0"], o, [40, 41, 42, 43]))))
        return next((path.levels for path in found.paths if path.end.startswith("ff_jb")), None)

    assert to_end([30, 90, 32, 33]) is None
    assert to_end([30, 31, 90, 33]) == 2
    assert to_end([30, 31, 32, 90]) == 2


def test_entering_a_chain_by_its_carry_input_counts():
    fabric = carry4("c", 20, ["0"] * 4, [90, 31, 32, 33], [40, 41, 42, 43])
    assert levels(netlist(*chain(fabric))).longest.levels == 2
    preset = carry4("c", "0", ["0"] * 4, [90, 31, 32, 33], [40, 41, 42, 43], CYINIT=20)
    assert levels(netlist(*chain(preset))).longest.levels == 2
    # a carry that leaves the chain and enters another one
    first = carry4("c0", "0", [20, "0", "0", "0"], [30, 31, 32, 33], [40, 41, 42, 43])
    again = carry4("c1", "0", [43, "0", "0", "0"], [90, 51, 52, 53], [60, 61, 62, 63])
    assert levels(netlist(*chain(first, again))).longest.levels == 3


def test_wide_multiplexers_are_free():
    first = cell("m", "MUXF7", I0=20, I1="0", S=10, O=21)
    found = levels(netlist(*chain(first, cell("n", "MUXF8", I0=21, I1="0", S=10, O=90))))
    assert found.longest.levels == 1


def ram32m(**pins) -> Cell:
    return cell("ram", "RAM32M", WCLK=1, **pins)


def test_lutram():
    memory = ram32m(ADDRA=[20] * 5, ADDRD=[21] * 5, DIA=[22, 22], WE=23, DOA=[90, 92])
    logic = [lut([10], net) for net in (21, 22, 23)]
    found = levels(netlist(*chain(memory, *logic), ff(92, 93)))
    assert to(found, "ff_jb") == 2
    for pin in ("ADDRD", "DIA", "WE"):
        assert to(found, f"ram (RAM32M.{pin}") == 1
    # the read address is no end, and does not reach what the write address would read
    assert not any("ADDRA" in path.end for path in found.paths)
    # contents that change are read through the memory too
    alone = levels(netlist(ram32m(ADDRA=["0"] * 5, DOA=[90, 92]), ff(90, 91)))
    assert (alone.longest.start, alone.longest.levels) == ("ram (RAM32M.contents)", 1)


def test_other_memories_of_look_up_tables():
    dual = cell("ram", "RAM64X1D", A0=20, D=10, WE=10, DPRA0=10, DPO=90, SPO=92, WCLK=1)
    found = levels(netlist(*chain(dual), ff(92, 93)))
    assert (to(found, "ff_jb"), to(found, "ff_jd"), to(found, "ram (RAM64X1D.A0")) == (1, 2, 1)
    shift = cell("srl", "SRL16E", A0="1", A1="0", CE="1", CLK=1, D=20, Q=90)
    found = levels(netlist(*chain(shift)))
    assert (to(found, "ff_jb"), to(found, "srl (SRL16E.D")) == (1, 1)


def test_block_ram_is_a_register():
    memory = cell("ram", "RAMB18E1", CLKARDCLK=1, ADDRARDADDR=[20, 10], DOADO=[90])
    found = levels(netlist(*chain(memory)))
    assert (to(found, "ram (RAMB18E1.ADDRARDADDR[0]"), to(found, "ff_jb")) == (1, 0)
    assert not any("CLK" in path.end for path in found.paths)


def dsp(registers: str, *, opmode: str = "0000101", **pins) -> Cell:
    """``registers``: those that are there, of A B C M P."""
    there = {f"{r}REG": "1" if r in registers.split() else "0" for r in "ABCMP"}
    rest = {f"{r}REG": "0" for r in ("D", "AD", "ALUMODE", "OPMODE", "INMODE", "CARRYIN", "CARRYINSEL")}
    bits = [str(bit) for bit in reversed(opmode)]
    return cell("dsp", "DSP48E1", there | rest, CLK=1, OPMODE=bits, ALUMODE=["0"] * 4, INMODE=["0"] * 5, **pins)


def test_a_multiplier_without_registers():
    found = levels(netlist(*chain(dsp("", A=[20, 10], B=[10], P=[90]))))
    assert (found.longest.levels, found.longest.multiplier) == (2, True)


def test_registers_inside_a_dsp_end_paths():
    found = levels(netlist(*chain(dsp("M P", A=[20], B=[10], P=[90]))))
    assert {p.end: (p.levels, p.multiplier) for p in found.paths} == {
        "dsp (DSP48E1.product in)": (2, True), "dsp (DSP48E1.sum in)": (0, False), "ff_jb (FDRE.D)": (0, False),
    }  # fmt: skip
    found = levels(netlist(*chain(dsp("A B M P", A=[20], B=[10], P=[90]))))
    assert to(found, "dsp (DSP48E1.A in") == 1
    assert to(found, "dsp (DSP48E1.B in") == 0
    assert found.longest_multiplier.levels == 1
    assert found.longest_multiplier.start in ("dsp (DSP48E1.A out)", "dsp (DSP48E1.B out)")
    assert found.longest_multiplier.end == "dsp (DSP48E1.product in)"


def test_the_adder_of_a_dsp():
    adding = {"opmode": "0110101", "A": [10], "B": [10], "C": [20]}
    found = levels(netlist(*chain(dsp("M P", P=[90], **adding))))
    # C: look-up table and adder; product: adder
    sums = [p for p in found.paths if p.end == "dsp (DSP48E1.sum in)"]
    assert max(p.levels for p in sums) == 2
    # nothing registered: multiplier and adder
    found = levels(netlist(*chain(dsp("", P=[90], **adding))))
    assert found.longest_multiplier.levels == 2
    opmode = ["1", "0", "1", "0", "1", "0", "0"]
    cascade = cell("up", "DSP48E1", {"PREG": "1", "MREG": "1"}, OPMODE=opmode, PCIN=[90], P=[95])
    found = levels(netlist(dsp("M P", A=["0"], B=["0"], PCOUT=[90]), cascade))
    assert to(found, "up (DSP48E1.sum in") == 1


def test_a_shorter_path_through_a_multiplier_is_found_too():
    logic = [lut([20 if i == 0 else 29 + i], 30 + i) for i in range(5)]
    multiplier = dsp("", A=[10], B=[10], P=[40])
    found = levels(netlist(ff(2, 10), lut([10], 20), *logic, multiplier, lut([40, 34], 41), ff(41, 42)))
    assert [(p.levels, p.multiplier) for p in found.paths] == [(7, False), (2, True)]
    assert found.longest_multiplier.levels == 2
    assert "2 levels, through a multiplier" in text(found, paths=1)


def test_ecp5():
    first = cell("c0", "CCU2C", A0=20, A1="0", CIN="0", S0=30, S1=31, COUT=32)
    second = cell("c1", "CCU2C", A0="0", A1=20, CIN=32, S0=33, S1=90, COUT=34)
    registers = [cell(register(q), "TRELLIS_FF", CLK=1, DI=d, Q=q) for d, q in ((2, 10), (33, 92), (90, 91))]
    found = levels(netlist(*registers, cell("l", "LUT4", A=10, Z=20), first, second))
    assert (to(found, "ff_jb"), to(found, "ff_jc")) == (3, 3)
    # the upper half of a slice does not reach the lower one's sum
    low = cell("c0", "CCU2C", A0="0", A1=20, CIN="0", S0=90, S1=31, COUT=32)
    assert levels(netlist(*registers, cell("l", "LUT4", A=10, Z=20), low)).histogram == {}
    memory = cell("ram", "TRELLIS_DPR16X4", RAD=[20] * 4, WAD=[10] * 4, DI=[10] * 4, WRE=10, WCK=1, DO=[90, 33])
    multiplier = cell("m", "MULT18X18D", A0=90, B0=10, P=33, CLK0="0")
    wide = cell("x", "PFUMX", ALUT=20, BLUT=10, C0=10, Z=95)
    found = levels(netlist(*registers, cell("l", "LUT4", A=10, Z=20), memory, wide))
    assert (to(found, "ff_jb"), to(found, "ram (TRELLIS_DPR16X4.WAD")) == (2, 0)
    found = levels(netlist(*registers[:2], cell("l", "LUT4", A=10, Z=90), multiplier))
    assert (found.longest.levels, found.longest.multiplier) == (2, True)
    registered = cell("m", "MULT18X18D", {"REG_INPUTA_CLK": "CLK0", "REG_OUTPUT_CLK": "CLK0"}, A0=90, B0=10, P=33)
    found = levels(netlist(*registers[:2], cell("l", "LUT4", A=10, Z=90), registered))
    assert {p.end: p.levels for p in found.paths} == {
        "m (MULT18X18D.A in)": 1, "m (MULT18X18D.sum in)": 1, "ff_jc (TRELLIS_FF.DI)": 0,
    }  # fmt: skip


def test_ports_are_no_registers_unless_asked_for():
    one = netlist(lut([2, 10], 20), ff(20, 10), inputs={"a": [2]}, outputs={"b": [20]})
    assert levels(one).histogram == {1: 1}
    found = levels(one, ports=True)
    assert found.histogram == {1: 2}
    assert {p.end for p in found.paths} == {"ff_ba (FDRE.D)", "b[0] (output)"}
    # what only an input leads to has no path at all
    assert levels(netlist(lut([2], 20), ff(20, 10), inputs={"a": [2]})).paths == ()


def test_a_loop_without_a_register_is_named():
    loop = [lut([30], 31, "one"), lut([31, 10], 30, "two"), lut([30], 32, "hangs behind")]
    with pytest.raises(BoardError) as error:
        levels(netlist(ff(32, 10), *loop))
    assert str(error.value) == (
        "there must be a register in every loop, there is none in: one (LUT1), two (LUT2)"
    )


def test_an_unknown_cell_is_named():
    with pytest.raises(BoardError) as error:
        levels(netlist(cell("x", "MAGIC", I=2, O=3)))
    assert str(error.value) == "cell x: its type must be one that levels of logic are known of, got MAGIC"


def test_random_netlists_against_every_path_walked():
    for seed in range(30):
        rng = np.random.Generator(np.random.PCG64(seed))
        registers = [10 + i for i in range(4)]
        made: list[Cell] = []
        nets = list(registers)
        inputs: dict[int, list[int]] = {}
        for net in range(20, 20 + int(rng.integers(5, 25))):
            inputs[net] = [int(n) for n in rng.choice(nets, int(rng.integers(1, 4)))]
            made.append(lut(inputs[net], net))
            nets.append(net)
        ends = {q: int(rng.choice(nets)) for q in registers}

        def walked(net: int, inputs=inputs) -> int:
            return 1 + max(map(walked, inputs[net])) if net in inputs else 0

        found = levels(netlist(*rng.permutation(np.array([*made, *(ff(d, q) for q, d in ends.items())], dtype=object))))
        expected = [walked(d) for d in ends.values()]
        assert found.histogram == {n: expected.count(n) for n in sorted(set(expected))}
        assert found.longest.levels == sum(step.level for step in found.longest.steps) == max(expected)


def test_command_line(tmp_path, capsys):
    path = tmp_path / "netlist.json"
    directions = {"C": "input", "D": "input", "Q": "output"}
    made = {
        name: {"type": "FDRE", "port_directions": directions, "connections": {"C": [1], "D": [d], "Q": [q]}}
        for name, d, q in (("a", 3, 2), ("b", 2, 3))
    }
    names = {"left": {"bits": [2]}, "alias$1": {"bits": [2]}, "hidden": {"bits": [3], "hide_name": 1}}
    path.write_text(json.dumps({"modules": {"top": {"cells": made, "netnames": names, "ports": {}}}}))
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert "     0  2\n" in shown
    assert "0 levels: a (FDRE.Q)\n    -> b (FDRE.D)" in shown
    assert main([str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["histogram"] == {"0": 2}
    path.write_text("{}")
    assert main([str(path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: must be a netlist of yosys's write_json with a module top, is not\n"
    )
    assert main([str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'none.json'}: cannot be read: No such file or directory\n"
