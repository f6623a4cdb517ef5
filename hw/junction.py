"""One junction: z lanes that feed forward, back-propagate and update, each weight read once for all three.

Signals carry the stage of sw.design.schedule.StageTimes at which they are valid; delays come from it.
"""

import numpy as np
from amaranth import Array, Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.activation import Activation
from hw.address import AddressGenerator
from hw.arithmetic import adder_tree, dropped, product, product_sums, saturated
from hw.banks import LeftBanks, Queue
from hw.config import SETTLE
from hw.crossbar import Crossbar
from hw.delta import RightDelta
from hw.leftdelta import LeftDelta
from hw.lfsr import Lfsr
from hw.memory import memory
from hw.sequencer import JunctionSequencer, slot_descriptor
from hw.timeline import Timeline, keep_to
from hw.update import UpdateLanes, noise
from sw.design import lfsr
from sw.design.fixed import bits_for
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT, multiplier_groups
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from sw.design.schedule import Schedule
from sw.design.slots import TRAIN
from sw.design.sums import right_sum_bits

__all__ = ["JunctionUnit"]

NARROWED = 4  # bits of a lane's number by which one register's multiplexer chooses


class JunctionUnit(wiring.Component):
    """Junction ``index`` (1..L) of a design.

    Members:
        tick, ff_next, up_next: as in JunctionSequencer.
        left_*: a group of left activations to write (stage of the writer), see LeftBanks.
        right_write, right_group, right_part, right_row, right_slot, right, right_data: a group of right
            activations with its slot's descriptor, valid at stage ``activation``.
        delta_group, delta_part, delta_row, delta_slot: which right deltas are needed (stage ``fetch``).
        delta_raw: their values, a clock later (last junction, cross-entropy), else two.
        below_part, below_row, below_slot, below_raw: the same request from the junction on the left,
            answered two clocks later from this junction's left deltas (junctions 2..L).
        config_*: write or read one value. ``config_access`` (the machine is drained and holds still) turns the memory
            addresses to ``config_row``; reads are valid in ``config_data`` hw.config.SETTLE clocks later at most.
    """

    def __init__(self, schedule: Schedule, index: int):
        self.schedule, self.index = schedule, index
        self.design = design = schedule.design
        self.junction = j = design.junctions[index - 1]
        self.stages = schedule.stages[index - 1]
        self.dsps = {g.name: g.in_dsp for g in multiplier_groups(design) if g.junction == index}
        self.sequencer = JunctionSequencer(schedule, index)
        self.memories: dict[str, list] = {}  # of the weights and the biases, a lane each, for those who look inside
        self.activation = Activation(design, j, self.stages)
        self.per_write = schedule.features_per_beat if index == 1 else design.junctions[index - 2].per_clock
        self.banks = LeftBanks(
            z=j.z,
            depth=j.depth,
            ff_sets=schedule.feed_sets[index - 1],
            up_sets=schedule.activation_sets[index - 1],
            width=j.operand_bits,
            per_write=self.per_write,
            slot_bits=self.sequencer.slot_bits,
            lutram_rows=design.hardware.lutram_rows,
        )
        number = design.arithmetic.number
        descriptor = slot_descriptor(schedule)
        sequencer = self.sequencer
        group, part, row = bits_for(sequencer.groups), len(sequencer.part), len(sequencer.row)
        slot = sequencer.slot_bits
        self.config_row_bits = bits_for(max(j.clocks, sequencer.groups))
        self.config_lane_bits = bits_for(max(j.z, j.per_clock, lfsr.groups(j.z)))
        members = {
            "tick": In(1),
            "ff_next": In(descriptor),
            "up_next": In(descriptor),
            "left_write": In(1),
            "left_part": In(range(max(2, j.z // self.per_write))),
            "left_row": In(bits_for(j.depth)),
            "left_slot": In(slot),
            "left_data": In(j.operand_bits).array(self.per_write),
            "right_write": Out(1),
            "right_group": Out(group),
            "right_part": Out(part),
            "right_row": Out(row),
            "right_slot": Out(slot),
            "right": Out(descriptor),
            "right_data": Out(self.activation.activation_bits).array(j.per_clock),
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
        self._line = line = Timeline(m)
        j, st, seq = self.junction, self.stages, self.sequencer
        number = self.design.arithmetic.number
        m.submodules.sequencer = seq
        m.d.comb += [seq.tick.eq(self.tick), seq.ff_next.eq(self.ff_next), seq.up_next.eq(self.up_next)]

        # whether the slot that is updated with trains, and its rate; both known at stage 1
        train, rate = Signal(name="train"), Signal(4, name="rate")
        m.d.comb += [train.eq(seq.up.kind == TRAIN), rate.eq(seq.up.rate_shift)]

        def go(stage: int):
            return line.at(seq.go, 0, stage, control=True)

        def training(stage: int):
            return go(stage) & line.at(train, 1, stage)

        rows = self._rows(m)
        ff_data, up_data = self._left_activations(m, rows)
        weights, weight_ports = self._weights(m)
        biases, bias_ports = self._biases(m)
        self._forward(m, ff_data, weights, biases, go)
        delta = self._right_delta(m, rate)
        if j.index > 1:
            self._backward(m, rows, weights, delta, training)
        numbers = self._random_numbers(m, training)
        # the rate's part in rounding, which is added to the products on their way into their last register
        coarse = Signal(name="coarse")
        m.d.comb += coarse.eq(rate[3])
        coarse_noise = line.at(coarse, 1, st.product - 1)

        config = {}
        for kind in (CONFIG_WEIGHT, CONFIG_BIAS):
            config[kind] = Signal(name=f"config_write_{kind}")
            m.d.sync += config[kind].eq(self.config_write & (self.config_kind == kind))

        def update(name, kind, olds, changes, drop, bits, coarse, ports, valid):
            """The update units of the weights or the biases, and what is written to their memories."""
            keep_to(st, update=st.product + UpdateLanes.latency)
            m.submodules[name] = lanes = UpdateLanes(
                lanes=len(ports),
                fmt=number,
                change_bits=len(changes[0]),
                drop=drop,
                bits=bits,
            )
            m.d.comb += [
                lanes.coarse.eq(coarse),
                lanes.load.eq(config[kind]),
                lanes.value.eq(self.config_value),
            ]
            # a lane is chosen by two halves of its number, so that few signals must be decoded
            low = Signal(1 << NARROWED, name=f"{name}_low")
            high = Signal(-(-len(ports) >> NARROWED), name=f"{name}_high")
            halves = (self.config_lane[:NARROWED], self.config_lane[NARROWED:])
            for half, lane in zip((low, high), halves, strict=True):
                m.d.sync += half.eq(Cat((lane == i) & config[kind] for i in range(len(half))))
            for i, port in enumerate(ports):
                chosen = low[i % len(low)] & high[i // len(low)]
                m.d.comb += [
                    lanes.old[i].eq(line.at(olds[i], st.operands, st.product)),
                    lanes.change[i].eq(changes[i]),
                    port.en.eq(valid | chosen),
                    port.data.eq(lanes.new[i]),
                ]

        valid = Signal(name="valid")
        m.d.comb += valid.eq(training(st.update))
        drop = j.operand_fraction + UP_SHIFT
        changes, dsps = [], self.dsps["up"]
        for lane, operand in enumerate(up_data):
            added = Signal(signed(drop + lfsr.COARSE + 1), name=f"noise_{lane:03}")
            m.d.comb += added.eq(noise(numbers[lane], drop, coarse_noise))
            deltas = delta.weight_delta[lane // j.in_degree]
            change, latency = product(
                m, operand, deltas, st.product - st.operands, "up", lane, dsps=dsps, plus=added
            )
            keep_to(st, product=st.operands + latency)
            changes.append(change)
        late_coarse = line.at(coarse, 1, st.product)
        bits = number.width + j.operand_integer_bits
        update("update", CONFIG_WEIGHT, weights, changes, drop, bits, late_coarse, weight_ports, valid)

        bias_changes = []
        for unit, value in enumerate(delta.bias_delta):
            # a bias shares the random number of its neuron's first weight
            added = Signal(signed(BIAS_SHIFT + 1), name=f"bias_noise_{unit:03}")
            m.d.comb += added.eq(noise(numbers[unit * j.in_degree], BIAS_SHIFT, Const(0))[:BIAS_SHIFT])
            change = Signal(signed(len(value) + 1), name=f"bias_change_{unit:03}", reset_less=True)
            m.d.sync += change.eq(line.at(value, st.operands, st.product - 1) + added)
            bias_changes.append(change)
        starts = valid & line.at(seq.first, 0, st.update)
        update("update_bias", CONFIG_BIAS, biases, bias_changes, BIAS_SHIFT, number.width, 0, bias_ports, starts)
        self._config_reads(m, weights, biases)
        return m

    def _rows(self, m: Module) -> list:
        """The row of every bank, at stage ``left_address``."""
        seq, st = self.sequencer, self.stages
        m.submodules.address = address = AddressGenerator(self.junction.pattern)
        for name in ("clock", "start", "step"):
            position = self._line.at(getattr(seq, name), 0, st.left_address - AddressGenerator.latency)
            m.d.comb += getattr(address, name).eq(position)
        return list(address.rows)

    def _left_activations(self, m: Module, rows: list) -> tuple[list, list]:
        """Left activations of every lane for FF and for UP, valid at stage ``operands``."""
        seq, st, banks = self.sequencer, self.stages, self.banks
        m.submodules.banks = banks
        m.d.comb += [
            banks.write.eq(self.left_write),
            banks.write_part.eq(self.left_part),
            banks.write_row.eq(self.left_row),
            banks.write_slot.eq(self.left_slot),
            banks.ff_slot.eq(self._line.at(seq.ff_slot, 0, st.left_address)),
            banks.up_slot.eq(self._line.at(seq.up_slot, 0, st.left_address)),
        ]
        m.d.comb += [mine.eq(given) for mine, given in zip(banks.write_data, self.left_data, strict=True)]
        m.d.comb += [mine.eq(row) for mine, row in zip(banks.rows, rows, strict=True)]
        orders, stage = self.junction.pattern.orders, st.left_address + LeftBanks.latency
        ff_data, ready = self._crossed(m, "crossbar_ff", list(banks.ff_data), orders, stage)
        up_data, _ = self._crossed(m, "crossbar_up", list(banks.up_data), orders, stage)
        keep_to(st, operands=ready)
        return ff_data, up_data

    def _crossed(self, m: Module, name: str, values: list, orders: np.ndarray | None, stage: int) -> tuple[list, int]:
        """``values``, valid at ``stage``, in their sweep's order, and when; without dithering as they are."""
        if orders is None:
            return values, stage
        m.submodules[name] = crossbar = Crossbar(orders, values[0].shape())
        m.d.comb += crossbar.order.eq(self._line.at(self.sequencer.start, 0, stage))
        m.d.comb += [mine.eq(value) for mine, value in zip(crossbar.inputs, values, strict=True)]
        return list(crossbar.outputs), stage + Crossbar.latency

    def _memory(self, m: Module, name: str, count: int, depth: int, position: Signal) -> tuple[list, list]:
        """``count`` memories of numbers: read data at stage ``operands``, write ports at stage ``update``."""
        st = self.stages
        shape = signed(self.design.arithmetic.width)
        read_row, write_row = Signal(len(position), name=f"{name}_read"), Signal(len(position), name=f"{name}_write")
        m.d.comb += [
            read_row.eq(Mux(self.config_access, self.config_row, self._line.at(position, 0, st.address))),
            write_row.eq(Mux(self.config_access, self.config_row, self._line.at(position, 0, st.update))),
        ]
        values, ports = [], []
        for i in range(count):
            m.submodules[f"{name}_{i}"] = unit = memory(shape, depth, self.design.hardware.lutram_rows)
            read, write = unit.read_port(), unit.write_port()
            m.d.comb += [read.addr.eq(read_row), write.addr.eq(write_row)]
            values.append(read.data)
            ports.append(write)
            self.memories.setdefault(name, []).append(unit)
        return values, ports

    def _weights(self, m: Module) -> tuple[list, list]:
        return self._memory(m, "weight", self.junction.z, self.junction.clocks, self.sequencer.clock)

    def _biases(self, m: Module) -> tuple[list, list]:
        return self._memory(m, "bias", self.junction.per_clock, self.sequencer.groups, self.sequencer.group)

    def _forward(self, m: Module, ff_data: list, weights: list, biases: list, go) -> None:
        """FF: products, adder trees, sums over the clocks of a group, pre-activations, activations."""
        j, st, seq, line = self.junction, self.stages, self.sequencer, self._line
        arithmetic, fraction = self.design.arithmetic, j.operand_fraction
        shape = signed(right_sum_bits(self.design, j))
        m.submodules.activation = activation = self.activation
        pairs = list(zip(ff_data, weights, strict=True))
        lanes = min(j.z, j.in_degree)
        stages = self.design.hardware.stages
        for unit in range(j.per_clock):
            first_lane = unit * lanes
            sums, latency = product_sums(
                m, pairs[first_lane : first_lane + lanes], stages.multiply, stages.chain, "ff", first_lane,
                dsps=self.dsps["ff"],
            )
            tree, more = adder_tree(m, sums, stages.add, f"sum_{unit}")
            ready = st.operands + latency + more
            # the bias has `fraction` bits less than the sum; the rounding half fills the gap
            bias = line.at(biases[unit], st.operands, st.tree)
            start = Cat(Const(1 << (fraction - 1), fraction), bias).as_signed()
            total = Signal(shape, name=f"total_{unit}", reset_less=True)
            if j.clocks_per_group == 1:
                m.d.sync += total.eq(start + tree)
            else:
                first = line.at(seq.first, 0, st.tree)
                # a pause must not lose the sum so far
                with m.If(go(st.tree)):
                    m.d.sync += total.eq(Mux(first, start, total) + tree)
            s = Signal(signed(arithmetic.preactivation.width), name=f"preactivation_{unit}", reset_less=True)
            m.d.sync += s.eq(saturated(dropped(total, fraction), arithmetic.preactivation))
            m.d.comb += [activation.preactivations[unit].eq(s), self.right_data[unit].eq(activation.activations[unit])]
            keep_to(st, tree=ready, total=ready + 1, preactivation=ready + 2)
        done = Signal(name="done")
        m.d.comb += [
            done.eq(go(st.activation) & line.at(seq.last, 0, st.activation)),
            self.right_write.eq(done),
            self.right_group.eq(line.at(seq.group, 0, st.activation)),
            self.right_part.eq(line.at(seq.part, 0, st.activation)),
            self.right_row.eq(line.at(seq.row, 0, st.activation)),
            self.right_slot.eq(line.at(seq.ff_slot, 0, st.activation)),
            self.right.eq(line.at(seq.ff.as_value(), 1, st.activation)),
        ]

    def _right_delta(self, m: Module, rate: Signal) -> RightDelta:
        """Right deltas at stage ``operands``; the slopes wait in a queue of their own."""
        j, st, seq, line = self.junction, self.stages, self.sequencer, self._line
        m.submodules.delta = delta = RightDelta(
            self.design, j, st, self.activation.slope_bits, self.dsps.get("scaled", 0)
        )
        m.d.comb += [
            self.delta_group.eq(line.at(seq.group, 0, st.fetch)),
            self.delta_part.eq(line.at(seq.part, 0, st.fetch)),
            self.delta_row.eq(line.at(seq.row, 0, st.fetch)),
            self.delta_slot.eq(line.at(seq.up_slot, 0, st.fetch)),
            delta.rate_shift.eq(line.at(rate, 1, st.operands - 1)),
        ]
        m.d.comb += [mine.eq(given) for mine, given in zip(delta.raw, self.delta_raw, strict=True)]
        if self.design.scaled_delta(j):
            sets = self.schedule.slope_sets[self.index - 1]
            shape = self.activation.slope_bits
            m.submodules.slopes = slopes = Queue(
                groups=seq.groups,
                sets=sets,
                shape=shape,
                per_group=j.per_clock,
                lutram_rows=self.design.hardware.lutram_rows,
            )
            m.d.comb += [
                slopes.write.eq(self.right_write),
                slopes.write_group.eq(self.right_group),
                slopes.write_set.eq(self.right_slot[: slopes.set_bits]),
                slopes.read_group.eq(self.delta_group),
                slopes.read_set.eq(self.delta_slot[: slopes.set_bits]),
            ]
            m.d.comb += [q.eq(v) for q, v in zip(slopes.write_data, self.activation.slopes, strict=True)]
            m.d.comb += [d.eq(v) for d, v in zip(delta.slope, slopes.read_data, strict=True)]
        return delta

    def _backward(self, m: Module, rows: list, weights: list, delta: RightDelta, training) -> None:
        """BP: products of weights and right deltas go to the left banks."""
        j, st, seq, line = self.junction, self.stages, self.sequencer, self._line
        m.submodules.left_delta = left = LeftDelta(
            self.design,
            j,
            sets=self.schedule.delta_sets[self.index - 2],
            per_read=len(self.below_raw),
            slot_bits=seq.slot_bits,
        )
        m.d.comb += [
            left.go.eq(training(st.partial)),
            left.first.eq(line.at(seq.first_sweep, 0, st.partial)),
            left.last.eq(line.at(seq.last_sweep, 0, st.partial)),
            left.slot.eq(line.at(seq.up_slot, 0, st.left_delta)),
            left.read_part.eq(self.below_part),
            left.read_row.eq(self.below_row),
            left.read_slot.eq(self.below_slot),
        ]
        products = []
        for lane in range(j.z):
            value, latency = product(
                m, weights[lane], delta.delta[lane // j.in_degree], st.product - st.operands, "bp", lane,
                dsps=self.dsps["bp"],
            )
            keep_to(st, product=st.operands + latency)
            products.append(value)
        # from the lanes back to the banks
        back = None if j.pattern.orders is None else np.argsort(j.pattern.orders, axis=1)
        products, ready = self._crossed(m, "crossbar_bp", products, back, st.product)
        keep_to(st, partial=ready, left_delta=ready + LeftDelta.latency)
        for bank in range(j.z):
            m.d.comb += [
                left.products[bank].eq(products[bank]),
                left.rows[bank].eq(line.at(rows[bank], st.left_address, st.partial - 1)),
            ]
        m.d.comb += [out.eq(value) for out, value in zip(self.below_raw, left.read_data, strict=True)]

    def _random_numbers(self, m: Module, training) -> list:
        """A 15-bit number per lane one clock before stage ``product``; None when rounding to nearest."""
        j, st = self.junction, self.stages
        if self.design.arithmetic.rounding != "stochastic":
            return [None] * j.z
        self._lfsrs = [Lfsr(seed=int(seed)) for seed in lfsr.seeds(j.index, j.z)]
        for group, unit in enumerate(self._lfsrs):
            m.submodules[f"lfsr_{group}"] = unit
            chosen = Signal(name=f"lfsr_chosen_{group}")
            m.d.sync += chosen.eq(self.config_write & (self.config_kind == CONFIG_LFSR) & (self.config_lane == group))
            m.d.comb += [
                unit.step.eq(training(st.product - 1)),
                unit.load.eq(chosen),
                unit.value.eq(self.config_value[: lfsr.LENGTH]),
            ]
        return [self._lfsrs[lane // lfsr.GROUP].number(lane % lfsr.GROUP) for lane in range(j.z)]

    def _config_reads(self, m: Module, weights: list, biases: list) -> None:
        """One value chosen by lane, its low bits first, then by kind: a register each, as there are many lanes."""
        sources = {CONFIG_WEIGHT: weights, CONFIG_BIAS: biases}
        if self.design.arithmetic.rounding == "stochastic":
            sources[CONFIG_LFSR] = [unit.state for unit in self._lfsrs]
        data, longest = Signal(len(self.config_data), name="config_read", reset_less=True), 0
        for kind, values in sources.items():
            level, lane = 0, self.config_lane
            while len(values) > 1:
                level += 1
                low, lane = lane[:NARROWED], lane[NARROWED:]
                chosen = []
                for first in range(0, len(values), 1 << NARROWED):
                    one = Signal(values[0].shape(), name=f"config_read_{kind}_{level}_{first}", reset_less=True)
                    m.d.sync += one.eq(Array(values[first : first + (1 << NARROWED)])[low])
                    chosen.append(one)
                values = chosen
            with m.If(self.config_kind == kind):
                m.d.sync += data.eq(values[0])
            longest = max(longest, 1 + level + 1)  # a memory's read, levels of choice, ``data``
        if longest > SETTLE:
            raise ValueError(f"a value must be read in {SETTLE} clocks by hw.config, takes {longest}")
        m.d.comb += self.config_data.eq(data)
