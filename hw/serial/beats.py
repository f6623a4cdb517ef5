"""Beats of slots, on their way to the accelerator: all sources of slots put them into one queue."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory
from hw.sequencer import slot_descriptor
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS

__all__ = ["BeatQueue", "beats", "slot_layout"]

_ROWS = 32  # more than are on their way from memory and back as room; a power of two
_PART = 128  # bits of the queue that share a copy of the row that is read
_LUTRAM_ROWS = 64


def slot_layout(schedule: Schedule) -> data.StructLayout:
    """The accelerator's slot stream (sw.design.ports)."""
    return data.StructLayout(
        {"features": INPUT_BITS * schedule.features_per_beat, "descriptor": slot_descriptor(schedule)}
    )


def beats(schedule: Schedule) -> wiring.Signature:
    """Of a source of beats: ``claim`` pulses for each that will come, only in the clock after one with ``room``; some
    clocks later, and in this order, it is there with ``write``. ``beat`` is 0 without ``write``. ``empty``: none that
    was claimed waits or is still to come."""
    return wiring.Signature(
        {"claim": Out(1), "write": Out(1), "beat": Out(slot_layout(schedule)), "room": In(1), "empty": In(1)}
    )


class BeatQueue(wiring.Component):
    """Beats of some ``sources`` become ``slots``; one source at a time: another one begins where it is ``empty``.

    ``taken`` pulses in the clock after the one in which a beat has been taken. From ``slots.ready`` to any register
    there are two look-up tables: the accelerator decides late.
    """

    def __init__(self, schedule: Schedule, sources: int):
        self.layout = slot_layout(schedule)
        super().__init__(
            {
                "sources": In(beats(schedule)).array(sources),
                "slots": Out(stream.Signature(self.layout)),
                "taken": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        claim, write, take = (Signal(name=name) for name in ("claim", "write", "take"))
        # whether there is a beat, the same for the accelerator, what is counted here, two rows, the queue's parts
        parts = (f"has_{number}" for number in range(-(-self.layout.size // _PART)))
        twins = [Signal(name=name, attrs={"keep": 1}) for name in ("some", "has", "has_after", "has_second", *parts)]
        some, has, has_after, has_second, *part_has = twins
        beat, found = (Signal(self.layout.size, name=name) for name in ("beat", "found"))
        free = Signal(_ROWS, init=-1, name="free")  # as many ones as rows that no beat is in or meant for
        claimed, room = Signal(name="claimed"), Signal(name="room")
        m.d.comb += [
            claim.eq(reduce(or_, (source.claim for source in self.sources))),
            write.eq(reduce(or_, (source.write for source in self.sources))),
            beat.eq(reduce(or_, (source.beat.as_value() for source in self.sources))),
            take.eq(has & self.slots.ready),
            self.slots.valid.eq(some),
            self.slots.payload.eq(found),
        ]
        for source in self.sources:
            m.d.comb += [source.room.eq(room), source.empty.eq(free[-1] & ~claimed)]
        more, fewer = Signal(name="more"), Signal(name="fewer")
        m.d.sync += [
            self.taken.eq(take),
            claimed.eq(claim),
            more.eq(self.taken & ~claim),
            fewer.eq(claim & ~self.taken),
            room.eq(Mux(claimed, free[3], free[2])),  # two more may be claimed before that is heeded
        ]
        with m.If(more):
            m.d.sync += free.eq(Cat(1, free))
        with m.If(fewer):
            m.d.sync += free.eq(free >> 1)

        # the row that is written, the same for comparisons; the two behind ``of``
        to, until = (Signal(range(_ROWS), name=name, attrs={"keep": 1}) for name in ("to", "until"))
        after, second = Signal(range(_ROWS), init=1, name="after"), Signal(range(_ROWS), init=2, name="second")
        # there is a beat behind this one, but for one that was written just now, as `wrote` says; known a clock ahead
        wrote, behind, beyond, another = (Signal(name=name) for name in ("wrote", "behind", "beyond", "another"))
        m.d.sync += [wrote.eq(write), behind.eq(until != after), beyond.eq(until != second)]
        m.d.comb += another.eq(Mux(self.taken, beyond, behind))
        m.d.sync += [twin.eq(wrote | Mux(take, another, has)) for twin in twins]
        with m.If(write):
            m.d.sync += [to.eq(to + 1), until.eq(until + 1)]
        with m.If(has_after & self.slots.ready):
            m.d.sync += after.eq(second)
        with m.If(has_second & self.slots.ready):
            m.d.sync += second.eq(second + 1)
        for number, low in enumerate(range(0, len(beat), _PART)):
            bits = beat[low : low + _PART]
            m.submodules[f"part_{number}"] = rows = memory(len(bits), _ROWS, _LUTRAM_ROWS)
            of = Signal(range(_ROWS), name=f"of_{number}", attrs={"keep": 1})
            with m.If(part_has[number] & self.slots.ready):
                m.d.sync += of.eq(after)
            put, got = rows.write_port(), rows.read_port(domain="comb")
            m.d.comb += [
                put.addr.eq(to),
                put.data.eq(bits),
                put.en.eq(write),
                got.addr.eq(of),
                found[low : low + _PART].eq(got.data),
            ]
        return m
