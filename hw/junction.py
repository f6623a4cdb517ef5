"""One junction: z lanes that feed forward, back-propagate and update, each weight read once for all three.

This puts together what stands in files of its own; values carry the stage of sw.design.schedule.StageTimes at which
they are valid, and delays come from it.
"""

from amaranth import Cat, Const, Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.address import AddressGenerator
from hw.arithmetic import product
from hw.backward import Backward
from hw.banks import LeftBanks, Queue
from hw.config import SETTLE
from hw.crossbar import crossed
from hw.delta import RightDelta
from hw.forward import Forward
from hw.lfsr import Lfsr
from hw.parameters import Parameters, chosen
from hw.sequencer import JunctionSequencer, slot_descriptor
from hw.timeline import GROUP, Timed, Timeline, due, keep_to, spread
from hw.update import half, noise, repeated
from sw.design import lfsr
from sw.design.fixed import bits_for
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT, multiplier_groups
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from sw.design.schedule import Schedule
from sw.design.slots import TRAIN

__all__ = ["JunctionUnit"]


class JunctionUnit(wiring.Component):
    """Junction ``index`` (1..L) of a design.

    Members:
        tick, ff_next, up_next: as in JunctionSequencer.
        left_*: a group of left activations to write (a clock before stage ``written`` of the writer), see LeftBanks.
        right_write, right_group, right_parts, right_row, right_slot, right, right_data: a group of right
            activations with its slot's descriptor, valid at stage ``activation``.
        delta_group, delta_part, delta_row, delta_slot: which right deltas are needed (stage ``fetch``).
        delta_raw: their values, at stage ``raw``.
        below_part, below_row, below_slot, below_raw: the same request from the junction on the left,
            answered from this junction's left deltas (junctions 2..L).
        config_*: write or read one value. ``config_access`` (the machine is drained and holds still) turns the memory
            addresses to ``config_row``; reads are valid in ``config_data`` hw.config.SETTLE clocks later at most.
    """

    def __init__(self, schedule: Schedule, index: int):
        self.schedule, self.index = schedule, index
        self.design = design = schedule.design
        self.junction = j = design.junctions[index - 1]
        self.stages = st = schedule.stages[index - 1]
        self.dsps = {g.name: g.in_dsp for g in multiplier_groups(design) if g.junction == index}
        self.sequencer = sequencer = JunctionSequencer(schedule, index)
        slot = sequencer.slot_bits
        self.per_write = schedule.features_per_beat if index == 1 else design.junctions[index - 2].per_clock
        hardware, number = design.hardware, design.arithmetic.number
        self.banks = LeftBanks(
            z=j.z,
            depth=j.depth,
            ff_sets=schedule.feed_sets[index - 1],
            up_sets=schedule.activation_sets[index - 1],
            width=j.operand_bits,
            per_write=self.per_write,
            slot_bits=slot,
            lutram_rows=hardware.lutram_rows,
            read_clocks=hardware.stages.read,
        )
        self.forward = Forward(design, j, st, self.dsps["ff"])
        self.right_delta = RightDelta(design, j, st, self.forward.activation.slope_bits, self.dsps.get("scaled", 0))
        self.backward = None
        if index > 1:
            per_read = design.junctions[index - 2].per_clock
            sets = schedule.delta_sets[index - 2]
            self.backward = Backward(design, j, st, self.dsps["bp"], sets=sets, per_read=per_read, slot_bits=slot)
        # a change: delta, shifted for the rate, times the operand, with noise
        self.drop = j.operand_fraction + UP_SHIFT
        products = number.width + UP_SHIFT + j.operand_bits
        self.noise_bits = self.drop + lfsr.COARSE + 1
        self.weights = Parameters(
            design, st, lanes=j.z, rows=j.clocks, change_bits=1 + max(products, self.noise_bits), drop=self.drop,
            bits=number.width + j.operand_integer_bits,
        )  # fmt: skip
        self.biases = Parameters(
            design, st, lanes=j.per_clock, rows=sequencer.groups, change_bits=number.width + BIAS_SHIFT + 1,
            drop=BIAS_SHIFT, bits=number.width,
        )  # fmt: skip
        self.lfsrs = []
        if design.arithmetic.rounding == "stochastic":
            self.lfsrs = [Lfsr(seed=int(seed)) for seed in lfsr.seeds(j.index, j.z)]
        descriptor = slot_descriptor(schedule)
        group, part, row = bits_for(sequencer.groups), len(sequencer.part), len(sequencer.row)
        self.config_row_bits = bits_for(max(j.clocks, sequencer.groups))
        self.config_lane_bits = bits_for(max(j.z, j.per_clock, lfsr.groups(j.z)))
        members = {
            "tick": In(1),
            "ff_next": In(descriptor),
            "up_next": In(descriptor),
            "left_write": In(1),
            "left_parts": In(j.z // self.per_write),
            "left_row": In(bits_for(j.depth)),
            "left_slot": In(slot),
            "left_data": In(j.operand_bits).array(self.per_write),
            "right_write": Out(1),
            "right_group": Out(group),
            "right_parts": Out(sequencer.parts),
            "right_row": Out(row),
            "right_slot": Out(slot),
            "right": Out(descriptor),
            "right_data": Out(self.forward.activation.activation_bits).array(j.per_clock),
            "delta_group": Out(group),
            "delta_part": Out(part),
            "delta_row": Out(row),
            "delta_slot": Out(slot),
            "delta_raw": In(signed(number.width)).array(j.per_clock),
            "config_access": In(1),
            "config_write": In(1),
            "config_kind": In(2),
            "config_lane": In(self.config_lane_bits),
            "config_row": In(self.config_row_bits),
            "config_value": In(max(number.width, lfsr.LENGTH)),
            "config_data": Out(max(number.width, lfsr.LENGTH)),
        }
        if index > 1:
            below = design.junctions[index - 2]
            members |= {
                "below_part": In(range(max(2, j.z // below.per_clock))),
                "below_row": In(bits_for(j.depth)),
                "below_slot": In(slot),
                "below_raw": Out(signed(number.width)).array(below.per_clock),
            }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        self._line = Timeline(m)
        seq = self.sequencer
        m.submodules.sequencer = seq
        m.d.comb += [seq.tick.eq(self.tick), seq.ff_next.eq(self.ff_next), seq.up_next.eq(self.up_next)]
        # whether there is work and the slot that is updated with trains, and its rate; both known at stage 1
        self._train = Timed(Signal(name="train"), 1)
        self._rate = Timed(Signal(4, name="rate"), 1)
        self._coarse = Timed(Signal(name="coarse"), 1)  # the rate's part in rounding
        (self._asked,) = spread(m, self.config_kind, 1, "kind")
        m.d.comb += [
            self._train.value.eq(self._go(1) & (seq.up.kind == TRAIN)),
            self._rate.value.eq(seq.up.rate_shift),
            self._coarse.value.eq(self._rate.value[3]),
        ]

        rows = self._rows(m)
        ff_data, up_data = self._left_activations(m, rows)
        self._forward(m, ff_data)
        self._right_delta(m)
        if self.backward is not None:
            self._backward(m, self.backward, rows)
        self._update(m, up_data)
        self._config(m)
        return m

    def _at(self, name: str, stage: int) -> Signal:
        """What the sequencer says in the clock of the tick, at a later stage."""
        return self._line.at(Timed(getattr(self.sequencer, name), 0), stage)

    def _go(self, stage: int) -> Signal:
        return self._line.at(Timed(self.sequencer.go, 0), stage, control=True)

    def _training(self, stage: int) -> Signal:
        return self._line.at(self._train, stage, control=True)

    def _rows(self, m: Module) -> list[Timed]:
        """The row of every bank, at stage ``left_address``."""
        st = self.stages
        m.submodules.address = address = AddressGenerator(self.junction.pattern, self.design.hardware.stages.read)
        for name in ("clock", "start", "step"):
            m.d.comb += getattr(address, name).eq(self._at(name, st.left_address - address.latency))
        return [Timed(row, st.left_address) for row in address.rows]

    def _left_activations(self, m: Module, rows: list[Timed]) -> tuple[list, list]:
        """Left activations of every lane for FF and for UP, valid at stage ``operands``."""
        st, banks = self.stages, self.banks
        m.submodules.banks = banks
        m.d.comb += [
            banks.write.eq(self.left_write),
            banks.write_parts.eq(self.left_parts),
            banks.write_row.eq(self.left_row),
            banks.write_slot.eq(self.left_slot),
            banks.ff_slot.eq(self._at("ff_slot", st.left_address - 1)),
            banks.up_slot.eq(self._at("up_slot", st.left_address - 1)),
        ]
        m.d.comb += [mine.eq(given) for mine, given in zip(banks.write_data, self.left_data, strict=True)]
        m.d.comb += [mine.eq(due(st, "left_address", row)) for mine, row in zip(banks.rows, rows, strict=True)]
        orders, stage = self.junction.pattern.orders, st.left_address + banks.read_clocks
        order = Timed(self.sequencer.start, 0)
        found = []
        for name, data in (("ff", banks.ff_data), ("up", banks.up_data)):
            read = [Timed(value, stage) for value in data]
            values = crossed(m, self._line, f"crossbar_{name}", read, orders, order)
            for value in values:
                due(st, "operands", value)
            found.append(values)
        return found[0], found[1]

    def _forward(self, m: Module, ff_data: list[Timed]) -> None:
        """FF, and where its results go."""
        st, forward = self.stages, self.forward
        m.submodules.forward = forward
        keep_to(st, written=st.activation + LeftBanks.write_latency)
        m.d.comb += [forward.go.eq(self._go(st.tree)), forward.first.eq(self._far("first", st.tree))]
        m.d.comb += [mine.eq(value.value) for mine, value in zip(forward.left, ff_data, strict=True)]
        m.d.comb += [mine.eq(value) for mine, value in zip(forward.weights, self.weights.values, strict=True)]
        m.d.comb += [mine.eq(value) for mine, value in zip(forward.biases, self.biases.values, strict=True)]
        m.d.comb += [mine.eq(value) for mine, value in zip(self.right_data, forward.activations, strict=True)]
        write = Signal(name="right_write_next")
        m.d.comb += write.eq(self._go(st.activation - 1) & self._at("last", st.activation - 1))
        m.d.sync += self.right_write.eq(write)
        for name, counter in (("group", "group"), ("row", "row"), ("slot", "ff_slot")):
            m.d.comb += getattr(self, f"right_{name}").eq(self._far(counter, st.activation))
        part = self._at("part", st.activation - 1)
        parts = Signal(len(self.right_parts), name="right_part_is", reset_less=True)
        m.d.sync += parts.eq(Cat(part == number for number in range(len(parts))))
        m.d.comb += self.right_parts.eq(parts)
        m.d.comb += self.right.eq(self._far("ff", st.activation, 1))

    def _far(self, name: str, stage: int, known: int = 0) -> Signal:
        """As ``_at``, for what goes to many places: from a flip-flop, not the end of a shift register."""
        signal = getattr(self.sequencer, name)
        source = Timed(signal.as_value() if known else signal, known)
        return self._line.spread(source, stage, 1)[0]

    def _right_delta(self, m: Module) -> None:
        """Right deltas at stage ``operands``; the slopes wait in a queue of their own."""
        j, st, delta, hardware = self.junction, self.stages, self.right_delta, self.design.hardware
        m.submodules.delta = delta
        m.d.comb += [
            self.delta_group.eq(self._at("group", st.fetch)),
            self.delta_part.eq(self._at("part", st.fetch)),
            self.delta_row.eq(self._at("row", st.fetch)),
            self.delta_slot.eq(self._at("delta_slot", st.fetch)),
            delta.rate_shift.eq(self._line.spread(self._rate, st.delta, 1)[0]),
        ]
        m.d.comb += [mine.eq(given) for mine, given in zip(delta.raw, self.delta_raw, strict=True)]
        if self.design.scaled_delta(j):
            # f' comes a clock before the delta, which has been chosen from its bank meanwhile
            keep_to(st, raw=st.fetch + hardware.stages.read + 1)
            m.submodules.slopes = slopes = Queue(
                groups=self.sequencer.groups,
                sets=self.schedule.slope_sets[self.index - 1],
                shape=self.forward.activation.slope_bits,
                per_group=j.per_clock,
                lutram_rows=hardware.lutram_rows,
                read_clocks=hardware.stages.read,
            )
            m.d.comb += [
                slopes.write.eq(self.right_write),
                slopes.write_group.eq(self.right_group),
                slopes.write_set.eq(self.right_slot[: slopes.set_bits]),
                slopes.read_group.eq(self.delta_group),
                slopes.read_set.eq(self._at("up_slot", st.fetch)[: slopes.set_bits]),
            ]
            m.d.comb += [q.eq(v) for q, v in zip(slopes.write_data, self.forward.slopes, strict=True)]
            m.d.comb += [d.eq(v) for d, v in zip(delta.slope, slopes.read_data, strict=True)]

    def _backward(self, m: Module, backward: Backward, rows: list[Timed]) -> None:
        st = self.stages
        m.submodules.backward = backward
        m.d.comb += [
            backward.order.eq(self._at("start", st.product)),
            backward.go.eq(self._training(st.partial - 1)),
            backward.first.eq(self._at("first_sweep", st.partial - 2)),
            backward.last.eq(self._at("last_sweep", st.partial - 1)),
            backward.slot.eq(self._at("up_slot", st.left_delta - 1)),
            backward.read_part.eq(self.below_part),
            backward.read_row.eq(self.below_row),
            backward.read_slot.eq(self.below_slot),
        ]
        m.d.comb += [mine.eq(value) for mine, value in zip(backward.weights, self.weights.values, strict=True)]
        for lane, mine in enumerate(backward.deltas):
            m.d.comb += mine.eq(self.right_delta.delta[self.right_delta.of(lane)])
        m.d.comb += [mine.eq(row.value) for mine, row in zip(backward.rows, rows, strict=True)]
        m.d.comb += [out.eq(value) for out, value in zip(self.below_raw, backward.read_data, strict=True)]

    def _lfsrs(self, m: Module, step: Signal) -> None:
        for group, unit in enumerate(self.lfsrs):
            m.submodules[f"lfsr_{group}"] = unit
            loaded = Signal(name=f"lfsr_loaded_{group}")
            m.d.sync += loaded.eq(self.config_write & (self._asked == CONFIG_LFSR) & (self.config_lane == group))
            m.d.comb += [
                unit.step.eq(step),
                unit.load.eq(loaded),
                unit.value.eq(self.config_value[: lfsr.LENGTH]),
            ]

    def _added(self, m: Module) -> tuple[list, list]:
        """What is added to the changes of the lanes' weights and of the right neurons' biases to round them, two clocks
        before stage ``product``.

        Where memories have a second register, random bits come from a copy for a few lanes, a clock late. A bias shares
        the number of its neuron's first weight.
        """
        j, late = self.junction, self.design.hardware.stages.read > 1
        stage = self.stages.product - 2
        if not self.lfsrs:
            rounded = half(BIAS_SHIFT, Const(0))
            return [half(self.drop, c) for c in self._line.spread(self._coarse, stage, j.z)], [rounded] * j.per_clock
        self._lfsrs(m, self._training(stage - late))
        coarse = self._line.spread(self._coarse, stage - late, j.z)
        numbers: list = []
        for first in range(0, j.z, GROUP):
            lanes = range(min(GROUP, j.z - first))
            group, low = divmod(first, lfsr.GROUP)
            bits = self.lfsrs[group].numbers(low, len(lanes))
            again = bits[: len(lanes) - 1 + repeated(self.drop)]
            again &= coarse[first].replicate(len(again))
            if late:
                bits, again = (spread(m, value, 1, f"{name}_{first:03}")[0]
                               for name, value in (("random", bits), ("again", again)))  # fmt: skip
            numbers += [(bits[lane : lane + lfsr.WINDOW], again[lane : lane + repeated(self.drop)]) for lane in lanes]
        biases = [noise(numbers[unit * j.in_degree][0], None, BIAS_SHIFT) for unit in range(j.per_clock)]
        return [noise(random, again, self.drop) for random, again in numbers], biases

    def _update(self, m: Module, up_data: list[Timed]) -> None:
        """UP: changes of weights and biases; noise is added to the products on their way into their last register."""
        st, stages = self.stages, self.design.hardware.stages
        weights, biases = self._added(m)
        for lane, operand in enumerate(up_data):
            added = Signal(signed(self.noise_bits), name=f"noise_{lane:03}", reset_less=True)
            m.d.sync += added.eq(weights[lane])
            delta = Timed(self.right_delta.weight_delta[self.right_delta.of(lane)], st.operands)
            change = product(
                m, operand, delta, stages.multiply, "up", lane, dsps=self.dsps["up"],
                plus=Timed(added, st.product - 1),
            )  # fmt: skip
            m.d.comb += self.weights.change[lane].eq(due(st, "product", change))
        for unit, value in enumerate(self.right_delta.bias_delta):
            added = Signal(BIAS_SHIFT, name=f"bias_noise_{unit:03}", reset_less=True)
            m.d.sync += added.eq(biases[unit])
            delta = self._line.at(Timed(value, st.operands), st.product - 1)
            change = Timed(delta + added, st.product - 1).register(m, f"bias_change_{unit:03}")
            m.d.comb += self.biases.change[unit].eq(due(st, "product", change))
        write, position = Signal(name="write"), st.update - 1
        m.d.comb += write.eq(self._training(position))
        m.d.comb += [
            self.weights.write.eq(write),
            self.biases.write.eq(write & self._at("first", position)),
            self.weights.coarse.eq(self._line.at(self._coarse, st.product - 1)),
        ]
        for name, counter in (("weights", "clock"), ("biases", "group")):
            unit = m.submodules[name] = getattr(self, name)
            m.d.comb += [
                unit.read_row.eq(self._at(counter, st.address - 1)),
                unit.write_row.eq(self._at(counter, position)),
            ]

    def _config(self, m: Module) -> None:
        """The port's request to all, and the answer chosen by kind."""
        answers = {}
        longest = 0
        for kind, unit in ((CONFIG_WEIGHT, self.weights), (CONFIG_BIAS, self.biases)):
            m.d.comb += [
                unit.config_access.eq(self.config_access),
                unit.config_write.eq(self.config_write & (self._asked == kind)),
                unit.config_lane.eq(self.config_lane),
                unit.config_row.eq(self.config_row),
                unit.config_value.eq(self.config_value[: len(unit.config_value)].as_signed()),
            ]
            answers[kind] = unit.config_data
            longest = max(longest, unit.latency)
        if self.lfsrs:
            answers[CONFIG_LFSR] = chosen(m, [unit.state for unit in self.lfsrs], self.config_lane, "lfsr")
        data = Signal(len(self.config_data), name="config_read", reset_less=True)
        for kind, value in answers.items():
            with m.If(self._asked == kind):
                m.d.sync += data.eq(value)
        if longest + 1 > SETTLE:
            raise ValueError(f"a value must be read in {SETTLE} clocks by hw.config, takes {longest + 1}")
        m.d.comb += self.config_data.eq(data)
