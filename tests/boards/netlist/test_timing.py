"""The slowest paths, on netlists whose answers are known: levels of logic where every passage takes 1 ns."""

import json
from dataclasses import replace

import numpy as np
import pytest

from boards.errors import BoardError
from boards.netlist.delays import Delays, Wire, delays
from boards.netlist.netlist import Cell, Netlist
from boards.netlist.timing import Timing, main, text, timing
from tests.boards.netlists import cell, ff, lut, netlist, register

# Wires take nothing, and of a cell's passages each look-up table, piece of a carry chain, multiplier and adder 1 ns.
_COUNTED = ("look-up table", "carry in", "carry enter", "carry own sum", "multiply", "multiplier adder")
UNIT = Delays({name: float(name in _COUNTED) for name in delays("xc7").cells}, wire=0, load=0, power=0, growth=0)


def levels(circuit: Netlist, family: str = "xc7") -> Timing:
    return timing(circuit, family, UNIT)


def to(found: Timing, end: str) -> float:
    """Of the longest path to the register pin that ``end`` begins."""
    return max(path.ns for path in found.paths if path.end.startswith(end))


def longest(found: Timing) -> float:
    return found.paths[0].ns


def test_look_up_tables_between_registers():
    found = levels(netlist(
        ff(2, 10), ff(10, 11), lut([11], 20), lut([20, 10], 21), ff(21, 12, CE=20),
        names={10: "a[0]", 11: "b", 12: "c[3]", 21: "sum[2]"},
    ))  # fmt: skip
    # D of the first is driven by nothing: no path leads there
    assert sorted(path.ns for path in found.paths) == [0, 1, 2]
    path = found.paths[0]
    assert (path.ns, path.start, path.end) == (2, "ff_bb (FDRE.Q)", "ff_bc (FDRE.D)")
    assert [(s.type, s.net, s.cell_ns) for s in path.steps] == [("LUT1", "", 1), ("LUT2", "sum[2]", 1), ("FDRE", "", 0)]
    assert to(found, "ff_bc (FDRE.CE") == 1
    assert to(found, "ff_bb") == 0
    assert found.mhz == 500


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
    assert found.alike == {("lane_# (FDRE.Q)", "lane_# (FDRE.D)"): 6}
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
    assert [step.cell_ns for step in found.paths[0].steps] == [1, 1, 1, 1, 0]
    assert "3 CARRY4 3.00" in str(found.paths[0])


def test_within_a_chain_a_bit_only_reaches_those_above_it():
    def to_end(o) -> float | None:
        found = levels(netlist(*chain(carry4("c", "0", ["0", "0", 20, "0"], o, [40, 41, 42, 43]))))
        return next((path.ns for path in found.paths if path.end.startswith("ff_jb")), None)

    assert to_end([30, 90, 32, 33]) is None
    assert to_end([30, 31, 90, 33]) == 2
    assert to_end([30, 31, 32, 90]) == 2


def test_entering_a_chain_by_its_carry_input_counts():
    fabric = carry4("c", 20, ["0"] * 4, [90, 31, 32, 33], [40, 41, 42, 43])
    assert longest(levels(netlist(*chain(fabric)))) == 2
    preset = carry4("c", "0", ["0"] * 4, [90, 31, 32, 33], [40, 41, 42, 43], CYINIT=20)
    assert longest(levels(netlist(*chain(preset)))) == 2
    # a carry that leaves the chain and enters another one
    first = carry4("c0", "0", [20, "0", "0", "0"], [30, 31, 32, 33], [40, 41, 42, 43])
    again = carry4("c1", "0", [43, "0", "0", "0"], [90, 51, 52, 53], [60, 61, 62, 63])
    assert longest(levels(netlist(*chain(first, again)))) == 3


