"""Which results a host asks for, of those that are kept."""

from amaranth import Module, Mux

from hw.serial.arguments import Arguments
from hw.serial.kept import KeptResults
from hw.serial.late import differs, register
from sw.design.frames import DATA_MAX, WITH_ACTIVATIONS

__all__ = ["AskedResults"]

_FLAGS = 6  # the argument


class AskedResults:
    """Of RESULTS, seven clocks after its arguments: ``wrong``; ``given``: how many results its answer has, of
    ``bytes`` bytes each; ``every``: with activations."""

    def __init__(self, m: Module, arguments: Arguments, kept: KeptResults, *, outputs: int, activation_bytes: int):
        whole = 2 + outputs * activation_bytes
        flags = arguments.bytes[_FLAGS]
        self.every = register(m, "every", flags == WITH_ACTIVATIONS)
        self.bytes = register(m, "result_bytes", Mux(self.every, whole, 2), 11)
        places = (kept.count + 1).bit_length()
        away = register(m, "away", arguments.word(0) - kept.first, 32)
        have = register(m, "have_results", kept.next - kept.first, places)
        # more of them may come meanwhile: what holds for those of before holds still
        far = register(m, "far", away > have)
        there = register(m, "results_there", have - away, places)
        fit = register(m, "fit", Mux(self.every, DATA_MAX // whole, DATA_MAX // 2), 10)
        count = arguments.word(4)[:16]
        fewer = register(m, "fewer", count < there)
        wanted = register(m, "wanted", Mux(fewer, count, there), places)
        less = register(m, "less", wanted < fit)
        self.given = register(m, "given", Mux(less, wanted, fit), places)
        unknown = register(m, "unknown_flags", flags > WITH_ACTIVATIONS)
        self.wrong = register(m, "wrong_results", far | ~differs(m, "some_fit", fit) | unknown)
