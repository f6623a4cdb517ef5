"""Memories, each told to synthesis to be of look-up tables or of block RAM; sw.design.memories lists them all."""

from collections.abc import Sequence

from amaranth.lib.memory import Memory

from sw.design.memories import style

__all__ = ["memory", "table"]


def memory(shape, rows: int, lutram_rows: int) -> Memory:
    """A memory of a kind that is not for synthesis to choose. It has two rows at least: one would have no address."""
    return Memory(shape=shape, depth=max(2, rows), init=[], attrs={"ram_style": style(rows, lutram_rows)})


def table(shape, words: Sequence[int], lutram_rows: int) -> Memory:
    """Constant words: plain logic where they are few, else block RAM, for which the read port must have a clock."""
    kind = "block" if len(words) > lutram_rows else "logic"
    return Memory(shape=shape, depth=max(2, len(words)), init=words, attrs={"ram_style": kind})
