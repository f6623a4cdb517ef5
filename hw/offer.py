"""The data of answers, value by value."""

from amaranth import Module, Mux, Signal

from hw.kept import KeptResults
from hw.kinds import Kinds
from hw.late import chosen, register
from hw.memory import table
from sw.design.frames import Identity, Kind

__all__ = ["Offer"]


class Offer:
    """The next ``value`` of an answer, lowest byte first, and how many ``bytes`` it has, where it is ``there``.

    ``number``: how many values have gone before, of a result (``row_ends``: this is its last one) or of all. They are
    right ten clocks after it and after what ``kept`` is asked for; ``there`` as long after ``have`` and ``found`` as
    the value: those say that a byte has come, that a value has been read. ``start``: ``number`` is 0.
    """

    WIDTH = 48

    def __init__(self, m: Module, kinds: Kinds, kept: KeptResults, identity: Identity, *, number, before, byte, have,
                 fields, check, read, size, found, every, outputs: int):  # fmt: skip
        flags, activation = kinds.flags, identity.activation_bytes
        self.start = register(m, "at_start", number == 0)
        end = register(m, "at_end", number == outputs)
        self.row_ends = register(m, "row_ends", flags[Kind.RESULTS] & Mux(self.start, ~every, end))
        fact, field = self._fact(m, identity, number), self._field(m, fields, number)
        pairs = {
            "told": [(Kind.HELLO, Mux(self.start, before, fact), Mux(self.start, 4, 1)), (Kind.ECHO, byte, 1)],
            "counted": [(Kind.STATUS, field, 4), (Kind.SIGNATURE, ~check, 4)],
            "kept": [(Kind.READ, read, size), (Kind.RESULTS, Mux(self.start, kept.prediction, kept.activation),
                                               Mux(self.start, 2, activation))],
        }  # fmt: skip
        values, bytes_ = [], []
        for name, ((one, value, length), (other, second, its)) in pairs.items():
            width = max(len(value), len(second))
            both = Mux(flags[one], value, 0) | Mux(flags[other], second, 0)
            values.append(register(m, f"value_{name}", both, width))
            bytes_.append(register(m, f"bytes_{name}", Mux(flags[one], length, 0) | Mux(flags[other], its, 0), 3))
        self.value = register(m, "offer", values[0] | values[1] | values[2], self.WIDTH)
        self.bytes = register(m, "offer_bytes", bytes_[0] | bytes_[1] | bytes_[2], 3)
        there = register(m, "there", (~flags[Kind.ECHO] | have) & (~flags[Kind.READ] | found))
        self.there = register(m, "offer_there", there)

    def _fact(self, m: Module, identity: Identity, number) -> Signal:
        """A byte of HELLO's."""
        facts = identity.pack()
        m.submodules.identity = rom = table(8, list(facts), len(facts))
        port = rom.read_port()
        m.d.comb += [port.addr.eq(register(m, "fact_number", number - 1, len(port.addr))), port.en.eq(1)]
        return port.data

    def _field(self, m: Module, fields, number) -> Signal:
        """A counter of STATUS's."""
        flags = [register(m, f"is_field_{at}", number == at) for at in range(len(fields))]
        return chosen(m, "field", zip(flags, fields, strict=True), 32)
