"""Small netlists, made by hand."""

from boards.netlist.netlist import Bit, Cell, Netlist

__all__ = ["cell", "ff", "lut", "netlist", "register"]

_OUTPUTS = {
    "Q", "O", "CO", "DO", "DOA", "DOB", "DOC", "DOD", "DPO", "SPO", "Z", "S0", "S1", "COUT", "P", "PCOUT", "DOADO", "Y",
}


def cell(name: str, kind: str, parameters: dict[str, str] | None = None, **pins: Bit | list[Bit]) -> Cell:
    """A cell; a pin's bits are net numbers or constants. Which pins drive is known by their names."""
    bits = {pin: tuple(value) if isinstance(value, list) else (value,) for pin, value in pins.items()}
    return Cell(name, kind, parameters or {}, bits, frozenset(pin for pin in bits if pin in _OUTPUTS))


def register(q: int) -> str:
    """The name of the flip-flop that drives net q, in letters: names that differ in digits fall together."""
    return "ff_" + "".join("abcdefghij"[int(digit)] for digit in str(q))


def ff(d: Bit, q: int, **pins: Bit) -> Cell:
    return cell(register(q), "FDRE", C=1, D=d, Q=q, **pins)


def lut(inputs: list[Bit], output: int, name: str = "") -> Cell:
    pins = {f"I{i}": bit for i, bit in enumerate(inputs)}
    return cell(name or f"lut_{output}", f"LUT{len(inputs)}", O=output, **pins)


def netlist(
    *cells: Cell, inputs: dict | None = None, outputs: dict | None = None, names: dict | None = None
) -> Netlist:
    """Net 1 is the clock, an input."""
    return Netlist(
        cells,
        names or {},
        {"clk": (1,), **{name: tuple(bits) for name, bits in (inputs or {}).items()}},
        {name: tuple(bits) for name, bits in (outputs or {}).items()},
    )
