"""A reset for each unit, from a register of its own."""

from amaranth import ClockDomain, ClockSignal, DomainRenamer, Elaboratable, Module, ResetSignal, Signal

__all__ = ["with_reset"]


def with_reset(m: Module, name: str, unit: Elaboratable) -> Elaboratable:
    """The unit with a reset from a register of its own, near it and of few loads, a clock after that of ``m``.

    The register is ``<name>_reset``; the unit's "sync" is a domain of that name in ``m``.
    """
    m.domains += (domain := ClockDomain(name, local=True))
    register = Signal(name=f"{name}_reset", init=1, reset_less=True, attrs={"keep": 1})
    m.d.sync += register.eq(ResetSignal())
    m.d.comb += [domain.clk.eq(ClockSignal()), domain.rst.eq(register)]
    return DomainRenamer(name)(unit)
