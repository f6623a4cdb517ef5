"""Exact sums and products, rounded and saturated once at the end."""

from amaranth import Const, Module, Mux, Signal, signed

from sw.design.fixed import Format

__all__ = ["adder_tree", "dropped", "product", "product_sums", "saturated"]


def product(m: Module, left, right, stages: int, name: str, lane: int, *, dsps: int, plus=None):
    """Exact product of two registered operands, and its latency, ``stages`` registers (a DSP block absorbs them).

    Lanes from ``dsps`` on are marked to be built of look-up tables.
    ``plus``, valid one clock before the result, is added on the way into the last register, for which a DSP
    block has an adder too. The registers of all lanes at one stage have neighbouring names, see UpdateLanes.
    """
    value, latency = left * right, 0
    for stage in range(stages):
        if plus is not None and stage == stages - 1:
            value = value + plus
        attributes = {"use_dsp": "no"} if stage == 0 and lane >= dsps else {}
        register = Signal(value.shape(), name=f"{name}_p{stage + 1}_{lane:03}", reset_less=True, attrs=attributes)
        m.d.sync += register.eq(value)
        value, latency = register, latency + 1
    return value, latency


def product_sums(m: Module, pairs: list, stages: int, chain: int, name: str, lane: int, *, dsps: int):
    """Exact sums of the products of ``chain`` neighbouring pairs each, and their latency.

    That is ``stages`` + min(chain, pairs) - 1 clocks.

    Each product is added to the sum of those before it inside its own DSP block, whose cascade needs no
    other logic; so the operands of later ones wait a clock longer each. A shorter last group waits for the others.
    ``lane`` numbers the first pair.
    """
    chain = min(chain, len(pairs))
    sums, latency = [], 0
    for start in range(0, len(pairs), chain):
        links = pairs[start : start + chain]
        total = None
        for place, (left, right) in enumerate(links, chain - len(links)):
            number, latency = lane + start + place - (chain - len(links)), 0
            for wait in range(place):
                left_ = Signal(left.shape(), name=f"{name}_l{wait + 1}_{number:03}", reset_less=True)
                right_ = Signal(right.shape(), name=f"{name}_r{wait + 1}_{number:03}", reset_less=True)
                m.d.sync += [left_.eq(left), right_.eq(right)]
                left, right, latency = left_, right_, latency + 1
            total, more = product(m, left, right, stages, name, number, dsps=dsps, plus=total)
            latency += more
        sums.append(total)
    return sums, latency


def adder_tree(m: Module, terms: list, levels_per_register: int, name: str):
    """Exact sum by a pairwise tree, and its latency, ceil(ceil(log2(terms)) / levels_per_register) clocks."""
    level = latency = 0
    while len(terms) > 1:
        level += 1
        sums = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        if len(terms) % 2:
            sums.append(terms[-1])
        last = len(sums) == 1
        clocked = level % levels_per_register == 0 or last
        latency += clocked
        terms = []
        for i, value in enumerate(sums):
            node = Signal(value.shape(), name=f"{name}_{level}_{i:03}", reset_less=True)
            if clocked:
                m.d.sync += node.eq(value)
            else:
                m.d.comb += node.eq(value)
            terms.append(node)
    return terms[0], latency


def saturated(value, fmt: Format):
    """``value`` (signed, raw) clamped into the format, as an expression of the format's width."""
    width = len(value)
    if width <= fmt.width:
        return value
    top = value[fmt.width - 1 :]
    fits = (top == 0) | top.all()
    limit = Mux(value[-1], fmt.minimum, fmt.maximum)
    return Mux(fits, value[: fmt.width].as_signed(), limit)[: fmt.width].as_signed()


def dropped(value, bits: int, *, extend: int = 0):
    """``value`` (signed) without its lowest ``bits`` bits, that is, floor(value / 2^bits), at its natural width.

    ``value >> bits`` would keep the old width by naming the sign bit over and over, which the simulator
    then gathers bit by bit. Where ``extend`` more bits are needed, a sum with zero lets it extend the sign.
    The sign stays even where ``bits`` is all of the value or more.
    """
    kept = value[min(bits, len(value) - 1) :].as_signed()
    return kept + Const(0, signed(len(kept) + extend - 1)) if extend else kept
