"""The arguments of a request: the first bytes of its payload, and what follows from them."""

from functools import reduce
from operator import and_, or_

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data

from hw.serial.late import differs, register
from hw.serial.store import RUN, SampleStore
from sw.design.design import Design
from sw.design.frames import DATA_MAX, LFSR_BYTES, SIGNATURE_MAX, STEP_MAX
from sw.design.ports import CONFIG_LFSR

__all__ = ["Arguments"]

_MOST = 16  # bytes


class Arguments:
    """``bytes``, of which ``count`` have come; ``begin`` pulses before the first, ``put`` with each ``byte``.

    ``word(i)``: the 32 bits from byte i on. All other members are right six clocks after the last byte, or after a
    change of ``units``, at the latest, and mean something for some types of request only:

    - ``size``: bytes of a value; ``somewhere``: a junction and a kind of value that there are
    - READ: ``fits``: its values fit in an answer, of ``read_bytes`` bytes
    - SIGNATURE, SET_RATE, STORE_RUN: ``signs``, ``rates``, ``runs``: they can be done as far as is seen here; ``run``
    - of as many ``units`` as follow: ``past``: the last word (label: ``is_label``) is beyond those of the store
    """

    def __init__(self, m: Module, design: Design, store: SampleStore | None, *, byte, value_bytes: int, units,
                 is_label):  # fmt: skip
        self.begin, self.put = Signal(name="begin_arguments"), Signal(name="put_argument")
        self.count = Signal(range(_MOST + 1), name="argument_count", reset_less=True)
        self.bytes = Signal(data.ArrayLayout(8, _MOST), name="arguments", reset_less=True)
        place = Signal(_MOST, init=1, name="place", reset_less=True)  # of the next
        with m.If(self.put):
            m.d.sync += [self.count.eq(self.count + 1), place.eq(place << 1)]
        for i in range(_MOST):
            with m.If(self.put & place[i]):
                m.d.sync += self.bytes[i].eq(byte)
        with m.If(self.begin):
            m.d.sync += [self.count.eq(0), place.eq(1)]
        self._places(m, design, value_bytes)
        self._counts(m, value_bytes)
        self._run(m)
        limit = Mux(is_label, store.samples, store.words) if store else 0
        end = register(m, "end", self.word(0) + units, 33)
        self.past = register(m, "past", end > register(m, "limit", limit, 32))

    def word(self, at: int):
        return self.bytes.as_value()[8 * at :][:32]

    def _places(self, m: Module, design: Design, value_bytes: int) -> None:
        self.is_lfsr = register(m, "is_lfsr", self.bytes[1] == CONFIG_LFSR)
        self.size = register(m, "size", Mux(self.is_lfsr, LFSR_BYTES, value_bytes), LFSR_BYTES.bit_length())
        junction = register(m, "junction_there", self.bytes[0] < len(design.junctions))
        kind = register(m, "kind_there", self.bytes[1] <= CONFIG_LFSR)
        self.somewhere = register(m, "somewhere", junction & kind)

    def _counts(self, m: Module, value_bytes: int) -> None:
        """How many values may be asked for."""
        many = self.word(6)
        count, some = many[:16], differs(m, "some_values", many[:16])
        sizes = {"lfsrs": LFSR_BYTES, "values": value_bytes}
        few = [_at_most(m, f"few_{name}", count, DATA_MAX // size) for name, size in sizes.items()]
        bytes_ = [register(m, f"bytes_{name}", _times(count, size), 11) for name, size in sizes.items()]
        self.fits = register(m, "fits", some & Mux(self.is_lfsr, *few))
        self.read_bytes = register(m, "read_bytes", Mux(self.is_lfsr, *bytes_), 11)
        self.signs = _within(m, "signature", many, SIGNATURE_MAX)
        self.rates = _within(m, "rate", self.word(0), STEP_MAX)

    def _run(self, m: Module) -> None:
        self.run = Signal(RUN, name="run")
        bits, kind, shift, flags = (self.bytes[i] for i in range(12, 16))
        m.d.comb += [
            self.run.slots.eq(self.word(0)),
            self.run.samples.eq(self.word(4)),
            self.run.place.eq(self.word(8)),
            self.run.bits.eq(Cat(bits[1] | bits[3], bits[2] | bits[3])),
            self.run.kind.eq(kind),
            self.run.rate_shift.eq(shift),
            Cat(self.run.lfsr, self.run.keep).eq(flags),
        ]
        rules = {
            "bits": reduce(or_, (bits == 1 << i for i in range(4))), "kind": (kind == 1) | (kind == 2),
            "shift": shift < 16, "flags": flags < 4,
        }  # fmt: skip
        right = [register(m, f"run_{name}", rule) for name, rule in rules.items()]
        self.runs = register(m, "runs", reduce(and_, right) & differs(m, "run_slots", self.word(0)))


def _within(m: Module, name: str, value, most: int) -> Signal:
    """Whether a number is not 0 and at most ``most``, three clocks later."""
    above = register(m, f"{name}_above", register(m, f"{name}_more", value > most))
    return register(m, f"{name}_right", differs(m, f"{name}_some", value) & ~above)


def _at_most(m: Module, name: str, value, most: int) -> Signal:
    """Whether it is, two clocks later."""
    bits = most.bit_length()
    above = value[:bits] > most if most + 1 < 1 << bits else 0
    high, low = register(m, f"{name}_high", value[bits:].any()), register(m, f"{name}_low", above)
    return register(m, name, ~(high | low))


def _times(value, factor: int):
    """A small multiple, of shifted copies: no multiplier is inferred."""
    return sum((value << i for i in range(factor.bit_length()) if factor >> i & 1), start=Const(0, 1))
