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
        after = Signal(range(self.rows), name="after", init=1)  # the row after ``of``
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
        ]
        m.d.sync += [
            *(twin.eq(some[0] | (valid & ~self.results.ready)) for twin in (valid, *held)),
            *(twin.eq(self.write | (some[2] & ((until != after) | (held[2] & ~self.results.ready)))) for twin in some),
        ]

        def next_row(row: Signal):
            return Mux(row == self.rows - 1, 0, row + 1)

        with m.If(self.write):
            m.d.sync += [to.eq(next_row(to)), until.eq(next_row(until))]
        with m.If(take):
            m.d.sync += [of.eq(after), after.eq(next_row(after))]
        # how many there are, a clock late
        level, came, went = Signal(range(self.rows + 1), name="level"), Signal(name="came"), Signal(name="went")
        m.d.sync += [came.eq(self.write), went.eq(take), self.room.eq(level < self.rows - self.spare)]
        with m.If(came & ~went):
            m.d.sync += level.eq(level + 1)
        with m.Elif(went & ~came):
            m.d.sync += level.eq(level - 1)
        return m
