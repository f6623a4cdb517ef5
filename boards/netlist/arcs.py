"""How a signal passes through the cells of a mapped netlist, in levels of logic.

What counts as a level:

- a look-up table or an inverter: 1; the wide multiplexers that join look-up tables (MUXF7, MUXF8, PFUMX, L6MUX21): 0;
- a piece of a carry chain (CARRY4 for four bits, CCU2C for two): 1, as vendors' timing reports count. On XC7 the
  look-up tables that feed it count beside it, so that an adder of 24 bits has 7 levels; on ECP5 they are part of it;
- a read of LUTRAM or of a shift register made of look-up tables: 1, whether its address has changed or its contents;
- a multiplier: 1, and the path is marked as one with a multiplier; the adder behind it inside an XC7 DSP: 1.

Paths begin and end at flip-flops, memories (write ports; addresses of block RAM) and registers inside DSPs. Clock
pins do not count; resets and enables do.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from boards.errors import BoardError
from boards.netlist.netlist import Cell

__all__ = ["Arc", "Passage", "passage"]

#: a point of a cell: (pin, index), or a name for one inside
Point = tuple[str, int] | str


@dataclass(frozen=True)
class Arc:
    source: Point
    target: Point
    level: int
    multiplier: bool = False


@dataclass
class Passage:
    """``arcs`` through a cell; ``starts``: points where paths begin; ``ends``: where they end."""

    arcs: list[Arc] = field(default_factory=list)
    starts: list[Point] = field(default_factory=list)
    ends: list[Point] = field(default_factory=list)

    def through(self, sources: Iterable[Point], hub: str, targets: Iterable[Point], level: int) -> None:
        """From each source by way of a point inside to each target."""
        self.arcs += [Arc(source, hub, level) for source in sources]
        self.arcs += [Arc(hub, target, 0) for target in targets]

    def boundary(self, point: str, *, registered: bool) -> tuple[str, str]:
        """A place where there may be a register: the points before and behind it."""
        if not registered:
            return point, point
        before, behind = f"{point} in", f"{point} out"
        self.ends.append(before)
        self.starts.append(behind)
        return before, behind


def passage(cell: Cell) -> Passage:
    """How signals pass through a cell.

    BoardError names a cell of an unknown type.
    """
    for pattern, model in _MODELS.items():
        if re.fullmatch(pattern, cell.type):
            return model(cell)
    raise BoardError(f"cell {cell.name}: its type must be one that levels of logic are known of, got {cell.type}")


def _bits(cell: Cell, pins: Iterable[str]) -> list[Point]:
    return [(pin, index) for pin in pins if pin in cell.pins for index in range(len(cell.pins[pin]))]


def _inputs(cell: Cell, *, but: str = "(?!)") -> list[Point]:
    return _bits(cell, (p for p in cell.pins if p not in cell.outputs and not re.fullmatch(but, p)))


def _outputs(cell: Cell) -> list[Point]:
    return _bits(cell, (p for p in cell.pins if p in cell.outputs))


def _logic(level: int) -> Callable[[Cell], Passage]:
    def model(cell: Cell) -> Passage:
        made = Passage()
        made.through(_inputs(cell), "in", _outputs(cell), level)
        return made

    return model


_CLOCKS = "C|CLK|CLKA|CLKB|CLK[0-3]|WCLK|WCK|CLKR|CLKW|CLK(ARD|BWR)CLK|REGCLK(ARDRCLK|B)"


def _clocked(cell: Cell) -> Passage:
    return Passage(starts=_outputs(cell), ends=_inputs(cell, but=_CLOCKS))


def _table_memory(reads: dict[str, str], write: str) -> Callable[[Cell], Passage]:
    """Memory in look-up tables. ``reads``: address pins -> output pins; ``write``: pins that a clock edge samples."""

    def model(cell: Cell) -> Passage:
        made = Passage(ends=_bits(cell, (p for p in cell.pins if re.fullmatch(write, p))))
        for number, (address, data) in enumerate(reads.items()):
            outputs = _bits(cell, (p for p in cell.outputs if re.fullmatch(data, p)))
            if not outputs:
                continue
            contents = f"contents {number}" if number else "contents"
            made.starts.append(contents)
            addresses = _bits(cell, (p for p in cell.pins if re.fullmatch(address, p)))
            made.through([contents, *addresses], f"read {number}", outputs, 1)
        return made

    return model


def _chain_link(
    cell: Cell, carry_in: str, entries: Sequence[Sequence[Point]],
    sums: Sequence[Point], outs: Sequence[Point | None],
) -> Passage:
    """A piece of a carry chain: per bit what enters there, its sum, and its carry if that can leave."""
    made = Passage()
    made.arcs.append(Arc((carry_in, 0), "carry 0", 1))
    for bit, (sources, total, out) in enumerate(zip(entries, sums, outs, strict=True)):
        made.through(sources, f"enter {bit}", [total, f"carry {bit + 1}"], 1)
        made.arcs += [Arc(f"carry {bit}", total, 0), Arc(f"carry {bit}", f"carry {bit + 1}", 0)]
        if out is not None:
            made.arcs.append(Arc(f"carry {bit + 1}", out, 0))
    return made


def _carry4(cell: Cell) -> Passage:
    bits = range(4)
    made = _chain_link(
        cell, "CI", [[("S", i)] for i in bits], [("O", i) for i in bits], [("CO", i) for i in bits]
    )
    made.arcs.append(Arc(("CYINIT", 0), "carry 0", 1))
    made.arcs += [Arc(("DI", i), f"carry {i + 1}", 1) for i in bits]
    return made


def _ccu2c(cell: Cell) -> Passage:
    entries = [[(f"{pin}{i}", 0) for pin in "ABCD"] for i in range(2)]
    sums: list[Point] = [("S0", 0), ("S1", 0)]
    return _chain_link(cell, "CIN", entries, sums, [None, ("COUT", 0)])


def _dsp48e1(cell: Cell) -> Passage:
    made = Passage(ends=_bits(cell, (p for p in cell.pins if re.fullmatch("(CE|RST).*", p))))

    def register(point: str, parameter: str) -> tuple[str, str]:
        # a register is there unless a parameter says otherwise: the vendor's default is 1
        return made.boundary(point, registered=cell.number(parameter, 1) > 0)

    def enter(pins: str, before: str) -> None:
        made.arcs += [Arc(pin, before, 0) for pin in _bits(cell, (p for p in cell.pins if re.fullmatch(pins, p)))]

    product, product_out = register("product", "MREG")
    total, total_out = register("sum", "PREG")
    multiplies = cell.parameters.get("USE_MULT", "MULTIPLY") != "NONE"
    for operand, pins in (("A", "A|ACIN"), ("B", "B|BCIN")):
        before, behind = register(operand, f"{operand}REG")
        enter(pins, before)
        made.arcs += [Arc(behind, pin, 0) for pin in _bits(cell, [f"{operand}COUT"])]
        if multiplies:
            made.arcs.append(Arc(behind, product, 1, multiplier=True))
        else:
            made.arcs.append(Arc(behind, total, 1))
    if cell.parameters.get("USE_DPORT") == "TRUE":
        before, behind = register("D", "DREG")
        enter("D", before)
        made.arcs.append(Arc(behind, product, 1, multiplier=True))
    # with nothing but the product chosen, the adder passes it on
    chosen = cell.pins.get("OPMODE", ())[4:]
    made.arcs.append(Arc(product_out, total, 0 if all(bit == "0" for bit in chosen) else 1))
    for name, parameter in (("C", "CREG"), ("OPMODE", "OPMODEREG"), ("ALUMODE", "ALUMODEREG")):
        before, behind = register(name, parameter)
        enter(name, before)
        made.arcs.append(Arc(behind, total, 1))
    before, behind = register("CARRYIN", "CARRYINREG")
    enter("CARRYIN|CARRYINSEL", before)
    made.arcs.append(Arc(behind, total, 1))
    before, behind = register("INMODE", "INMODEREG")
    enter("INMODE", before)
    made.arcs.append(Arc(behind, product, 1, multiplier=multiplies))
    made.arcs += [Arc(pin, total, 1) for pin in _bits(cell, ("PCIN", "CARRYCASCIN", "MULTSIGNIN"))]
    outs = ("P", "PCOUT", "CARRYOUT", "CARRYCASCOUT", "MULTSIGNOUT", "PATTERNDETECT", "PATTERNBDETECT")
    made.arcs += [Arc(total_out, pin, 0) for pin in _bits(cell, outs)]
    return made


def _mult18x18d(cell: Cell) -> Passage:
    made = Passage(ends=_bits(cell, (p for p in cell.pins if re.fullmatch("(CE|RST)[0-3]", p))))

    def register(point: str, parameter: str) -> tuple[str, str]:
        return made.boundary(point, registered=cell.parameters.get(parameter, "NONE") != "NONE")

    product, product_out = register("product", "REG_PIPELINE_CLK")
    total, total_out = register("sum", "REG_OUTPUT_CLK")
    made.arcs.append(Arc(product_out, total, 0))
    for operand in "ABC":
        before, behind = register(operand, f"REG_INPUT{operand}_CLK")
        pins = f"{operand}[0-9]+|(SRI|SIGNED|SOURCE){operand}[0-9]*"
        made.arcs += [Arc(pin, before, 0) for pin in _bits(cell, (p for p in cell.pins if re.fullmatch(pins, p)))]
        made.arcs.append(Arc(behind, product, 1, multiplier=True))
    made.arcs += [Arc(total_out, pin, 0) for pin in _outputs(cell)]
    return made


_MODELS: dict[str, Callable[[Cell], Passage]] = {
    "LUT[1-6]|INV": _logic(1),
    "MUXF[789]|PFUMX|L6MUX21|BUFG": _logic(0),
    "CARRY4": _carry4,
    "CCU2C": _ccu2c,
    "FD[RSCP]E(_1)?|TRELLIS_FF|RAMB(18|36)E1|DP16KD|PDPW16KD": _clocked,
    "RAM(32|64)M": _table_memory({f"ADDR{x}": f"DO{x}" for x in "ABCD"}, "ADDRD|DI[ABCD]|WE"),
    "RAM[0-9]+X1[DS]": _table_memory({"A[0-9]*": "SPO|O", "DPRA[0-9]*": "DPO"}, "A[0-9]*|D|WE"),
    "SRL16E|SRLC32E": _table_memory({"A[0-9]*": "Q", "(?!)": "Q15|Q31"}, "D|CE"),
    "TRELLIS_DPR16X4": _table_memory({"RAD": "DO"}, "WAD|DI|WRE"),
    "DSP48E1": _dsp48e1,
    "MULT18X18D": _mult18x18d,
    "VCC|GND|VHI|VLO": lambda cell: Passage(),
}
