"""Runs inside yosys: multiplications take in the registers around them. See boards.flow, which says when.

`run(design, libyosys, family)` changes the flattened module ``top``. A multiplication whose product goes into a chain
of registers and nowhere else becomes a `$__soft_mul` (those marked so before) or, on ECP5, a `$__dsp_mul` with so many
``STAGES``, and the registers go. On ECP5 also those in front of an operand go in: ``A_REG``, ``B_REG``. XC7's own
script does the latter for its DSP blocks. Registers with a reset, an enable or the attribute ``keep`` stay; so do, in
front of an operand, those directly behind a memory, which is slow and lies far away.
"""

from collections import defaultdict

_MOST = {"$__soft_mul": 5, "$__dsp_mul": 2}  # registers behind a multiplication


def run(design, libyosys, family: str, least: int) -> None:
    module = next(m for m in design.modules_.values() if m.name.str() == "\\top")
    _Module(module, libyosys).retime(family, least)


class _Module:
    """Bits are known by (wire, offset), constants by ("", value)."""

    def __init__(self, module, libyosys):
        self.module, self.ys = module, libyosys
        self.taken_in: list = []
        self.users: dict = defaultdict(list)  # bit -> (cell, port) that read it
        self.registers: dict = {}  # bit -> (register, place)
        self.read: set = set()  # bits from memories
        for wire in module.wires_.values():
            if wire.port_output:
                for bit in self.bits(libyosys.SigSpec(wire)):
                    self.users[bit].append((None, ""))
        for cell in module.cells_.values():
            for port in cell.connections_:
                name = port.str()
                for place, bit in enumerate(self.bits(cell.getPort(port))):
                    # yosys does not know the ports of a `$__soft_mul`
                    if not cell.output(port) and not (name == "\\Y" and cell.type.str().startswith("$__")):
                        self.users[bit].append((cell, name))
                    elif cell.type.str().startswith("$mem"):
                        self.read.add(bit)
                    elif name == "\\Q" and self.plain(cell):
                        self.registers[bit] = (cell, place)

    def name(self, text: str):
        return self.ys.IdString(text)

    def bits(self, signal) -> list:
        return [(bit.wire.name.str(), bit.offset) if bit.is_wire() else ("", str(bit.data)) for bit in signal.bits()]

    def plain(self, cell) -> bool:
        """Whether it is a register without reset or enable that need not be kept."""
        return cell.type.str() == "$dff" and not cell.has_keep_attr()

    def port(self, cell, name: str) -> list:
        return list(cell.getPort(self.name(name)).bits())

    def retime(self, family: str, least: int) -> None:
        for cell in list(self.module.cells_.values()):
            kind = cell.type.str()
            if kind == "$mul" and family == "ecp5":
                widths = [cell.getParam(self.name(f"\\{x}_WIDTH")).as_int() for x in "AB"]
                signals = [cell.getPort(self.name(f"\\{x}")) for x in "AB"]
                if min(widths) < least or any(signal.is_fully_const() for signal in signals):
                    continue
                kind = "$__dsp_mul"
                cell.type = self.name(kind)
                clock = self.absorb(cell, _MOST[kind])
                for operand in "AB":
                    clock = self.take_in(cell, operand, clock)
            elif kind == "$__soft_mul":
                clock = self.absorb(cell, _MOST[kind])
            else:
                continue
            if clock is not None:
                cell.setPort(self.name("\\CLK"), clock)
        for register in self.taken_in:
            self.module.remove(register)

    def absorb(self, cell, most: int):
        """Take in the registers behind the product; their clock, None if there are none."""
        product = self.port(cell, "\\Y")
        places = [(bit, i) for i, bit in enumerate(self.bits(cell.getPort(self.name("\\Y"))))]
        stages, clock, last = 0, None, None
        while stages < most:
            readers = {id_(user): user for bit, _ in places for user, port in self.users[bit] if port == "\\D"}
            others = any(port != "\\D" for bit, _ in places for _, port in self.users[bit])
            if others or len(readers) != 1:
                break
            register = next(iter(readers.values()))
            by_bit = dict(places)
            inputs = self.bits(register.getPort(self.name("\\D")))
            if not self.plain(register) or any(bit not in by_bit for bit in inputs):
                break
            clock = register.getPort(self.name("\\CLK"))
            outputs = self.port(register, "\\Q")
            places = list(zip(self.bits(register.getPort(self.name("\\Q"))), (by_bit[b] for b in inputs), strict=True))
            last = outputs
            for bit, _ in places:
                self.registers.pop(bit, None)
            self.taken_in.append(register)
            stages += 1
        cell.setParam(self.name("\\STAGES"), self.ys.Const(stages))
        if last is not None:
            made = self.module.addWire(self.name(f"{cell.name.str()}_registered"), len(product))
            whole = self.ys.SigSpec(made)
            cell.setPort(self.name("\\Y"), whole)
            for bit, (_, place) in zip(last, places, strict=True):
                self.module.connect(self.ys.SigSpec(bit, 1), whole.extract(place, 1))
        return clock

    def take_in(self, cell, operand: str, clock):
        """Take in the register in front of an operand, of which others may still need the output."""
        signal = cell.getPort(self.name(f"\\{operand}"))
        inputs, clocks = self.ys.SigSpec(), {}
        for bit, key in zip(signal.bits(), self.bits(signal), strict=True):
            if key in self.registers:
                register, place = self.registers[key]
                if self.bits(register.getPort(self.name("\\D")))[place] in self.read:
                    return self.without(cell, operand, clock)
                clocks[self.bits(register.getPort(self.name("\\CLK")))[0]] = register
                inputs.append(register.getPort(self.name("\\D")).extract(place, 1))
            elif key[0]:
                return self.without(cell, operand, clock)
            else:
                inputs.append(self.ys.SigSpec(bit, 1))
        if len(clocks) != 1:
            return self.without(cell, operand, clock)
        cell.setPort(self.name(f"\\{operand}"), inputs)
        cell.setParam(self.name(f"\\{operand}_REG"), self.ys.Const(1))
        return next(iter(clocks.values())).getPort(self.name("\\CLK"))

    def without(self, cell, operand: str, clock):
        cell.setParam(self.name(f"\\{operand}_REG"), self.ys.Const(0))
        return clock


def id_(cell) -> str:
    return cell.name.str()
