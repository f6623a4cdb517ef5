"""Every memory of a design: how many there are, their shape, and what they are built of."""

from dataclasses import dataclass

from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.sums import left_sum_bits

__all__ = ["ROWS_BY_CLOCK", "MemoryShape", "memories", "result_rows", "style"]

ROWS_BY_CLOCK = 64  # cycles of so many clocks have their rows looked up in plain logic, see hw.address


@dataclass(frozen=True)
class MemoryShape:
    """``count`` memories of ``rows`` x ``bits`` of junction ``junction`` (1..L; 0: of the whole machine).

    ``reads``: read ports. ``constant``: never written. ``kind``: "distributed" (LUTRAM), "block" or
    "logic" (constants in plain look-up tables).
    """

    junction: int
    name: str
    count: int
    rows: int
    bits: int
    kind: str
    reads: int = 1
    constant: bool = False


def style(rows: int, lutram_rows: int) -> str:
    """The value of the attribute ``ram_style``, which yosys and Vivado both know."""
    return "distributed" if rows <= lutram_rows else "block"


def result_rows(in_flight: int) -> int:
    """Rows of the result buffer; ``in_flight`` results may come after the machine has stopped."""
    return in_flight + 3


def memories(design: Design) -> tuple[MemoryShape, ...]:
    """All memories, the tables of the address generators and activations included."""
    schedule, arithmetic = Schedule.of(design), design.arithmetic
    limit, width = design.hardware.lutram_rows, arithmetic.width
    found: list[MemoryShape] = []

    def add(junction: int, name: str, count: int, rows: int, bits: int) -> None:
        rows = max(2, rows)
        found.append(MemoryShape(junction, name, count, rows, bits, style(rows, limit)))

    def add_sets(junction: int, name: str, count: int, rows: int, sets: int, bits: int) -> None:
        add(junction, name, count, 1 << (bits_for(rows) + bits_for(sets)), bits)

    def add_table(junction: int, name: str, rows: int, bits: int, reads: int, most: int) -> None:
        kind = "block" if rows > most else "logic"
        found.append(MemoryShape(junction, name, 1, max(2, rows), bits, kind, reads, constant=True))

    for i, j in enumerate(design.junctions):
        groups = j.right // j.per_clock
        pattern = j.pattern
        if j.depth > 1 and pattern.kind == 1 and pattern.clocks > ROWS_BY_CLOCK:
            add_table(j.index, "rows", pattern.clocks, j.z * bits_for(j.depth), 1, ROWS_BY_CLOCK)
        add_sets(j.index, "left activations for FF", j.z, j.depth, schedule.feed_sets[i], j.operand_bits)
        add_sets(j.index, "left activations for UP", j.z, j.depth, schedule.activation_sets[i], j.operand_bits)
        add(j.index, "weights", j.z, j.clocks, width)
        add(j.index, "biases", j.per_clock, groups, width)
        if i > 0:
            if j.depth > 1:
                add(j.index, "partial left deltas", j.z, j.depth, left_sum_bits(design, j))
            add_sets(j.index, "left deltas", j.z, j.depth, schedule.delta_sets[i - 1], width)
        if j.last:
            add_sets(j.index, "output deltas", j.per_clock, groups, schedule.delta_sets[i], width)
        sigmoid, entries = j.activation == "sigmoid", 1 << arithmetic.index_bits
        if sigmoid:
            add_table(j.index, "sigmoid", entries, arithmetic.number.fraction_bits + 1, j.per_clock, limit)
        if design.scaled_delta(j):
            slope_bits = arithmetic.slope_bits if sigmoid else 1
            if sigmoid:
                add_table(j.index, "slope", entries, slope_bits, j.per_clock, limit)
            add_sets(j.index, "slopes", j.per_clock, groups, schedule.slope_sets[i], slope_bits)
    results = sum(f.width * f.count for f in Ports.of(design).results)
    add(0, "results", 1, result_rows(schedule.in_flight), results)
    return tuple(found)
