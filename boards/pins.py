"""The pins of a board, as amaranth-boards has them, and the constraints that tools read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from boards.board import Board
from boards.errors import BoardError

__all__ = ["Pin", "lpf", "pins", "vivado_xdc", "xdc"]


@dataclass(frozen=True)
class Pin:
    """``port``: of the top module, one bit; ``site``: of the package; ``attributes``: as the family's tools name them.

    """

    port: str
    site: str
    output: bool
    attributes: Mapping[str, str] = field(default_factory=dict)


def pins(board: Board) -> tuple[Pin, ...]:
    """Clock, serial line, LEDs (``led_0`` and so on), and what is to be held at 1 (``high_0`` and so on).

    BoardError if amaranth-boards is not installed.
    """
    if find_spec("amaranth_boards") is None:
        raise BoardError("pins need amaranth-boards, which is not there; `make bitstream` installs it")
    module, _, name = board.pins.partition(".")
    platform = getattr(import_module(f"amaranth_boards.{module}"), name)
    resources = {(one.name, one.number): one for one in platform.resources}
    clock = _pin("clk", resources[platform.default_clk, 0], output=False)
    serial = resources["uart", 0]
    found = [clock, _pin("rx", serial, "rx", output=False), _pin("tx", serial, "tx", output=True)]
    number = 0
    while ("led", number) in resources:
        found.append(_pin(f"led_{number}", resources["led", number], output=True))
        number += 1
    found += [
        _pin(f"high_{n}", resources[name, 0], part, output=True) for n, (name, part) in enumerate(board.held_high)
    ]
    return tuple(found)


def _pin(port: str, resource, part: str = "", *, output: bool) -> Pin:
    """``part``: of the resource, "" where it is one pin."""
    one = next(io for io in resource.ios if getattr(io, "name", "") == part) if part else resource
    (names,) = (io.names for io in one.ios if hasattr(io, "names"))
    (site,) = names
    attributes = {**resource.attrs, **one.attrs}
    return Pin(port, site, output, {key: str(value) for key, value in attributes.items()})


def xdc(found: Iterable[Pin]) -> str:
    """Sites and levels; nothing that an open flow's reader does not know."""
    lines = []
    for pin in found:
        lines.append(f"set_property LOC {pin.site} [get_ports {pin.port}]")
        lines += [f"set_property {name} {value} [get_ports {pin.port}]" for name, value in pin.attributes.items()]
    return "\n".join(lines) + "\n"


def vivado_xdc(clock_mhz: float) -> str:
    """What only Vivado reads: the oscillator's period, from which it has the PLL's; the bank's voltage; slow pins."""
    return "\n".join([
        f"create_clock -name clk -period {1000 / clock_mhz:g} [get_ports clk]",
        "set_property CFGBVS VCCO [current_design]",
        "set_property CONFIG_VOLTAGE 3.3 [current_design]",
        "set_false_path -from [get_ports rx]",
        "set_false_path -to [get_ports -filter {DIRECTION == OUT}]",
    ]) + "\n"  # fmt: skip


def lpf(found: Sequence[Pin], clock_mhz: float) -> str:
    """As nextpnr-ecp5 reads it."""
    lines = [f'FREQUENCY PORT "clk" {clock_mhz:g} MHZ;']
    for pin in found:
        lines.append(f'LOCATE COMP "{pin.port}" SITE "{pin.site}";')
        said = " ".join(f"{name}={value}" for name, value in pin.attributes.items())
        lines.append(f'IOBUF PORT "{pin.port}" {said};')
    return "\n".join(lines) + "\n"
