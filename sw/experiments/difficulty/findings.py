"""What the comparison of measures shows, as records with a verdict."""

from collections.abc import Mapping, Sequence

from sw.experiments.difficulty.forecasts import AS_IT_IS, FITTED, LOGARITHM, Forecast, better_by
from sw.experiments.difficulty.measures import OWN
from sw.experiments.finding import Finding

__all__ = ["CLAIMS", "NEIGHBOUR", "UNBIASED", "best_published", "by_name", "findings"]

_V = ("V_lower", "V_upper", "V_dist", "V_thresh")
UNBIASED = 5.0  # points
PUBLISHED, NEIGHBOUR, LARGER = "morse-published", "morse-neighbour", "morse-larger"
CLAIMS = {
    PUBLISHED: "V_white/√n and D, found on these very data, foretell the accuracy of a family left out with less error "
               "than V_lower, V_upper, V_dist or V_thresh",
    NEIGHBOUR: "they foretell it with less error than the nearest neighbour (N3)",
    LARGER: f"a line through the ladder foretells larger sets without bias, to {UNBIASED:g} points",
}


def by_name(forecasts: Sequence[Forecast], transform: str = LOGARITHM) -> dict[str, Forecast]:
    """Those of one transformation, by measure."""
    return {one.measure: one for one in forecasts if one.transform == transform}


def best_published(forecasts: Sequence[Forecast]) -> Forecast:
    """Of the four published measures, in any form, the one with the least error."""
    return min((one for one in forecasts if one.measure in _V), key=lambda one: one.error)


def findings(ladders: Mapping[str, Sequence[Forecast]], larger: Mapping[str, Sequence[Forecast]],
             families: Sequence[str]) -> list[Finding]:
    """``ladders``, ``larger``: forecasts by network; ``families``: of the ladder's variants, in the order of the
    residuals. V_white/√n and D are taken as logarithms and their weights fitted without the family; those of the
    own measure are not blind, and so are compared with nothing. The others are met in both forms, the V_* in the best.
    """
    found = []
    for network, forecasts in ladders.items():
        of, plain = by_name(forecasts), by_name(forecasts, AS_IT_IS)
        for claim, other in ((PUBLISHED, best_published(forecasts)), (NEIGHBOUR, of["N3"]), (NEIGHBOUR, plain["N3"])):
            found.append(Finding(claim, f"{network}: points of error less with {FITTED} (logarithm) than with "
                                 f"{other.measure} ({other.transform})", better_by(of[FITTED], other, families), low=0))
    for network, forecasts in larger.items():
        for one in forecasts:
            tests = one.measure in (OWN, FITTED) and one.transform == LOGARITHM
            found.append(Finding(LARGER if tests else "", f"{network}: points foretold too much for the larger sets by "
                                 f"{one.measure} ({one.transform})", one.bias, low=-UNBIASED, high=UNBIASED))
    return found
