"""What a mapped netlist takes up of an FPGA: the one place that says how cells are counted.

XC7 (AMD UG474: each look-up table of a SLICEM is 64 bits of RAM or 32 of shift register):

- logic: LUT1 to LUT6 and INV, 1 each. Place and route may put two small ones into one look-up table, so this is
  what is needed at most. MUXF7, MUXF8 and CARRY4 lie beside the look-up tables: 0.
- LUTRAM: RAM32M and RAM64M 4; RAM32X1D and RAM64X1D 2, RAM128X1D 4; RAM32X1S and RAM64X1S 1, RAM128X1S 2, RAM256X1S 4.
- shift registers: SRL16E and SRLC32E 1.
- block RAM in units of 36 kbit: RAMB36E1 1, RAMB18E1 a half.

ECP5 (Lattice FPGA-DS-02012; nextpnr's ecp5/pack.cc): a slice is two LUT4.

- logic: LUT4 and INV 1, CCU2C 2 (a slice). PFUMX and L6MUX21 lie beside: 0.
- LUTRAM: TRELLIS_DPR16X4 6: two slices hold the bits, a third one's inputs are its write port.
- block RAM (EBR) in units of 18 kbit: DP16KD and PDPW16KD 1.

What nextpnr-ecp5 counts as TRELLIS_COMB are the same look-up tables, and two more wherever a carry chain begins, ends,
or lends its carry to other logic (a slice that leads it in or out), and one for each constant (`occupied`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from boards.errors import BoardError
from boards.netlist.netlist import Netlist

__all__ = ["CLASSES", "Count", "class_of", "count", "occupied"]

#: family -> class -> cell type -> how many units of it a cell takes
CLASSES: dict[str, dict[str, dict[str, float]]] = {
    "xc7": {
        "logic": {**{f"LUT{n}": 1 for n in range(1, 7)}, "INV": 1},
        "lutram": {
            "RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4,
            "RAM32X1S": 1, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4,
        },
        "srl": {"SRL16E": 1, "SRLC32E": 1},
        "ff": {"FDRE": 1, "FDSE": 1, "FDCE": 1, "FDPE": 1},
        "dsp": {"DSP48E1": 1},
        "block": {"RAMB36E1": 1, "RAMB18E1": 0.5},
        "free": {
            "CARRY4": 0, "MUXF7": 0, "MUXF8": 0, "VCC": 0, "GND": 0,
            "IBUF": 0, "OBUF": 0, "BUFG": 0, "PLLE2_ADV": 0,
        },
    },
    "ecp5": {
        "logic": {"LUT4": 1, "INV": 1, "CCU2C": 2},
        "lutram": {"TRELLIS_DPR16X4": 6},
        "srl": {},
        "ff": {"TRELLIS_FF": 1},
        "dsp": {"MULT18X18D": 1},
        "block": {"DP16KD": 1, "PDPW16KD": 1},
        "free": {"PFUMX": 0, "L6MUX21": 0, "VHI": 0, "VLO": 0, "EHXPLLL": 0},
    },
}


@dataclass(frozen=True)
class Count:
    """``lut`` = ``lut_logic`` + ``lutram`` + ``srl``, in look-up tables; ``block``: in the device's memory blocks."""

    lut_logic: int
    lutram: int
    srl: int
    ff: int
    dsp: int
    block: float

    @property
    def lut(self) -> int:
        return self.lut_logic + self.lutram + self.srl


def class_of(family: str, cell_type: str) -> str | None:
    """The class that a cell is counted in; None for a type that is not expected in a mapped netlist."""
    return next((name for name, types in CLASSES[family].items() if cell_type in types), None)


def count(types: Mapping[str, int], family: str) -> Count:
    """Count a netlist's cells (type -> how many). BoardError names types that nothing is known of."""
    unknown = sorted(t for t in types if class_of(family, t) is None)
    if unknown:
        raise BoardError(f"cells of {family} must be of types that can be counted, got {', '.join(unknown)}")

    def total(name: str) -> float:
        return sum(units * types.get(kind, 0) for kind, units in CLASSES[family][name].items())

    return Count(
        lut_logic=int(total("logic")),
        lutram=int(total("lutram")),
        srl=int(total("srl")),
        ff=int(total("ff")),
        dsp=int(total("dsp")),
        block=total("block"),
    )


def occupied(netlist: Netlist) -> int:
    """The cells of an ECP5 that a netlist takes up, as nextpnr counts them (TRELLIS_COMB)."""
    known = {kind: number for kind, number in netlist.types().items() if class_of("ecp5", kind) is not None}
    pieces = [cell.pins for cell in netlist.cells if cell.type == "CCU2C"]
    carries = {piece["COUT"] for piece in pieces if piece.get("COUT")}
    passed_on = {piece["CIN"] for piece in pieces if piece.get("CIN") in carries}
    elsewhere = {
        (bit,) for cell in netlist.cells for pin, bits in cell.pins.items() for bit in bits
        if pin not in cell.outputs and (cell.type, pin) != ("CCU2C", "CIN")
    }  # fmt: skip
    begin = sum(1 for piece in pieces if piece.get("CIN") and piece["CIN"] not in carries)
    lead_out = sum(1 for carry in carries if carry not in passed_on or carry in elsewhere)
    constants = 2
    return count(known, "ecp5").lut + 2 * (begin + lead_out) + constants
