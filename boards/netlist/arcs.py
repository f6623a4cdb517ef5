"""How a signal passes through the cells of a mapped netlist, and which delay it meets on each way.

A delay is a name here; `delays.py` says how many nanoseconds it is on a family. Paths begin and end at flip-flops,
memories (write ports; addresses of block RAM) and registers inside DSPs. A read of LUTRAM or of a shift register made
of look-up tables begins a path too, as its contents change at a clock edge. Clock pins do not count; resets and enables
do.
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
    """``delay``: the name of one; "": none."""

    source: Point
    target: Point
    delay: str = ""


@dataclass
class Passage:
    """``arcs`` through a cell; ``starts``: where paths begin and the delay after the clock edge; ``ends``: where they
    end and the delay before it (setup)."""

    arcs: list[Arc] = field(default_factory=list)
    starts: list[tuple[Point, str]] = field(default_factory=list)
    ends: list[tuple[Point, str]] = field(default_factory=list)

    def through(self, sources: Iterable[Point], hub: str, targets: Iterable[Point], delay: str) -> None:
        """From each source by way of a point inside to each target."""
        self.arcs += [Arc(source, hub, delay) for source in sources]
        self.arcs += [Arc(hub, target) for target in targets]

    def boundary(self, point: str, kind: str, *, registered: bool) -> tuple[str, str]:
        """A place where there may be a register of a kind: the points before and behind it."""
        if not registered:
            return point, point
        before, behind = f"{point} in", f"{point} out"
        self.ends.append((before, f"{kind} setup"))
        self.starts.append((behind, f"{kind} clock"))
        return before, behind


def passage(cell: Cell) -> Passage:
    """How signals pass through a cell.

    BoardError names a cell of an unknown type.
    """
    for pattern, model in _MODELS.items():
        if re.fullmatch(pattern, cell.type):
            return model(cell)
    raise BoardError(f"cell {cell.name}: its type must be one whose delays are known, got {cell.type}")


def _bits(cell: Cell, pins: Iterable[str]) -> list[Point]:
    return [(pin, index) for pin in pins if pin in cell.pins for index in range(len(cell.pins[pin]))]


def _inputs(cell: Cell, *, but: str = "(?!)") -> list[Point]:
    return _bits(cell, (p for p in cell.pins if p not in cell.outputs and not re.fullmatch(but, p)))


def _outputs(cell: Cell) -> list[Point]:
    return _bits(cell, (p for p in cell.pins if p in cell.outputs))


def _logic(delay: str) -> Callable[[Cell], Passage]:
    def model(cell: Cell) -> Passage:
        made = Passage()
        made.through(_inputs(cell), "in", _outputs(cell), delay)
        return made

    return model


_CLOCKS = "C|CLK|CLKA|CLKB|CLK[0-3]|WCLK|WCK|CLKR|CLKW|CLK(ARD|BWR)CLK|REGCLK(ARDRCLK|B)"


def _flip_flop(cell: Cell) -> Passage:
    data, control = {"D": "data", "DI": "data", "M": "data", "CE": "enable"}, "reset"
    return Passage(
        starts=[(pin, "flip-flop clock") for pin in _outputs(cell)],
        ends=[(pin, f"flip-flop {data.get(str(pin[0]), control)} setup") for pin in _inputs(cell, but=_CLOCKS)],
    )


def _block_ram(cell: Cell) -> Passage:
    def start(pin: Point) -> tuple[Point, str]:
        port = "B" if str(pin[0]).startswith(("DOB", "DOPB")) else "A"
        registered = cell.number(f"DO{port}_REG") or cell.parameters.get(f"REGMODE_{port}") == "OUTREG"
        return pin, "block RAM register clock" if registered else "block RAM clock"

    return Passage(
        starts=[start(pin) for pin in _outputs(cell)],
        ends=[(pin, "block RAM setup") for pin in _inputs(cell, but=_CLOCKS)],
    )


def _table_memory(kind: str, reads: dict[str, str], write: str) -> Callable[[Cell], Passage]:
    """Memory in look-up tables. ``reads``: address pins -> output pins; ``write``: pins that a clock edge samples."""

    def model(cell: Cell) -> Passage:
        sampled = _bits(cell, (p for p in cell.pins if re.fullmatch(write, p)))
        made = Passage(ends=[(pin, f"{kind} setup") for pin in sampled])
        for number, (address, data) in enumerate(reads.items()):
            outputs = _bits(cell, (p for p in cell.outputs if re.fullmatch(data, p)))
            if not outputs:
                continue
            contents = f"contents {number}" if number else "contents"
            made.starts.append((contents, f"{kind} clock"))
            addresses = _bits(cell, (p for p in cell.pins if re.fullmatch(address, p)))
            made.through(addresses, f"read {number}", outputs, "look-up table")
            made.arcs.append(Arc(contents, f"read {number}"))
        return made

    return model


def _chain_link(
    cell: Cell, carry_in: str, entries: Sequence[Sequence[Point]],
    sums: Sequence[Point], outs: Sequence[Point | None],
) -> Passage:
    """A piece of a carry chain: per bit what enters there, its sum, and its carry if that can leave."""
    made = Passage()
    made.arcs.append(Arc((carry_in, 0), "carry 0", "carry in"))
    for bit, (sources, total, out) in enumerate(zip(entries, sums, outs, strict=True)):
        made.arcs += [Arc(source, total, "carry own sum") for source in sources]
        made.arcs += [Arc(source, f"carry {bit + 1}", "carry enter") for source in sources]
        made.arcs += [Arc(f"carry {bit}", total, "carry sum"), Arc(f"carry {bit}", f"carry {bit + 1}")]
        if out is not None:
            made.arcs.append(Arc(f"carry {bit + 1}", out))
    return made


def _carry4(cell: Cell) -> Passage:
    bits = range(4)
    made = _chain_link(
        cell, "CI", [[("S", i)] for i in bits], [("O", i) for i in bits], [("CO", i) for i in bits]
    )
    made.arcs.append(Arc(("CYINIT", 0), "carry 0", "carry enter"))
    made.arcs += [Arc(("DI", i), f"carry {i + 1}", "carry enter") for i in bits]
    return made


def _ccu2c(cell: Cell) -> Passage:
    entries = [[(f"{pin}{i}", 0) for pin in "ABCD"] for i in range(2)]
    sums: list[Point] = [("S0", 0), ("S1", 0)]
    return _chain_link(cell, "CIN", entries, sums, [None, ("COUT", 0)])


def _dsp48e1(cell: Cell) -> Passage:
    controls = _bits(cell, (p for p in cell.pins if re.fullmatch("(CE|RST).*", p)))
    made = Passage(ends=[(pin, "multiplier control setup") for pin in controls])

    def register(point: str, parameter: str, kind: str = "operand") -> tuple[str, str]:
        # a register is there unless a parameter says otherwise: the vendor's default is 1
        return made.boundary(point, f"multiplier {kind}", registered=cell.number(parameter, 1) > 0)

    def enter(pins: str, before: str) -> None:
        made.arcs += [Arc(pin, before) for pin in _bits(cell, (p for p in cell.pins if re.fullmatch(pins, p)))]

    product, product_out = register("product", "MREG", "product")
    total, total_out = register("sum", "PREG", "result")
    multiplies = cell.parameters.get("USE_MULT", "MULTIPLY") != "NONE"
    multiply, add = "multiply", "multiplier adder"
    for operand, pins in (("A", "A|ACIN"), ("B", "B|BCIN")):
        before, behind = register(operand, f"{operand}REG")
        enter(pins, before)
        made.arcs += [Arc(behind, pin) for pin in _bits(cell, [f"{operand}COUT"])]
        made.arcs.append(Arc(behind, product, multiply) if multiplies else Arc(behind, total, add))
    if cell.parameters.get("USE_DPORT") == "TRUE":
        before, behind = register("D", "DREG")
        enter("D", before)
        made.arcs.append(Arc(behind, product, multiply))
    made.arcs.append(Arc(product_out, total, add))
    for name, parameter in (("C", "CREG"), ("OPMODE", "OPMODEREG"), ("ALUMODE", "ALUMODEREG")):
        before, behind = register(name, parameter)
        enter(name, before)
        made.arcs.append(Arc(behind, total, add))
    before, behind = register("CARRYIN", "CARRYINREG")
    enter("CARRYIN|CARRYINSEL", before)
    made.arcs.append(Arc(behind, total, add))
    before, behind = register("INMODE", "INMODEREG")
    enter("INMODE", before)
    made.arcs.append(Arc(behind, product, multiply))
    made.arcs += [Arc(pin, total, add) for pin in _bits(cell, ("PCIN", "CARRYCASCIN", "MULTSIGNIN"))]
    outs = ("P", "PCOUT", "CARRYOUT", "CARRYCASCOUT", "MULTSIGNOUT", "PATTERNDETECT", "PATTERNBDETECT")
    made.arcs += [Arc(total_out, pin, "multiplier out") for pin in _bits(cell, outs)]
    return made


def _mult18x18d(cell: Cell) -> Passage:
    controls = _bits(cell, (p for p in cell.pins if re.fullmatch("(CE|RST)[0-3]", p)))
    made = Passage(ends=[(pin, "multiplier control setup") for pin in controls])

    def register(point: str, parameter: str, kind: str) -> tuple[str, str]:
        registered = cell.parameters.get(parameter, "NONE") != "NONE"
        return made.boundary(point, f"multiplier {kind}", registered=registered)

    # nextpnr, whose clock this is held against, takes the register in the pipeline for none
    total, total_out = register("sum", "REG_OUTPUT_CLK", "result")
    for operand in "ABC":
        before, behind = register(operand, f"REG_INPUT{operand}_CLK", "operand")
        pins = f"{operand}[0-9]+|(SRI|SIGNED|SOURCE){operand}[0-9]*"
        made.arcs += [Arc(pin, before) for pin in _bits(cell, (p for p in cell.pins if re.fullmatch(pins, p)))]
        made.arcs.append(Arc(behind, total, "multiply"))
    made.arcs += [Arc(total_out, pin, "multiplier out") for pin in _outputs(cell)]
    return made


_MODELS: dict[str, Callable[[Cell], Passage]] = {
    "LUT[1-6]|INV": _logic("look-up table"),
    "MUXF[789]|PFUMX|L6MUX21|BUFG|IBUF|OBUF": _logic("multiplexer"),
    "CARRY4": _carry4,
    "CCU2C": _ccu2c,
    "FD[RSCP]E(_1)?|TRELLIS_FF": _flip_flop,
    "RAMB(18|36)E1|DP16KD|PDPW16KD": _block_ram,
    "RAM(32|64)M": _table_memory("LUTRAM", {f"ADDR{x}": f"DO{x}" for x in "ABCD"}, "ADDRD|DI[ABCD]|WE"),
    "RAM[0-9]+X1[DS]": _table_memory("LUTRAM", {"A[0-9]*": "SPO|O", "DPRA[0-9]*": "DPO"}, "A[0-9]*|D|WE"),
    "SRL16E|SRLC32E": _table_memory("shift register", {"A[0-9]*": "Q", "(?!)": "Q15|Q31"}, "D|CE"),
    "TRELLIS_DPR16X4": _table_memory("LUTRAM", {"RAD": "DO"}, "WAD|DI|WRE"),
    "DSP48E1": _dsp48e1,
    "MULT18X18D": _mult18x18d,
    "VCC|GND|VHI|VLO|EHXPLLL|PLLE2_ADV": lambda cell: Passage(),
}
