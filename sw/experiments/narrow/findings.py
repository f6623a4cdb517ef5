"""What narrow training shows, as records with a verdict."""

from collections.abc import Sequence

from sw.experiments.finding import Finding
from sw.experiments.record import Record, only

__all__ = ["CLAIMS", "findings"]

ROUNDING, BITS = "narrow-rounding", "narrow-bits"
_FEW, _ALLOWED = 10, 1.0  # bits; points that so many may cost
#: what is tested; both are of this project
CLAIMS = {
    ROUNDING: f"in 7 to {_FEW} bits, stochastic rounding trains to a higher accuracy than rounding to nearest",
    BITS: f"with stochastic rounding, {_FEW} bits lose at most {_ALLOWED:g} point against the widest",
}


def findings(records: Sequence[Record]) -> list[Finding]:
    """By design: stochastic against nearest at each width, then each width against the widest, by rounding.

    SparseError where networks that are compared differ in their number of weights.
    """
    found = []
    for design in dict.fromkeys(record["design"] for record in records):
        of_one = only(records, design=design)
        stochastic, nearest = (sorted(only(of_one, rounding=rounding), key=lambda record: -record["width"])
                               for rounding in ("stochastic", "nearest"))
        for one, other in zip(stochastic, nearest, strict=True):
            tests = one["width"] <= _FEW
            found.append(Finding(
                ROUNDING if tests else "", f"{design}, {one['width']} bits: points that stochastic rounding has more "
                "than rounding to nearest", one.more_than(other, weights=0), low=0))
        for line in (stochastic, nearest):
            for record in line[1:]:
                tests = record["rounding"] == "stochastic" and record["width"] == _FEW
                found.append(Finding(
                    BITS if tests else "", f"{design}, {record['rounding']}: points less with {record['width']} bits "
                    f"than with {line[0]['width']}", record.less_than(line[0], weights=0), high=_ALLOWED))
    return found