def test_wide_multiplexers_are_free():
    first = cell("m", "MUXF7", I0=20, I1="0", S=10, O=21)
    found = levels(netlist(*chain(first, cell("n", "MUXF8", I0=21, I1="0", S=10, O=90))))
    assert longest(found) == 1


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
    assert alone.paths[0].start == "ram (RAM32M.contents)"


def test_other_memories_of_look_up_tables():
    dual = cell("ram", "RAM64X1D", A0=20, D=10, WE=10, DPRA0=10, DPO=90, SPO=92, WCLK=1)
    found = levels(netlist(*chain(dual), ff(92, 93)))
    assert (to(found, "ff_jb"), to(found, "ff_jd"), to(found, "ram (RAM64X1D.A0")) == (1, 2, 1)
    shift = cell("srl", "SRL16E", A0="1", A1="0", CE="1", CLK=1, D=20, Q=90)
    found = levels(netlist(*chain(shift)))
    assert (to(found, "ff_jb"), to(found, "srl (SRL16E.D")) == (0, 1)


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
    # a look-up table, the multiplier, the adder that passes the product on
    assert longest(found) == 3


def test_registers_inside_a_dsp_end_paths():
    found = levels(netlist(*chain(dsp("M P", A=[20], B=[10], P=[90]))))
    assert {end: to(found, end) for end in ("dsp (DSP48E1.product in", "dsp (DSP48E1.sum in", "ff_jb (FDRE.D")} == {
        "dsp (DSP48E1.product in": 2, "dsp (DSP48E1.sum in": 1, "ff_jb (FDRE.D": 0,
    }  # fmt: skip
    found = levels(netlist(*chain(dsp("A B M P", A=[20], B=[10], P=[90]))))
    assert to(found, "dsp (DSP48E1.A in") == 1
    assert to(found, "dsp (DSP48E1.B in") == 0
    assert to(found, "dsp (DSP48E1.product in") == 1


def test_the_adder_of_a_dsp():
    adding = {"opmode": "0110101", "A": [10], "B": [10], "C": [20]}
    found = levels(netlist(*chain(dsp("M P", P=[90], **adding))))
    # C: look-up table and adder; product: adder
    assert to(found, "dsp (DSP48E1.sum in") == 2
    # nothing registered: multiplier and adder
    found = levels(netlist(*chain(dsp("", P=[90], **adding))))
    assert longest(found) == 2
    opmode = ["1", "0", "1", "0", "1", "0", "0"]
    cascade = cell("up", "DSP48E1", {"PREG": "1", "MREG": "1"}, OPMODE=opmode, PCIN=[90], P=[95])
    found = levels(netlist(dsp("M P", A=["0"], B=["0"], PCOUT=[90]), cascade))
    assert to(found, "up (DSP48E1.sum in") == 1


def test_ecp5():
    first = cell("c0", "CCU2C", A0=20, A1="0", CIN="0", S0=30, S1=31, COUT=32)
    second = cell("c1", "CCU2C", A0="0", A1=20, CIN=32, S0=33, S1=90, COUT=34)
    registers = [cell(register(q), "TRELLIS_FF", CLK=1, DI=d, Q=q) for d, q in ((2, 10), (33, 92), (90, 91))]
    found = levels(netlist(*registers, cell("l", "LUT4", A=10, Z=20), first, second), "ecp5")
    assert (to(found, "ff_jb"), to(found, "ff_jc")) == (3, 3)
    # the upper half of a slice does not reach the lower one's sum
    low = cell("c0", "CCU2C", A0="0", A1=20, CIN="0", S0=90, S1=31, COUT=32)
    assert levels(netlist(*registers, cell("l", "LUT4", A=10, Z=20), low), "ecp5").paths == ()
    memory = cell("ram", "TRELLIS_DPR16X4", RAD=[20] * 4, WAD=[10] * 4, DI=[10] * 4, WRE=10, WCK=1, DO=[90, 33])
    multiplier = cell("m", "MULT18X18D", A0=90, B0=10, P=33, CLK0="0")
    wide = cell("x", "PFUMX", ALUT=20, BLUT=10, C0=10, Z=95)
    found = levels(netlist(*registers, cell("l", "LUT4", A=10, Z=20), memory, wide), "ecp5")
    assert (to(found, "ff_jb"), to(found, "ram (TRELLIS_DPR16X4.WAD")) == (2, 0)
    found = levels(netlist(*registers[:2], cell("l", "LUT4", A=10, Z=90), multiplier), "ecp5")
    assert longest(found) == 2
    registered = cell("m", "MULT18X18D", {"REG_INPUTA_CLK": "CLK0", "REG_OUTPUT_CLK": "CLK0"}, A0=90, B0=10, P=33)
    found = levels(netlist(*registers[:2], cell("l", "LUT4", A=10, Z=90), registered), "ecp5")
    assert {p.end: p.ns for p in found.paths} == {
        "m (MULT18X18D.A in)": 1, "m (MULT18X18D.sum in)": 1, "ff_jc (TRELLIS_FF.DI)": 0,
    }  # fmt: skip


