"""Mutants of the cost model, sw/cost/."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

MAPPING = "tests/cost/test_mapping.py"

MUTANTS = (
    *of(
        "sw/cost/balance.py", "tests/cost/test_balance.py",
        ("a lane of the first junction has three", "(2 if index == 1 else 3) * z", "3 * z"),
        ("chains of groups that do not fit", "if choice.z % step == 0]", "]"),
        ("slower than wished", "if choice.clocks > clocks or not fitting:",
         "if choice.clocks > clocks + 1 or not fitting:"),
        ("one multiplier more than wished", "if c.multipliers <= limit)", "if c.multipliers <= limit + 1)"),
        ("rectifiers multiply by f'", 'return network.activation[index - 1] == "sigmoid"', "return True"),
    ),
    *of(
        "sw/cost/mapping.py", f"{MAPPING}::test_memories_are_what_yosys_makes_of_them[xc7]",
        ("pieces of an operand without a sign", "bits -= step", "bits -= most", f"{MAPPING}::test_multipliers"),
        ("a half block counts whole", "(_HALF, 129, 0.5)", "(_HALF, 129, 1.0)"),
        ("no copies of tables", "copies = ceil(reads / 2)", "copies = 1"),
        ("RAM64M holds four bits", "((64, 3), (32, 6))", "((64, 4), (32, 6))"),
        ("an ECP5 memory without its write port", "6 * deep * wide", "4 * deep * wide",
         f"{MAPPING}::test_memories_are_what_yosys_makes_of_them[ecp5]"),
        ("128 rows of a bit", "if bits == 1 and 64 < rows <= 128:", "if False:"),
        ("small products in blocks", "if a + b >= _XC7_LEAST_PRODUCT]", "]", f"{MAPPING}::test_multipliers"),
        ("the widest words at two ports", "list(widths)[:-1] if reads > 1 else list(widths)", "list(widths)"),
    ),
    *of(
        "sw/cost/units.py", "tests/cost/test_logic.py",
        ("a choice among six in one table", "select, bits_for(count)) <= 6", "select, bits_for(count)) <= 9"),
        ("five bits beyond the range in the tables of the bits", "if compared <= 4 else", "if compared <= 5 else"),
        ("small digits of a multiplier", "return (bits + 1) // 2", "return bits // 2"),
        ("two registers are a shift register", "_SHIFT = 3", "_SHIFT = 2"),
        ("all stages of a multiplier are behind its product", "max(1, stage * levels // stages) for", "levels for"),
    ),
    *of(
        "sw/cost/cost.py", "tests/cost/test_cost.py",
        ("any number of DSP blocks fits", "self.dsp <= device.dsp", "True"),
        ("any number of flip-flops fits", "(self.ff or 0) <= device.ff", "True"),
        ("any number of memory blocks fits", "self.block <= device.memory_blocks", "True"),
        ("look-up tables of memories need no room", "(self.lut or 0) <= device.lut",
         "(self.lut_logic or 0) <= device.lut"),
        ("LUTRAM is left out", "self.lut_logic + self.lutram", "self.lut_logic"),
        ("constants in logic are memory", 'for m in memories(design) if m.kind != "logic")',
         "for m in memories(design))"),
        ("multipliers of look-up tables take blocks", "sum(g.in_dsp * dsp_blocks", "sum(g.count * dsp_blocks"),
        ("logic is counted for every family", "if device.family == COUNTED else None", "if True else None"),
    ),
)  # fmt: skip
