"""A mapped netlist, as yosys's `write_json` writes it: cells, the nets between them, and the names of nets."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from boards.errors import BoardError

__all__ = ["Bit", "Cell", "Netlist", "read_netlist"]

#: a net's number, or a constant: "0", "1", "x", "z"
Bit = int | str

_IGNORED = ("$scopeinfo",)  # remember where flattened modules were; no hardware


@dataclass(frozen=True)
class Cell:
    """``pins``: the bits at each port, lowest first; ``outputs``: the names of the ports that drive."""

    name: str
    type: str
    parameters: Mapping[str, str]
    pins: Mapping[str, tuple[Bit, ...]]
    outputs: frozenset[str]

    def number(self, parameter: str, default: int = 0) -> int:
        """A parameter that is an integer (written in binary)."""
        return int(self.parameters.get(parameter, bin(default)[2:]), 2)


@dataclass(frozen=True)
class Netlist:
    """One flat module. ``names``: public name of a net, where it has one; ``inputs``, ``outputs``: its ports' bits."""

    cells: tuple[Cell, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    inputs: Mapping[str, tuple[Bit, ...]] = field(default_factory=dict)
    outputs: Mapping[str, tuple[Bit, ...]] = field(default_factory=dict)

    def types(self) -> Counter[str]:
        """How many cells there are of each type."""
        return Counter(cell.type for cell in self.cells)

    def drivers(self) -> Iterator[tuple[int, str]]:
        """Every net that something drives, and the driver's type; a top-level input is "input"."""
        for bits in self.inputs.values():
            yield from ((bit, "input") for bit in bits if isinstance(bit, int))
        for cell in self.cells:
            for pin in cell.outputs:
                yield from ((bit, cell.type) for bit in cell.pins[pin] if isinstance(bit, int))


def read_netlist(path: Path, top: str = "top") -> Netlist:
    """The module ``top`` of a JSON file. BoardError if it cannot be read or has no such module."""
    try:
        modules = json.loads(path.read_bytes())["modules"]
        module = modules[top]
    except OSError as error:
        raise BoardError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise BoardError(f"{path}: must be a netlist of yosys's write_json with a module {top}, is not") from None
    return parse(module)


def _rank(name: str) -> tuple[bool, int, str]:
    """Of several names of a net one that was given by hand, and of these the shortest, is shown."""
    return "$" in name, len(name), name


def parse(module: Mapping) -> Netlist:
    """A netlist from a module of a parsed JSON file."""
    cells = []
    for name, cell in module["cells"].items():
        if cell["type"] in _IGNORED:
            continue
        directions = cell["port_directions"]
        cells.append(
            Cell(
                name=name,
                type=cell["type"],
                parameters=cell.get("parameters", {}),
                pins={pin: tuple(bits) for pin, bits in cell["connections"].items()},
                outputs=frozenset(pin for pin, way in directions.items() if way == "output"),
            )
        )
    names: dict[int, str] = {}
    for name, net in module.get("netnames", {}).items():
        if net.get("hide_name"):
            continue
        for index, bit in enumerate(net["bits"]):
            text = f"{name}[{index}]" if len(net["bits"]) > 1 else name
            if isinstance(bit, int) and (bit not in names or _rank(text) < _rank(names[bit])):
                names[bit] = text
    ports: dict[str, dict[str, tuple[Bit, ...]]] = {"input": {}, "output": {}}
    for name, port in module.get("ports", {}).items():
        ports[port["direction"]][name] = tuple(port["bits"])
    return Netlist(tuple(cells), names, ports["input"], ports["output"])
