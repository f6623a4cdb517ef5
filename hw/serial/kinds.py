"""The type of a request, and what else follows from it alone."""

from amaranth import Cat, Module, Signal

from hw.serial.late import chosen, register
from sw.design.frames import Kind, Layout

__all__ = ["Kinds"]

# per type: bytes of its arguments, and whether more follow
_LENGTHS = {
    Kind.SLOTS: (0, True),
    Kind.FLUSH: (0, False),
    Kind.WRITE: (Layout.WRITE.size, True),
    Kind.STORE_WRITE: (Layout.WORD.size, True),
    Kind.STORE_LABELS: (Layout.WORD.size, True),
    Kind.STORE_RUN: (Layout.STORE_RUN.size, False),
    Kind.STORE_STOP: (0, False),
    Kind.HELLO: (Layout.WORD.size, False),
    Kind.ECHO: (0, True),
    Kind.SET_RATE: (Layout.WORD.size, False),
    Kind.STATUS: (0, False),
    Kind.RESULTS: (Layout.RESULTS.size, False),
    Kind.READ: (Layout.READ.size, False),
    Kind.SIGNATURE: (Layout.SIGNATURE.size, False),
}


class Kinds:
    """``flags``: per type whether it is the one, a clock after ``kind``; the other members up to three clocks after.

    ``known``: it is one of them. ``open``: may come without a session. ``more``: bytes follow its arguments, of which
    there are ``argument_bytes``.
    """

    def __init__(self, m: Module, kind: Signal):
        names = {number: name.lower() for name, number in vars(Kind).items() if name.isupper()}
        self.flags = {one: register(m, f"is_{names[one]}", kind == one) for one in _LENGTHS}
        self.known = register(m, "known", register(m, "known_parts", self._parts(), 3).any())
        self.open = register(m, "open", self.any(Kind.HELLO, Kind.ECHO, Kind.SET_RATE))
        self.more = register(m, "more", self.any(*(one for one, (_, follow) in _LENGTHS.items() if follow)))
        sizes = [(self.flags[one], size) for one, (size, _) in _LENGTHS.items() if size]
        self.argument_bytes = chosen(m, "argument_bytes", sizes, 5)

    def _parts(self):
        flags = list(self.flags.values())
        return Cat(Cat(flags[at : at + 5]).any() for at in range(0, len(flags), 5))

    def any(self, *kinds: int):
        """Whether it is one of these."""
        return Cat(self.flags[one] for one in kinds).any()
