"""Memories, each told to synthesis to be of look-up tables or of block RAM; sw.design.memories lists them all."""

from collections.abc import Sequence

from amaranth import Module
from amaranth.lib import memory as library
from amaranth.utils import ceil_log2

from hw.timeline import Timed
from sw.design.memories import style

__all__ = ["memory", "read", "table"]


class _Memory(library.Memory):
    """A memory whose ports' signals have names of their own: the library takes them from the caller's bytecode."""

    def read_port(self, *, domain: str = "sync") -> library.ReadPort:
        signature = library.ReadPort.Signature(shape=self.shape, addr_width=ceil_log2(self.depth))
        return library.ReadPort(signature, memory=self, domain=domain, path=("read",))

    def write_port(self) -> library.WritePort:
        signature = library.WritePort.Signature(shape=self.shape, addr_width=ceil_log2(self.depth))
        return library.WritePort(signature, memory=self, domain="sync", path=("write",))


def memory(shape, rows: int, lutram_rows: int, *, apart: bool = False) -> library.Memory:
    """A memory of a kind that is not for synthesis to choose. It has two rows at least: one would have no address.

    ``apart``: no row is read in the clock in which it is written, or else its value does not matter (boards.marks).
    """
    attributes: dict[str, str | int] = {"ram_style": style(rows, lutram_rows)}
    if apart:
        attributes["apart"] = 1
    return _Memory(shape=shape, depth=max(2, rows), init=[], attrs=attributes)


def table(shape, words: Sequence[int], lutram_rows: int) -> library.Memory:
    """Constant words: plain logic where they are few, else block RAM, for which the read port must have a clock."""
    kind = "block" if len(words) > lutram_rows else "logic"
    return _Memory(shape=shape, depth=max(2, len(words)), init=words, attrs={"ram_style": kind})


def read(m: Module, port: library.ReadPort, address: Timed, clocks: int, name: str) -> Timed:
    """What ``port`` reads at ``address``, ``clocks`` later: one in the memory, the others in registers behind it."""
    m.d.comb += port.addr.eq(address.value)
    data = Timed(port.data, address.stage + 1)
    return data.register(m, name, clocks - 1) if clocks > 1 else data
