"""A wait of always the same length."""

from amaranth import Module, Signal

__all__ = ["Timer"]


class Timer:
    """``over`` is low for ``clocks`` clocks after ``start``, in which all that is derived from registers arrives."""

    def __init__(self, m: Module, clocks: int):
        self.start, self.over = Signal(name="start_wait"), Signal(name="over")
        left = Signal(range(clocks), name="wait")
        m.d.sync += [left.eq(left - (left != 0)), self.over.eq((left == 0) & ~self.start)]
        with m.If(self.start):
            m.d.sync += left.eq(clocks - 1)
