"""Runs inside yosys, before all its passes: the design's marks on wires and memories become properties of cells.

- A register whose output is marked ``keep`` is kept by itself: it is a copy for some lanes, which yosys would merge
  with the others, or make the end of a shift register. All of equal registers need the mark: one without it gives way
  to one with it.
- A memory marked ``apart`` is never read in the clock in which the row is written. So its read ports need no logic
  that says what is read then.
"""


def run(design, libyosys) -> None:
    name = libyosys.IdString
    for module in design.modules_.values():
        apart = {memory.name.str() for memory in module.memories.values() if memory.has_attribute(name("\\apart"))}
        kept = {wire.name.str() for wire in module.wires_.values() if wire.has_attribute(name("\\keep"))}
        for cell in module.cells_.values():
            kind = cell.type.str()
            if kind == "$memrd_v2" and cell.getParam(name("\\MEMID")).decode_string() in apart:
                mask = cell.getParam(name("\\COLLISION_X_MASK"))
                cell.setParam(name("\\COLLISION_X_MASK"), libyosys.Const("1" * mask.size()))
            elif kind.endswith(("dff", "dffe")) and cell.getPort(name("\\Q")).bits()[0].wire.name.str() in kept:
                cell.set_bool_attribute(name("\\keep"), True)
