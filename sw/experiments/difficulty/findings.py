"""What the comparison of measures shows, as records with a verdict."""

from collections.abc import Mapping, Sequence

from sw.experiments.difficulty.forecasts import FITTED, LOGARITHM, Forecast, better_by
from sw.experiments.difficulty.measures import OWN
from sw.experiments.finding import Finding

__all__ = ["CLAIMS", "by_name", "findings"]

_UNBIASED = 5.0  # points
PUBLISHED, NEIGHBOUR, LARGER = "morse-published", "morse-neighbour", "morse-larger"
CLAIMS = {
    PUBLISHED: "V_white/√n and D foretell the accuracy of a family left out with less error than V_lower, V_upper, "
               "V_dist or V_thresh",
    NEIGHBOUR: "they foretell it with less error than the nearest neighbour (N3)",
    LARGER: f"a line through the ladder foretells larger sets without bias, to {_UNBIASED:g} points",
}


def by_name(forecasts: Sequence[Forecast], transform: str = LOGARITHM) -> dict[str, Forecast]:
    """Those of one transformation, by measure."""
    return {one.measure: one for one in forecasts if one.transform == transform}


def findings(ladders: Mapping[str, Sequence[Forecast]], larger: Mapping[str, Sequence[Forecast]],
             families: Sequence[str]) -> list[Finding]:
    """``ladders``, ``larger``: forecasts by network; ``families``: of the ladder's variants, in the order of the
    residuals. All of logarithms. The weights of V_white/√n and D are fitted without the family; those of the own
    measure are not blind, and so tested against nothing."""
    found = []
    for network, forecasts in ladders.items():
        of = by_name(forecasts)
        best = min((of[name] for name in ("V_lower", "V_upper", "V_dist", "V_thresh")), key=lambda one: one.error)
        for claim, other in ((PUBLISHED, best), (NEIGHBOUR, of["N3"])):
            found.append(Finding(claim, f"{network}: points of error less with {FITTED} than with {other.measure}",
                                 better_by(of[FITTED], other, families), low=0))
    for network, forecasts in larger.items():
        for name, one in by_name(forecasts).items():
            tests = name in (OWN, FITTED)
            found.append(Finding(LARGER if tests else "", f"{network}: points foretold too much for the larger sets by "
                                 f"{name}", one.bias, low=-_UNBIASED, high=_UNBIASED))
    return found
