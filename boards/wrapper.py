"""A mapped ECP5 netlist made routable without pins: shift registers stand around its ports.

The accelerator has hundreds of port bits and would sit beside other logic on a chip, not on pins. Every input bit
comes from a flip-flop of one long shift register, every output bit goes to a flip-flop, and three of these at a time
are folded into a second shift register by a look-up table. So every path of the design lies between flip-flops, no
output is without effect, and three pins do: clock, serial input, serial output.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["wrapped"]

_FF = {"CEMUX": "1 ", "CLKMUX": "CLK", "GSR": "DISABLED", "LSRMUX": "LSR", "REGSET": "RESET"}
_PARITY = format(sum(1 << n for n in range(16) if n.bit_count() % 2), "016b")


def wrapped(module: Mapping[str, Any], clock: str = "clk") -> tuple[dict[str, Any], dict[str, int]]:
    """The module (of yosys's JSON) with the three ports clk, serial_in and serial_out; what was added: lut, ff."""
    cells = dict(module["cells"])
    every = [*(port["bits"] for port in module["ports"].values()),
             *(bits for cell in cells.values() for bits in cell["connections"].values())]  # fmt: skip
    last = max((bit for bits in every for bit in bits if isinstance(bit, int)), default=1)
    (tick,) = module["ports"][clock]["bits"]

    def net() -> int:
        nonlocal last
        last += 1
        return last

    def add(name: str, kind: str, parameters: Mapping[str, str], inputs: Mapping[str, Any], output: str, bit: int
            ) -> None:
        cells[name] = {
            "hide_name": 0,
            "type": kind,
            "parameters": dict(parameters),
            "attributes": {},
            "port_directions": {**dict.fromkeys(inputs, "input"), output: "output"},
            "connections": {**{pin: [source] for pin, source in inputs.items()}, output: [bit]},
        }

    def register(name: str, source: Any, bit: int) -> int:
        add(name, "TRELLIS_FF", _FF, {"CLK": tick, "DI": source}, "Q", bit)
        return bit

    others = [port for name, port in module["ports"].items() if name != clock]
    inputs, outputs = (
        [bit for port in others if port["direction"] == way for bit in port["bits"] if isinstance(bit, int)]
        for way in ("input", "output")
    )
    serial_in = shifted = net()
    for number, bit in enumerate(inputs):
        shifted = register(f"wrapper.input_{number}", shifted, bit)
    sampled = [register(f"wrapper.output_{number}", bit, net()) for number, bit in enumerate(outputs)]
    tables = range(0, len(sampled), 3)
    for number in tables:
        pins = dict(zip("ABCD", [shifted, *sampled[number : number + 3], "0", "0"], strict=False))
        folded = net()
        add(f"wrapper.fold_{number}", "LUT4", {"INIT": _PARITY}, pins, "Z", folded)
        shifted = register(f"wrapper.folded_{number}", folded, net())
    ports = {"clk": ("input", tick), "serial_in": ("input", serial_in), "serial_out": ("output", shifted)}
    return {
        **module,
        "ports": {name: {"direction": way, "bits": [bit]} for name, (way, bit) in ports.items()},
        "cells": cells,
    }, {"lut": len(tables), "ff": len(inputs) + len(sampled) + len(tables)}