def test_wires_by_what_their_nets_drive():
    """Of a net's wires the delay grows with the pins it drives; those within a slice take a fixed one or none."""
    table = replace(UNIT, wire=2.0, load=3.0, near=0.5)

    def ns(*cells: Cell, end: str = "ff_jb (FDRE.D", **ports: dict) -> float:
        return to(timing(netlist(*cells, **ports), "xc7", table), end)

    one = (ff(2, 10), lut([10], 90), ff(90, 91))
    assert ns(*one) == pytest.approx(1 + 2 + 0.5)  # the register lies beside its look-up table
    assert ns(*one, lut([90], 94)) == pytest.approx(1 + 2 + 2 + 3 * np.log(2))
    assert ns(*one, lut([10], 92), lut([10], 93)) == pytest.approx(1 + 2 + 3 * np.log(3) + 0.5)
    assert ns(*one, end="ff_jb (FDRE.D", outputs={"o": [10]}) == pytest.approx(1 + 2 + 3 * np.log(2) + 0.5)
    assert ns(ff(2, 10), ff(10, 91), end="ff_jb (FDRE.D") == 2  # from a register there is a wire
    first = carry4("c0", "0", [20, "0", "0", "0"], [30, 31, 32, 33], [40, 41, 42, 43])
    second = carry4("c1", 43, ["0"] * 4, [50, 51, 52, 90], [60, 61, 62, 63])
    assert ns(*chain(first, second)) == pytest.approx(1 + 2 + (1 + 0.5) + 1 + 0.5)
    memory = cell("ram", "RAMB18E1", CLKARDCLK=1, DOADO=[10])
    far = dsp("A B M P", A=[10], B=["0"], P=[95])
    blocks = timing(netlist(memory, far), "xc7", replace(table, block=8.0))
    assert to(blocks, "dsp (DSP48E1.A in") == 2 + 2 * 8
    squares = replace(table, power=0.5)
    assert squares.wire_ns(Wire(9), 1e4) == pytest.approx(2 + 3 * 4)
    assert replace(table, growth=0.5).wire_ns(Wire(1), 4e4) == 4


