"""The sample store: samples in block RAM, played as slots in file or LFSR order; definition in sw.design.store."""

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hw.serial.beats import beats, slot_layout
from hw.serial.late import differs, folded, register
from hw.serial.onehot import OneHot
from hw.serial.player import READ_CLOCKS, SlotPlayer, WordMemory
from hw.timeline import cleared
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

    ``beats``: of its slots (hw.serial.beats). ``write``, ``write_address``, ``word``; ``label_write``,
    ``label_address``, ``label``: of the memories, not during a run.

    ``check`` pulses: one clock later ``checking`` is high until ``fits`` says whether ``run`` can be done. ``start``
    then pulses, ``run`` stays as it was checked until ``running`` is low. ``stop``: no further slot begins.
    ``granted``: slots may come; ``admit``: there is room for a result. ``begun`` pulses for each slot that begins.

    ``running``: until every beat has been taken. ``left``: slots that have yet to begin; ``place``: of the next of
    them. A slot's command takes eight clocks, nine where samples begin anew, in LFSR order three more for each state
    that is passed over; it is made while the one before waits. Slots follow each other every C clocks where C is nine
    or more, but for where many states are passed over at once.
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
                "beats": Out(beats(schedule)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.player = player = self.player
        m.submodules.memory = words = WordMemory(player.word_bits, self.words)
        m.submodules.labels = labels = WordMemory(self.label_bits, self.samples)
        wiring.connect(m, wiring.flipped(self.beats), player.beats)
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
        states = OneHot(m, "IDLE")
        at, go, now = states.at, states.go, states.now
        width = (self.samples + 1).bit_length()  # of a sample's number, and of a state

        # samples of the run; the place: a sample, or a state of the LFSR
        number, state = (Signal(width, name=name, reset_less=True) for name in ("number", "state"))
        low = Signal(width, name="low", reset_less=True)  # all bits of the LFSR
        highest = register(m, "highest", Mux(run.lfsr, low & ~(low >> 1), 0), width)
        lengths = range(1, width + 1)
        taps = [Cat(highest[bits - 1] for bits in lengths if LFSR_MASKS[bits] >> i & 1).any() for i in range(width)]
        mask = register(m, "mask", Cat(taps), width)
        following = Signal(width, name="following", reset_less=True)  # in LFSR order: what the state is or will be
        top = folded(m, "top", following & highest, Value.any)
        parity = folded(m, "parity", following & mask, Value.xor)
        most = max(_words(self.schedule, bits) for bits in range(4))
        size = Signal(range(most + 1), name="size", reset_less=True)  # words of a sample
        with m.Switch(run.bits):
            for bits in range(4):
                with m.Case(bits):
                    m.d.sync += size.eq(_words(self.schedule, bits))

        # one sum for all: number * size and the place's address, a bit of the factor at a time; the next address
        sum_bits = width + len(size)
        address, summand, factor, addend, back = (
            Signal(sum_bits, name=name, reset_less=True) for name in ("address", "summand", "factor", "addend", "back")
        )
        total = Signal(sum_bits, name="total")
        m.d.comb += total.eq(address + summand)
        done = register(m, "done", factor == 0)
        few, short = register(m, "few", number <= self.samples), register(m, "short", address <= self.words)
        below, equal = register(m, "below", state < number), register(m, "equal", state == number)
        there = register(m, "there", Mux(run.lfsr, differs(m, "is_state", state) & (below | equal), below))
        wide = register(m, "wide", run.samples[width:].any() | run.place[width:].any())
        index = register(m, "index", Mux(run.lfsr, state - 1, state), width)  # of the sample
        m.d.comb += labels.read_address.eq(index)

        active, offered, stopped = Signal(name="active"), Signal(name="offered"), Signal(name="stopped")
        left, place = (Signal(32, name=name, reset_less=True) for name in ("left", "place"))
        m.d.comb += [self.left.eq(left), self.place.eq(place)]
        command = Signal(player.command, name="command", reset_less=True)
        m.d.comb += [player.commands.valid.eq(offered), player.commands.payload.eq(command)]
        m.d.sync += [self.begun.eq(0), self.running.eq(active | ~player.idle)]
        with m.If(self.stop):
            m.d.sync += stopped.eq(1)
        with m.If(player.commands.ready):
            m.d.sync += offered.eq(0)

        def product(name: str, then: str) -> None:
            """``factor`` times ``addend`` is added to ``address``: a bit in three clocks, until ``done`` is known."""
            with at(f"{name}_BIT"):
                go(f"{name}_DONE")
            with at(f"{name}_DONE"):
                with m.If(done):
                    go(then)
                with m.Else():
                    go(name)
            with at(name):
                go(f"{name}_BIT")

        with at("IDLE"):
            m.d.sync += [active.eq(0), self.checking.eq(0)]
            with m.If(self.check):
                m.d.sync += [self.checking.eq(1), self.fits.eq(run.samples != 0)]
                m.d.sync += [number.eq(run.samples), state.eq(run.place)]
                go("SIZE")
            with m.Elif(self.start):
                m.d.sync += [active.eq(1), self.running.eq(1), stopped.eq(0)]
                go("BEGIN")
        with at("SIZE"):
            m.d.sync += [low.eq(0), following.eq(state)]
            go("SAMPLES_BIT")
        product("SAMPLES", "PLACE")
        with at("PLACE"):
            # what is too large for the numbers here does not fit; the size was shifted by as many bits as there are
            m.d.sync += [self.fits.eq(self.fits & ~wide & few & short), back.eq(-addend)]
            go("PLACED_BIT")
        product("PLACED", "CHECKED")
        with at("CHECKED"):
            m.d.sync += [self.fits.eq(self.fits & there), self.checking.eq(0)]
            go("IDLE")
        with at("BEGIN"):  # with the state and the address of the check
            m.d.sync += left.eq(run.slots)
            go("GRANT")
        with at("GRANT"), m.If(self.granted):
            go("LABEL_0")
        for clock in range(READ_CLOCKS):
            with at(f"LABEL_{clock}"):
                go(f"LABEL_{clock + 1}" if clock + 1 < READ_CLOCKS else "OFFER")
        none, may = register(m, "none", left == 0), register(m, "may", self.admit | ~run.keep)
        with at("OFFER"), m.If(~offered):
            with m.If(stopped | none):
                go("IDLE")
            with m.Elif(may):
                m.d.sync += [
                    offered.eq(1),
                    self.begun.eq(1),
                    left.eq(left - 1),
                    command.address.eq(address),
                    command.descriptor.kind.eq(run.kind),
                    command.descriptor.label.eq(labels.read),
                    command.descriptor.rate_shift.eq(run.rate_shift),
                ]
                go("STEP")
        # the address of the LFSR's next state: 2 (s - 1) size + size (1 + parity) - 2^bits size if s is turned
        beyond = register(m, "beyond", run.lfsr & (following > number))
        again = register(m, "again", ~run.lfsr & (following == number))
        with at("STEP"):
            m.d.sync += following.eq(Mux(run.lfsr, Cat(parity, state) & low, state + 1))
            go("ADD")
        with at("ADD"):
            m.d.sync += state.eq(following)
            go("TURN")
        with at("TURN"):
            with m.If(beyond):
                go("STEP")
            with m.Elif(again):
                go("AGAIN")
            with m.Else():
                go("LABEL_0")
        with at("AGAIN"):
            m.d.sync += [state.eq(0), index.eq(0)]
            go("LABEL_0")

        # What several states do, in one place each. Where all of the factor has been added, the sum stays as it is.
        ends = (now("IDLE") & self.check) | (now("SAMPLES_DONE") & done) | (now("TURN") & again)
        clears = register(m, "clears", ends)  # in SIZE, PLACE and AGAIN
        shifts = register(m, "shifts", now("SAMPLES_DONE") | now("PLACED_DONE"))
        sums = register(m, "sums", now("SAMPLES_DONE") | now("PLACED_DONE") | now("STEP") | now("ADD"))
        with m.If(clears):
            m.d.sync += address.eq(0)
        with m.Elif(sums):
            m.d.sync += address.eq(total)
        with m.Elif(now("STEP") & run.lfsr):
            m.d.sync += address.eq(address << 1)
        # each is added in the next clock
        m.d.sync += summand.eq(Mux(factor[0], addend, 0))
        with m.If(now("STEP")):
            m.d.sync += summand.eq(Mux(parity, size << 1, size))
        with m.Elif(now("ADD")):
            m.d.sync += summand.eq(Mux(top, back, 0))
        with m.If(shifts):
            m.d.sync += [factor.eq(factor >> 1), addend.eq(addend << 1)]
        with m.If(clears):
            m.d.sync += [factor.eq(Mux(now("SIZE"), number, index)), addend.eq(size)]
        with m.If(now("BEGIN") | now("LABEL_0")):
            m.d.sync += place.eq(state)
        with m.If(now("SAMPLES")):
            m.d.sync += low.eq(Cat(Const(1, 1), low))
        with m.If(cleared(m)):
            m.d.sync += [left.eq(0), place.eq(0)]
