"""The PLL between a board's oscillator and the machine: settings for a wished clock, and the cell.

XC7: PLLE2_ADV (AMD UG472; limits of speed grade -1 from DS181). ECP5: EHXPLLL, whose feedback is an output of its own
at half the oscillator's clock (Lattice FPGA-TN-02200; limits from FPGA-DS-02012).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from amaranth import Const, Instance, Signal

from boards.errors import BoardError

__all__ = ["LIMITS", "Limits", "Settings", "cell", "settings"]


@dataclass(frozen=True)
class Limits:
    """Of frequencies in MHz, from least to most; of the dividers, the largest. ``feedback``: oscillator clocks in one
    of what is multiplied."""

    input: tuple[float, float]
    detector: tuple[float, float]
    oscillator: tuple[float, float]
    output: tuple[float, float]
    divide: int
    multiply: int
    output_divide: int
    feedback: int


LIMITS = {
    "xc7": Limits((19, 800), (19, 450), (800, 1600), (6.25, 464), 56, 64, 128, feedback=1),
    "ecp5": Limits((8, 400), (10, 400), (400, 800), (10, 400), 128, 80, 128, feedback=2),
}


@dataclass(frozen=True)
class Settings:
    """The input clock, ``clock_mhz``, divided by ``divide``, is what the phase detector compares.

    ``multiply`` times that, and on ECP5 twice as much again, is the oscillator's clock, ``oscillator_mhz``. The output,
    ``mhz``, is the oscillator's clock divided by ``output_divide``.
    """

    family: str
    clock_mhz: float
    divide: int
    multiply: int
    output_divide: int

    @property
    def mhz(self) -> float:
        return self.oscillator_mhz / self.output_divide

    @property
    def oscillator_mhz(self) -> float:
        return self.clock_mhz * self.multiply * LIMITS[self.family].feedback / self.divide


def settings(family: str, clock_mhz: float, wished_mhz: float) -> Settings:
    """The settings with the highest output that is not above the wish.

    BoardError where the input or the wish is out of the PLL's range.
    """
    limits = LIMITS[family]
    for what, value, (least, most) in (("oscillator", clock_mhz, limits.input), ("clock", wished_mhz, limits.output)):
        if not least <= value <= most:
            raise BoardError(f"the {what} of a PLL of {family} must be {least:g} to {most:g} MHz, got {value:g}")
    # the highest output; of equal ones the fastest comparison, then the fastest oscillator: the least jitter
    found = max(
        _possible(family, clock_mhz, wished_mhz, limits),
        key=lambda one: (one.mhz, -one.divide, one.oscillator_mhz),
        default=None,
    )
    if found is None:
        raise BoardError(f"no setting of a PLL of {family} makes {wished_mhz:g} MHz or a little less of {clock_mhz:g}")
    return found


def _possible(family: str, clock_mhz: float, wished_mhz: float, limits: Limits) -> Iterator[Settings]:
    slack = 1 + 1e-9  # of rounding in floating point
    for divide in range(1, limits.divide + 1):
        if not limits.detector[0] <= clock_mhz / divide <= limits.detector[1]:
            continue
        for multiply in range(1, limits.multiply + 1):
            oscillator = Settings(family, clock_mhz, divide, multiply, 1).oscillator_mhz
            output_divide = max(1, ceil(oscillator / (wished_mhz * slack)))
            one = Settings(family, clock_mhz, divide, multiply, output_divide)
            if (
                limits.oscillator[0] <= oscillator <= limits.oscillator[1]
                and output_divide <= limits.output_divide
                and limits.output[0] <= one.mhz
            ):
                yield one


def cell(made: Settings, clock: Signal, output: Signal, locked: Signal) -> dict[str, Instance]:
    """The PLL's cells, by name: from ``clock`` to ``output``, which a global net carries."""
    feedback = Signal(name="pll_feedback")
    if made.family == "ecp5":
        pll = Instance(
            "EHXPLLL",
            p_PLLRST_ENA="DISABLED", p_INTFB_WAKE="DISABLED", p_STDBY_ENABLE="DISABLED", p_DPHASE_SOURCE="DISABLED",
            p_OUTDIVIDER_MUXA="DIVA", p_OUTDIVIDER_MUXD="DIVD", p_CLKOP_ENABLE="ENABLED", p_CLKOS3_ENABLE="ENABLED",
            p_FEEDBK_PATH="INT_OS3",
            p_CLKI_DIV=made.divide, p_CLKFB_DIV=made.multiply, p_CLKOP_DIV=made.output_divide,
            p_CLKOP_CPHASE=made.output_divide - 1, p_CLKOP_FPHASE=0,
            p_CLKOS3_DIV=LIMITS["ecp5"].feedback, p_CLKOS3_CPHASE=LIMITS["ecp5"].feedback - 1, p_CLKOS3_FPHASE=0,
            # what Lattice's tools set for the loop filter
            a_ICP_CURRENT="12", a_LPF_RESISTOR="8", a_MFG_ENABLE_FILTEROPAMP="1", a_MFG_GMCREF_SEL="2",
            i_RST=Const(0), i_STDBY=Const(0), i_PHASESEL0=Const(0), i_PHASESEL1=Const(0), i_PHASEDIR=Const(1),
            i_PHASESTEP=Const(1), i_PHASELOADREG=Const(1), i_PLLWAKESYNC=Const(0), i_ENCLKOP=Const(0),
            i_CLKI=clock, o_CLKOP=output, o_LOCK=locked,
            o_CLKINTFB=feedback, i_CLKFB=feedback,
        )  # fmt: skip
        return {"pll": pll}
    raw = Signal(name="pll_output")
    pll = Instance(
        "PLLE2_ADV",
        p_BANDWIDTH="OPTIMIZED", p_COMPENSATION="INTERNAL", p_STARTUP_WAIT="FALSE",
        p_CLKIN1_PERIOD=round(1000 / made.clock_mhz, 3), p_DIVCLK_DIVIDE=made.divide, p_CLKFBOUT_MULT=made.multiply,
        p_CLKOUT0_DIVIDE=made.output_divide, p_CLKOUT0_DUTY_CYCLE=0.5, p_CLKOUT0_PHASE=0.0,
        i_CLKIN1=clock, i_CLKIN2=Const(0), i_CLKINSEL=Const(1), i_CLKFBIN=feedback, i_RST=Const(0), i_PWRDWN=Const(0),
        o_CLKFBOUT=feedback, o_CLKOUT0=raw, o_LOCKED=locked,
    )  # fmt: skip
    return {"pll": pll, "pll_buffer": Instance("BUFG", i_I=raw, o_O=output)}
