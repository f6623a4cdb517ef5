"""Exact sums and products, rounded and saturated once at the end."""

from amaranth import Cat, Const, Module, Signal, signed

from hw.timeline import Timed, together
from sw.design.fixed import Format

__all__ = ["adder_tree", "dropped", "product", "product_sums", "saturated"]

BEHIND = 2  # registers behind a multiplication that a DSP block has; further ones go before it, where it has them too


def product(
    m: Module, left: Timed, right: Timed, stages: int, name: str, lane: int, *, dsps: int, plus: Timed | None = None
) -> Timed:
    """Exact product of two registered operands, ``stages`` registers later.

    Lanes from ``dsps`` on are marked to be built of look-up tables; boards.flow moves their registers into the
    multiplier. ``plus``, valid one clock before the result, is added on the way into the last register, for which a
    DSP block has an adder too. The registers of all lanes at one stage have neighbouring names, see UpdateLanes.
    """
    together(left, right)
    soft = lane >= dsps
    before = 0 if soft else max(0, stages - BEHIND)
    if before:
        left = left.register(m, f"{name}_a_{lane:03}", before)
        right = right.register(m, f"{name}_b_{lane:03}", before)
    result = Timed(left.value * right.value, left.stage)
    for stage in range(before, stages):
        value = result.value
        if plus is not None and stage == stages - 1:
            together(result, plus)
            value = value + plus.value
        attributes = {"use_dsp": "no"} if soft and stage == 0 else {}
        register = Signal(value.shape(), name=f"{name}_p{stage + 1}_{lane:03}", reset_less=True, attrs=attributes)
        m.d.sync += register.eq(value)
        result = Timed(register, result.stage + 1)
    return result


def product_sums(
    m: Module, pairs: list[tuple[Timed, Timed]], stages: int, chain: int, name: str, lane: int, *, dsps: int
) -> list[Timed]:
    """Exact sums of the products of ``chain`` neighbouring pairs each, ``stages`` + min(chain, pairs) - 1 clocks later.

    Each product is added to the sum of those before it inside its own DSP block, whose cascade needs no
    other logic; so the operands of later ones wait a clock longer each. A shorter last group waits for the others.
    ``lane`` numbers the first pair.
    """
    chain = min(chain, len(pairs))
    sums = []
    for start in range(0, len(pairs), chain):
        links = pairs[start : start + chain]
        total = None
        for place, (left, right) in enumerate(links, chain - len(links)):
            number = lane + start + place - (chain - len(links))
            for wait in range(place):
                left = left.register(m, f"{name}_l{wait + 1}_{number:03}")
                right = right.register(m, f"{name}_r{wait + 1}_{number:03}")
            total = product(m, left, right, stages, name, number, dsps=dsps, plus=total)
        assert total is not None
        sums.append(total)
    return sums


def adder_tree(m: Module, terms: list[Timed], levels_per_register: int, name: str) -> Timed:
    """Exact sum by a pairwise tree, ceil(ceil(log2(terms)) / levels_per_register) clocks later."""
    stage, values = together(*terms), [term.value for term in terms]
    level = 0
    while len(values) > 1:
        level += 1
        sums = [a + b for a, b in zip(values[::2], values[1::2], strict=False)]
        if len(values) % 2:
            sums.append(values[-1])
        last = len(sums) == 1
        clocked = level % levels_per_register == 0 or last
        stage += clocked
        values = []
        for i, value in enumerate(sums):
            node = Signal(value.shape(), name=f"{name}_{level}_{i:03}", reset_less=True)
            if clocked:
                m.d.sync += node.eq(value)
            else:
                m.d.comb += node.eq(value)
            values.append(node)
    return Timed(values[0], stage)


def saturated(value, fmt: Format):
    """``value`` (signed, raw) clamped into the format, as an expression of the format's width."""
    width = len(value)
    if width <= fmt.width:
        return value
    # two flags, so that the sign need not reach every bit
    top, negative = value[fmt.width - 1 : -1], value[-1]
    above, below = ~negative & top.any(), negative & ~top.all()
    low = (value[: fmt.width - 1] | above.replicate(fmt.width - 1)) & ~below.replicate(fmt.width - 1)
    return Cat(low, negative).as_signed()


def dropped(value, bits: int, *, extend: int = 0):
    """``value`` (signed) without its lowest ``bits`` bits, that is, floor(value / 2^bits), at its natural width.

    ``value >> bits`` would keep the old width by naming the sign bit over and over, which the simulator
    then gathers bit by bit. Where ``extend`` more bits are needed, a sum with zero lets it extend the sign.
    The sign stays even where ``bits`` is all of the value or more.
    """
    kept = value[min(bits, len(value) - 1) :].as_signed()
    return kept + Const(0, signed(len(kept) + extend - 1)) if extend else kept
