"""Whether a request is done: by its type and tag alone, and by its arguments and the state of the device."""

from amaranth import Cat, Module, Mux

from hw.serial.arguments import Arguments
from hw.serial.feed import ByteSlots
from hw.serial.kinds import Kinds
from hw.serial.late import differs, register
from sw.design.frames import DATA_MAX, Kind, Verdict

__all__ = ["Admission", "Refusal"]


class Admission:
    """By its type and tag: ``refused`` with a ``verdict``, done before (``repeated``), or else ``accepted``.

    Seven clocks after the type, the tag and ``left``, the bytes of payload.
    """

    def __init__(self, m: Module, kinds: Kinds, *, kind, tag, expected, session, left):
        distance = register(m, "distance", tag - expected, 8)
        past = register(m, "done_before", ~kind[6] & distance[7])
        ahead = register(m, "ahead", ~kind[6] & (distance != 0))
        closed = register(m, "closed", ~session & ~kinds.open)
        enough = register(m, "enough", left >= kinds.argument_bytes)
        exact = register(m, "exact", left == kinds.argument_bytes)
        uneven = register(m, "uneven", ~Mux(kinds.more, enough, exact))
        refused = ~kinds.known | closed | (~past & (ahead | uneven))
        self.refused = register(m, "refused", refused)
        self.repeated = register(m, "repeated", kinds.known & ~closed & past)
        self.accepted = register(m, "accepted", ~refused & ~past)
        why = Mux(ahead, Verdict.ORDER, Verdict.INVALID)
        why = Mux(closed, Verdict.NO_SESSION, why)
        self.verdict = register(m, "verdict", Mux(kinds.known, why, Verdict.INVALID), 3)


class Refusal:
    """By its arguments: ``refused`` with a ``verdict``, BUSY (not now) or INVALID (not at all).

    Four clocks after what is derived from the arguments. ``wrong``: of RESULTS.
    """

    def __init__(self, m: Module, kinds: Kinds, arguments: Arguments, feed: ByteSlots, *, running, roomy, left,
                 wrong, store: bool):  # fmt: skip
        flags = kinds.flags
        port = (Kind.WRITE, Kind.READ, Kind.SIGNATURE)
        kept_out = register(m, "of_run", kinds.any(Kind.SLOTS, Kind.FLUSH, Kind.STORE_WRITE, Kind.STORE_LABELS,
                                                   Kind.STORE_RUN, *port))  # fmt: skip
        blocked = register(m, "blocked", (kept_out & running) | (flags[Kind.SLOTS] & ~roomy))
        inside = register(m, "inside", feed.inside & kinds.any(Kind.FLUSH, Kind.WRITE, Kind.STORE_RUN))
        nowhere = register(m, "nowhere", ~arguments.somewhere & kinds.any(*port))
        bad = {
            Kind.HELLO: ~differs(m, "some_nonce", arguments.word(0)),
            Kind.ECHO: register(m, "long", left > DATA_MAX),
            Kind.SET_RATE: ~arguments.rates,
            Kind.READ: ~arguments.fits,
            Kind.SIGNATURE: ~arguments.signs,
            Kind.STORE_RUN: ~arguments.runs if store else 1,
            Kind.RESULTS: wrong,
        }
        ill = register(m, "ill", Cat(flags[kind] & rule for kind, rule in bad.items()), len(bad))
        unfit = register(m, "bad_value", ill.any())
        self.refused = register(m, "denied", blocked | inside | nowhere | unfit)
        self.verdict = register(m, "denial", Mux(blocked, Verdict.BUSY, Verdict.INVALID), 3)
