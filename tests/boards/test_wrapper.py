"""The shift registers around a mapped netlist's ports."""

from boards.netlist.checks import check
from boards.netlist.expected import Expected
from boards.netlist.netlist import parse
from boards.wrapper import wrapped

MODULE = {
    "ports": {
        "clk": {"direction": "input", "bits": [2]},
        "a": {"direction": "input", "bits": [3, 4]},
        "b": {"direction": "output", "bits": [5, 6, "0", 7, 5, 6]},
    },
    "cells": {
        f"and_{z}": {
            "type": "LUT4", "parameters": {}, "port_directions": {"A": "input", "B": "input", "Z": "output"},
            "connections": {"A": [3], "B": [4], "Z": [z]},
        }
        for z in (5, 6, 7)
    },
}  # fmt: skip


def test_every_port_bit_lies_between_registers():
    made, added = wrapped(MODULE)
    netlist = parse(made)
    assert added == {"lut": 2, "ff": 2 + 5 + 2}
    assert netlist.types() == {"LUT4": 3 + added["lut"], "TRELLIS_FF": added["ff"]}
    assert {"clk", "serial_in"} == set(netlist.inputs)
    assert set(netlist.outputs) == {"serial_out"}
    found = check(netlist, "ecp5", Expected(0, None, 0))
    assert not any(found.values()), found
    q = {cell.pins["Q"][0]: cell for cell in netlist.cells if cell.type == "TRELLIS_FF"}
    d = [cell.pins["DI"][0] for cell in q.values()]
    assert {3, 4} <= set(q)
    assert sorted(bit for bit in d if bit in (5, 6, 7)) == [5, 5, 6, 6, 7]
    assert {cell.pins["CLK"] for cell in q.values()} == {(2,)}
    assert netlist.outputs["serial_out"][0] in q


def test_every_output_reaches_the_pin():
    """Simulated: a change of any one output bit changes what comes out."""
    netlist = parse(wrapped(MODULE)[0])

    def comes_out(flipped: int) -> list[int]:
        state = {cell.pins["Q"][0]: 0 for cell in netlist.cells if cell.type == "TRELLIS_FF"}
        out = []
        for clock in range(12):
            net = {**state, netlist.inputs["serial_in"][0]: 0, "0": 0} | dict.fromkeys((5, 6, 7), 0)
            if clock == 2 and flipped:
                net[flipped] = 1
            for cell in netlist.cells:
                if cell.name.startswith("wrapper.fold_"):
                    at = sum(net[cell.pins[pin][0]] << i for i, pin in enumerate("ABCD"))
                    net[cell.pins["Z"][0]] = cell.number("INIT") >> at & 1
            state = {cell.pins["Q"][0]: net[cell.pins["DI"][0]] for cell in netlist.cells if cell.type == "TRELLIS_FF"}
            out.append(state[netlist.outputs["serial_out"][0]])
        return out

    quiet = comes_out(0)
    assert [flipped for flipped in (5, 6, 7) if comes_out(flipped) == quiet] == []