def test_clock_edges_and_setups():
    table = replace(UNIT, cells={name: float(2**n) for n, name in enumerate(UNIT.cells)})

    def between(start: str, end: str) -> float:
        return table.cell(start) + table.cell(end)

    def ns(*cells: Cell) -> dict[str, float]:
        return {path.end: path.ns for path in timing(netlist(*cells), "xc7", table).paths}

    assert ns(ff(2, 10), ff(10, 11, CE=10, R=10)) == {
        "ff_bb (FDRE.D)": between("flip-flop clock", "flip-flop data setup"),
        "ff_bb (FDRE.CE)": between("flip-flop clock", "flip-flop enable setup"),
        "ff_bb (FDRE.R)": between("flip-flop clock", "flip-flop reset setup"),
    }  # fmt: skip
    for parameters, clock in (({}, "block RAM clock"), ({"DOA_REG": "1"}, "block RAM register clock")):
        memory = cell("ram", "RAMB18E1", parameters, CLKARDCLK=1, ADDRARDADDR=[10], DOADO=[90])
        assert ns(ff(2, 10), memory, ff(90, 91)) == {
            "ram (RAMB18E1.ADDRARDADDR)": between("flip-flop clock", "block RAM setup"),
            "ff_jb (FDRE.D)": between(clock, "flip-flop data setup"),
        }  # fmt: skip
    shift = cell("srl", "SRL16E", A0="1", CE="1", CLK=1, D=10, Q=90)
    assert ns(ff(2, 10), shift, ff(90, 91)) == {
        "srl (SRL16E.D)": between("flip-flop clock", "shift register setup"),
        "ff_jb (FDRE.D)": between("shift register clock", "flip-flop data setup"),
    }  # fmt: skip
    found = ns(ff(2, 10), dsp("A B M P", A=[10], B=["0"], P=[90]), ff(90, 91))
    assert found["dsp (DSP48E1.A in)"] == between("flip-flop clock", "multiplier operand setup")
    assert found["dsp (DSP48E1.product in)"] == table.cell("multiply") + between(
        "multiplier operand clock", "multiplier product setup"
    )
    assert found["ff_jb (FDRE.D)"] == table.cell("multiplier out") + between(
        "multiplier result clock", "flip-flop data setup"
    )


def test_ports_are_taken_for_flip_flops():
    one = netlist(lut([2, 10], 20), ff(20, 10), inputs={"a": [2]}, outputs={"b": [20]})
    found = levels(one)
    assert {p.end for p in found.paths} == {"ff_ba (FDRE.D)", "b[0] (output)"}
    through = levels(netlist(lut([2], 20), inputs={"a": [2]}, outputs={"b": [20]}))
    assert [(p.ns, p.start, p.end) for p in through.paths] == [(1, "a[0] (input)", "b[0] (output)")]


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
    assert str(error.value) == "cell x: its type must be one whose delays are known, got MAGIC"


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
        for q, d in ends.items():
            assert to(found, f"{register(q)} (FDRE.D") == walked(d)
        assert longest(found) == sum(step.cell_ns for step in found.paths[0].steps)


def test_command_line(tmp_path, capsys):
    path = tmp_path / "netlist.json"
    directions = {"C": "input", "D": "input", "Q": "output"}
    made = {
        name: {"type": "FDRE", "port_directions": directions, "connections": {"C": [1], "D": [d], "Q": [q]}}
        for name, d, q in (("a", 3, 2), ("b", 2, 3))
    }
    names = {"left": {"bits": [2]}, "alias$1": {"bits": [2]}, "hidden": {"bits": [3], "hide_name": 1}}
    path.write_text(json.dumps({"modules": {"top": {"cells": made, "netnames": names, "ports": {}}}}))
    assert main([str(path), "--family", "xc7"]) == 0
    shown = capsys.readouterr().out
    assert "MHz; 2 kinds of path" in shown
    assert main([str(path), "--family", "xc7", "--json"]) == 0
    assert {(made["start"], made["end"]) for made in json.loads(capsys.readouterr().out)} == {
        (f"accelerator (hw/accelerator.py): {a} (FDRE.Q)", f"accelerator (hw/accelerator.py): {b} (FDRE.D)")
        for a, b in (("a", "b"), ("b", "a"))
    }  # fmt: skip
    path.write_text("{}")
    assert main([str(path), "--family", "xc7"]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: must be a netlist of yosys's write_json with a module top, is not\n"
    )
    assert main([str(tmp_path / "none.json"), "--family", "xc7"]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'none.json'}: cannot be read: No such file or directory\n"
