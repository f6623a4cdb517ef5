"""The data of answers, value by value."""

from amaranth import Cat, Module, Mux, Signal

from hw.memory import table
from hw.serial.kept import KeptResults
from hw.serial.kinds import Kinds
from hw.serial.late import chosen, register
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
        # one of two types, then one of three pairs of them
        pairs = {
            "told": (Kind.HELLO, (Mux(self.start, *_filled((before, fact))), byte), (Mux(self.start, 4, 1), 1)),
            "counted": (Kind.STATUS, (field, ~check), (4, 4)),
            "kept": (Kind.READ, (read, Mux(self.start, kept.prediction, kept.activation)),
                     (size, Mux(self.start, 2, activation))),
        }  # fmt: skip
        values, bytes_ = [], []
        for name, (first, both, lengths) in pairs.items():
            values.append(register(m, f"value_{name}", Mux(flags[first], *_filled(both)), max(map(len, both))))
            bytes_.append(register(m, f"bytes_{name}", Mux(flags[first], *lengths), 3))
        told = register(m, "of_told", kinds.any(Kind.HELLO, Kind.ECHO))
        counted = register(m, "of_counted", kinds.any(Kind.STATUS, Kind.SIGNATURE))
        self.value = register(m, "offer", _of_three(told, counted, _filled(values)), self.WIDTH)
        self.bytes = register(m, "offer_bytes", _of_three(told, counted, bytes_), 3)
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


def _filled(values):
    """Values of one width: the narrower ones go on as the widest does, as nobody reads that of them."""
    widest = max(values, key=len)
    return [Cat(value, widest[len(value) :]) for value in values]


def _of_three(first, second, values):
    return Mux(first, values[0], Mux(second, values[1], values[2]))
