"""The sample store: samples in block RAM, played as slots in file or LFSR order; definition in sw.design.store."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.player import SlotPlayer, WordMemory, slot_layout
from sw.design.schedule import Schedule
from sw.design.store import LFSR_MASKS, Store

__all__ = ["RUN", "SampleStore", "most_samples"]

# What a run is asked for: see STORE_RUN in docs/host-protocol.md; ``bits`` is 0 to 3 for features of 2^bits bits.
RUN = data.StructLayout(
    {"slots": 32, "samples": 32, "place": 32, "bits": 2, "kind": 2, "rate_shift": 4, "lfsr": 1, "keep": 1}
)


def _words(schedule: Schedule, bits: int) -> int:
    """Words of a sample of features of 2^bits bits."""
    return Store(schedule.design.network.inputs, schedule.features_per_beat, 1 << bits).words_per_sample


def most_samples(schedule: Schedule, words: int) -> int:
    """How many samples a store of so many words has labels for: as many as fit with features of one bit."""
    return words // _words(schedule, 0)


class SampleStore(wiring.Component):
    """A source of slots: ``words`` words of memory, a label per sample, and runs over them.

    ``slots``: as the accelerator's. ``write``, ``write_address``, ``word``; ``label_write``, ``label_address``,
    ``label``: of the memories, not during a run.

    ``check`` pulses: one clock later ``checking`` is high until ``fits`` says whether ``run`` can be done. ``start``
    then pulses, ``run`` stays as it was checked until ``running`` is low. ``stop``: no further slot begins.
    ``granted``: slots may come; ``admit``: there is room for a result. ``begun`` pulses for each slot that begins.

    ``running``: until every beat has been taken. ``left``: slots that have yet to begin; ``place``: of the next of
    them. A slot's command takes about five clocks, in LFSR order one more for each state that is passed over: where C
    is 16 or more, slots follow each other every C clocks.
    """

    def __init__(self, schedule: Schedule, words: int):
        self.schedule, self.words = schedule, words
        self.samples = most_samples(schedule, words)
        if not self.samples:
            raise ValueError(f"a sample store must hold a sample, {_words(schedule, 0)} words, got {words}")
        self.player = SlotPlayer(schedule, words)
        self.label_bits = slot_layout(schedule)["descriptor"].shape["label"].width
        super().__init__(
            {
                "write": In(1),
                "write_address": In(range(max(2, words))),
                "word": In(self.player.word_bits),
                "label_write": In(1),
                "label_address": In(range(max(2, self.samples))),
                "label": In(self.label_bits),
                "run": In(RUN),
                "check": In(1),
                "checking": Out(1),
                "fits": Out(1),
                "start": In(1),
                "stop": In(1),
                "granted": In(1),
                "admit": In(1),
                "begun": Out(1),
                "running": Out(1),
                "left": Out(32),
                "place": Out(32),
                "slots": Out(stream.Signature(self.player.layout)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.player = player = self.player
        m.submodules.memory = words = WordMemory(player.word_bits, self.words)
        m.submodules.labels = labels = WordMemory(self.label_bits, self.samples)
        wiring.connect(m, wiring.flipped(self.slots), player.slots)
        m.d.comb += [
            words.write.eq(self.write),
            words.write_address.eq(self.write_address),
            words.word.eq(self.word),
            words.read_address.eq(player.address),
            player.word.eq(words.read),
            player.bits.eq(self.run.bits),
            labels.write.eq(self.label_write),
            labels.write_address.eq(self.label_address),
            labels.word.eq(self.label),
        ]
        self._runs(m, labels)
        return m

    def _runs(self, m: Module, labels: WordMemory) -> None:
        player, run = self.player, self.run
        width = (self.samples + 1).bit_length()  # of a sample's number, and of a state
        number, state = (Signal(width, name=name, reset_less=True) for name in ("number", "state"))
        # of the LFSR: all its bits, its taps
        low, mask = (Signal(width, name=name, reset_less=True) for name in ("low", "mask"))
        size = Signal(range(max(_words(self.schedule, b) for b in range(4)) + 1), name="size")  # words of a sample
        with m.Switch(run.bits):
            for bits in range(4):
                with m.Case(bits):
                    m.d.sync += size.eq(_words(self.schedule, bits))

        # number * size, a bit of the number per clock, and size shifted by as many bits as the number has
        sum_bits = width + len(size)
        factor, addend, total = (Signal(sum_bits, name=name, reset_less=True) for name in ("factor", "addend", "total"))
        address, turn, change = (Signal(sum_bits, name=name, reset_less=True) for name in ("address", "turn", "change"))
        index, top, parity = Signal(width, name="index"), Signal(name="top"), Signal(name="parity")
        wide = Signal(name="wide")
        m.d.comb += [
            index.eq(Mux(run.lfsr, state - 1, state)),
            top.eq((state & low & ~(low >> 1)).any()),
            parity.eq((state & mask).xor()),
        ]
        active, offered = Signal(name="active"), Signal(name="offered")
        m.d.comb += [
            labels.read_address.eq(index),
            player.commands.valid.eq(offered),
            player.commands.payload.address.eq(address),
            player.commands.payload.descriptor.kind.eq(run.kind),
            player.commands.payload.descriptor.label.eq(labels.read),
            player.commands.payload.descriptor.rate_shift.eq(run.rate_shift),
        ]
        stopped = Signal(name="stopped")
        with m.If(self.stop):
            m.d.sync += stopped.eq(1)
        m.d.sync += [self.begun.eq(0), self.running.eq(active | ~player.idle)]
        wait = Signal(2, name="wait")
        following = Signal(width, name="following")
        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += [active.eq(0), self.checking.eq(0)]
                with m.If(self.check):
                    # what is too large for the numbers here does not fit
                    m.d.sync += [
                        self.checking.eq(1),
                        wide.eq(run.samples[width:].any() | run.place[width:].any()),
                        number.eq(run.samples),
                        state.eq(run.place),
                        self.fits.eq(run.samples != 0),
                    ]
                    m.next = "SIZE"
                with m.If(self.start):
                    m.d.sync += [active.eq(1), self.running.eq(1), stopped.eq(0)]
                    m.d.sync += [number.eq(run.samples), self.left.eq(run.slots), self.place.eq(run.place)]
                    m.next = "GRANT"
            with m.State("SIZE"):
                m.d.sync += [factor.eq(number), addend.eq(size), total.eq(0), low.eq(0)]
                m.d.sync += self.fits.eq(self.fits & ~wide & (number <= self.samples))
                m.next = "SAMPLES"
            with m.State("SAMPLES"):
                with m.If(factor == 0):
                    m.next = "PLACE"
                with m.Else():
                    m.d.sync += low.eq(Cat(Const(1, 1), low))
                    m.d.sync += [total.eq(Mux(factor[0], total + addend, total)), factor.eq(factor >> 1)]
                    m.d.sync += addend.eq(addend << 1)
            with m.State("PLACE"):
                with m.Switch(low):
                    for bits in range(1, width + 1):
                        with m.Case((1 << bits) - 1):
                            m.d.sync += mask.eq(LFSR_MASKS[bits])
                m.d.sync += [turn.eq(addend), self.fits.eq(self.fits & (total <= self.words))]
                m.d.sync += [factor.eq(index), addend.eq(size), address.eq(0)]
                m.next = "PLACED"
            with m.State("PLACED"):
                with m.If(factor == 0):
                    fits = Mux(run.lfsr, (state != 0) & (state <= number), state < number)
                    m.d.sync += [self.fits.eq(self.fits & fits), self.checking.eq(0)]
                    m.next = "IDLE"
                with m.Else():
                    m.d.sync += [address.eq(Mux(factor[0], address + addend, address)), factor.eq(factor >> 1)]
                    m.d.sync += addend.eq(addend << 1)
            with m.State("GRANT"):
                with m.If(self.granted):
                    m.d.sync += wait.eq(3)
                    m.next = "LABEL"
            with m.State("LABEL"):
                m.d.sync += wait.eq(wait - 1)
                with m.If(wait == 0):
                    m.next = "OFFER"
            with m.State("OFFER"):
                with m.If(stopped | (self.left == 0)):
                    m.next = "IDLE"
                with m.Elif(self.admit | ~run.keep):
                    m.d.sync += [offered.eq(1), self.begun.eq(1), self.left.eq(self.left - 1)]
                    m.next = "TAKEN"
            with m.State("TAKEN"):
                with m.If(player.commands.ready):
                    m.d.sync += offered.eq(0)
                    m.next = "STEP"
            with m.State("STEP"):
                # the address of the LFSR's next state: 2 (s - 1) size + size (1 + parity) - 2^bits size if s is turned
                m.d.sync += following.eq(Mux(run.lfsr, Cat(parity, state) & low, state + 1))
                lfsr = (address << 1) + Mux(parity, size << 1, size)
                m.d.sync += address.eq(Mux(run.lfsr, lfsr, address + size))
                m.d.sync += change.eq(Mux(run.lfsr & top, turn, 0))
                m.next = "STEPPED"
            with m.State("STEPPED"):
                m.d.sync += [state.eq(following), address.eq(address - change), wait.eq(3)]
                with m.If(run.lfsr & (following > number)):
                    m.next = "STEP"
                with m.Elif(~run.lfsr & (following == number)):
                    m.d.sync += [state.eq(0), address.eq(0), self.place.eq(0)]
                    m.next = "LABEL"
                with m.Else():
                    m.d.sync += self.place.eq(following)
                    m.next = "LABEL"
