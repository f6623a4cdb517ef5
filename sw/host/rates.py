"""The fastest rate at which a line works: tried with random bytes under CRC, and given up where any is missing."""

import secrets
from contextlib import suppress

from sw.design.frames import BASE_RATE, CLOCKS_PER_BIT, STEP_MAX, Kind, Layout, rate_step
from sw.host.errors import HostError
from sw.host.window import Window

__all__ = ["LATENCY", "fastest", "latency_note"]

_ECHOES, _BYTES = 16, 500
_PING_BYTES = 20  # of the shortest ECHO and its answer
LATENCY = 0.008  # seconds, beyond which an answer waits for a timer


def fastest(window: Window) -> int:
    """Take the session's line to the fastest of the link's rates that works; that rate, perhaps the base rate."""
    link, clock = window.link, window.identity.clock
    for rate in link.rates:
        step = rate_step(rate, clock)
        if rate <= link.rate or rate * CLOCKS_PER_BIT > clock or not 0 < step <= STEP_MAX:
            continue
        window.ask(Kind.SET_RATE, Layout.WORD.pack(step))
        with suppress(HostError):  # a rate that the port does not do
            link.set_rate(rate)
            if window.echoes([secrets.token_bytes(_BYTES) for _ in range(_ECHOES)]) == _ECHOES:
                return rate
        window.recover()  # at the base rate, to which the device falls back by itself
    return BASE_RATE


def latency_note(window: Window) -> str:
    """One line where every answer waits for a timer, else empty."""
    times = []
    for _ in range(5):
        began = window.link.time()
        window.ask(Kind.ECHO, b"?")
        times.append(window.link.time() - began - _PING_BYTES * 10 / window.link.rate)
    wait = sorted(times)[2]
    if wait < LATENCY:
        return ""
    return (
        f"{window.link.name}: an answer takes {wait * 1000:.0f} ms; the latency timer of the USB serial port is the "
        f"usual reason, and 1 ms is best (Linux: /sys/bus/usb-serial/devices/<port>/latency_timer)"
    )
