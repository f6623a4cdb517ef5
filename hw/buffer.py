"""The buffer of results: a queue whose flags are registers, so that no path through it is long."""

from amaranth import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory

__all__ = ["ResultBuffer"]


class ResultBuffer(wiring.Component):
    """Words wait in ``rows`` rows and a register in front of ``results``, in order, until they are taken.

    Members: ``write``, ``data``: a word comes; there must be room for it. ``room``: at least ``spare`` rows are free,
    two clocks late.
    """

    def __init__(self, *, width: int, rows: int, spare: int, lutram_rows: int):
        if rows < 3:
            raise ValueError(f"the result buffer must have 3 rows or more, got {rows}")
        self.rows, self.spare, self.lutram_rows = rows, spare, lutram_rows
        super().__init__(
            {
                "write": In(1),
                "data": In(width),
                "room": Out(1),
                "results": Out(stream.Signature(width)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # a row is read in the clock after the one in which it was written, or later
        m.submodules.memory = words = memory(len(self.data), self.rows, self.lutram_rows, apart=True)
        put, got = words.write_port(), words.read_port()
        valid, take, reads = (Signal(name=name) for name in ("valid", "take", "reads"))
        # words are in the rows; there is a result, as `valid` says to others. Whatever is decided by these and by who
        # takes the results has a pair of its own.
        some, held = (
            [Signal(name=f"{name}_{use}", attrs={"keep": 1}) for use in ("count", "read", "row")]
            for name in ("some", "held")
        )
        valid.attrs["keep"] = 1
        of = Signal(range(self.rows), name="of")
        to, until = (Signal(range(self.rows), name=name, attrs={"keep": 1}) for name in ("to", "until"))  # the same
        # the rows after ``of``
        after, second = (Signal(range(self.rows), name=name, init=at) for name, at in (("after", 1), ("second", 2)))
        came, went = Signal(name="came"), Signal(name="went")  # a word, in the clock before
        # With what came and went, and how many words there were before: there are others behind the first one. This is
        # known early in the clock, as whoever takes the results may decide late.
        had, behind, beyond = Signal(name="had"), Signal(name="behind", init=1), Signal(name="beyond", init=1)
        others = Signal(name="others")
        m.d.comb += [
            take.eq(some[0] & (~held[0] | self.results.ready)),
            reads.eq(some[1] & (~held[1] | self.results.ready)),
            put.addr.eq(to),
            put.data.eq(self.data),
            put.en.eq(self.write),
            got.addr.eq(of),
            got.en.eq(reads),
            self.results.payload.eq(got.data),
            self.results.valid.eq(valid),
            others.eq(Mux(came, Mux(went, behind, had), Mux(went, beyond, behind))),
        ]
        m.d.sync += [
            *(twin.eq(some[0] | (valid & ~self.results.ready)) for twin in (valid, *held)),
            *(twin.eq(self.write | (some[2] & (others | (held[2] & ~self.results.ready)))) for twin in some),
            had.eq(some[2]),
            behind.eq(until != after),
            beyond.eq(until != second),
        ]

        def next_row(row: Signal):
            return Mux(row == self.rows - 1, 0, row + 1)

        with m.If(self.write):
            m.d.sync += [to.eq(next_row(to)), until.eq(next_row(until))]
        with m.If(take):
            m.d.sync += [of.eq(after), after.eq(second), second.eq(next_row(second))]
        # how many there are, a clock late
        level = Signal(range(self.rows + 1), name="level")
        m.d.sync += [came.eq(self.write), went.eq(take), self.room.eq(level < self.rows - self.spare)]
        with m.If(came & ~went):
            m.d.sync += level.eq(level + 1)
        with m.Elif(went & ~came):
            m.d.sync += level.eq(level - 1)
        return m
