"""The comparison of measures as a page of Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sw.experiments.difficulty.findings import CLAIMS, NEIGHBOUR, UNBIASED, best_published, by_name
from sw.experiments.difficulty.forecasts import AS_IT_IS, FITTED, MEASURES, SIZE, Forecast
from sw.experiments.difficulty.measures import FEWER, NEAREST, OWN, QUERIES
from sw.experiments.finding import Finding
from sw.experiments.morse.ladder import LADDER, LARGE
from sw.experiments.statistics import REPRODUCED, overall

__all__ = ["page"]

Measured = Mapping[str, Mapping[str, Mapping[str, Any]]]
Forecasts = Mapping[str, Sequence[Forecast]]
_INTRODUCTION = f"""# Difficulty of Morse data, foretold

Written by `{{command}}`; not to be edited by hand.

Can one tell beforehand how well a small network will do? Ten measures of difficulty, all treated alike, foretell the
accuracies of [the Morse study](morse-study.md), which are in `docs/morse-study.csv`: means over the seeds of fully
connected networks, on {{known}} of 52 variants with up to 500 training samples of each class (*the ladder*) and on
{{asked}} of ten with 5,000 (*the larger sets*).{{missing}} Measures of all variants and their times are in
`docs/{{stem}}.csv`, all figures in `docs/{{stem}}.json`.

- **V_lower, V_upper, V_dist, V_thresh**: the published ones, see [Morse code datasets](morse.md).
- **F1, N1, N3**: as A. C. Lorena et al. define them (ACM Computing Surveys 52(5), 2019) and pymfe computes them, with
  Euclidean distances. F1 comes from the best single feature; N1 is the share of samples that a minimum spanning tree
  joins to another class; N3 is the error of the nearest neighbour when each sample is left out in turn.
- **{NEAREST}**: the error of the nearest training sample on the test split.
- **{OWN}**: V_white D^1.2 / √n of `sw/morse/better.py`, from a covariance matrix. **{FITTED}**: the same with weights
  fitted anew for each forecast.

**Protocol.** All measures but {NEAREST} are of the training split alone; {NEAREST} also sees the test samples that the
networks were tested on. Each is fitted by a straight line, once as it is and once as its logarithm. On the ladder a
line through all families of variants but one foretells that one, each in turn. For the larger sets the line is that of
the whole ladder. *r* is that of forecasts and accuracies, *error* the root of their mean squared difference in points;
brackets hold the middle 95 % of 4,000 bootstrap samples of the variants. *Bias* is the mean of forecast minus accuracy
with its 95 % interval. Where two measures are compared, their absolute errors are; the interval is that of the means of
the families. N3 and {NEAREST} look up the neighbours of at most {QUERIES:,} samples ({FEWER:,} of the larger
sets) among all others, so that each has an error of up to 1 point (3.1). N1 takes time that grows with the square
of the number of samples; of the larger sets there is none.

V_white and D were found by looking at about a hundred figures on this ladder, with the networks of 256 hidden neurons,
and the power 1.2 and the root of n were fitted to it. The other measures were taken as they are. So the comparison
favours {OWN}; that {FITTED} has blind weights does not undo the search. Brackets do not count that all variants were
drawn once, nor that variants of one family are alike.
"""


def page(ladders: Forecasts, without: Forecasts, larger: Forecasts, found: Sequence[Finding], measured: Measured,
         other: Mapping[str, float], *, command: str, stem: str) -> str:
    """``ladders``, ``without`` the family `SIZE`, ``larger``: by network. ``other``: of data of another kind."""
    text = [_INTRODUCTION.format(command=command, stem=stem, **_counts(measured)), "## Answers\n"]
    text += [*_answers(ladders, without, larger, found, measured), "", "| claim | verdict |", "|---|---|"]
    text += [f"| {CLAIMS[claim]} | {overall(of)} ({', '.join(f'{of.count(one)} {one}' for one in dict.fromkeys(of))}) |"
             for claim in CLAIMS if (of := [f.verdict or "" for f in found if f.claim == claim])]
    text += ["", "| comparison | estimate | claimed | verdict |", "|---|---|---|---|"]
    text += [f"| {f.comparison} | {_minus(str(f.estimate))} | {f.claimed} | {f.verdict} |" for f in found if f.claim]
    for network in ladders:
        text += ["", f"## {network}\n", "A family left out:\n",
                 f"| measure | r | error | r, logarithm | error | r without `{SIZE}`, logarithm | error |",
                 "|---|---|---|---|---|---|---|"]
        plain, log, rest = by_name(ladders[network], AS_IT_IS), by_name(ladders[network]), by_name(without[network])
        text += [f"| {name} | {plain[name].r} | {_error(plain[name])} | {log[name].r} | {_error(log[name])} | "
                 f"{rest[name].r} | {_error(rest[name])} |" for name in MEASURES]
        if network in larger:
            plain, log = by_name(larger[network], AS_IT_IS), by_name(larger[network])
            text += ["", f"The larger sets, {len(log[OWN].residuals)} variants:\n",
                     "| measure | r | error | bias | r, logarithm | error | bias |", "|---|---|---|---|---|---|---|"]
            text += ["| " + " | ".join([name, *(cell for one in (plain[name], log[name]) for cell in (
                str(one.r), _error(one), _bias(one)))]) + " |" for name in log]
    return "\n".join([*text, "", *_cost(measured), *_other(other)]) + "\n"


def _counts(measured: Measured) -> dict[str, object]:
    """Of the variants, and what is missing."""
    known, asked = (list(measured.get(part.name, ())) for part in (LADDER, LARGE))
    missing = [name for name in LADDER.variants if name not in known]
    missing += [f"{name} of the larger sets" for name in LARGE.variants if name not in asked]
    return {"known": len(known), "asked": len(asked),
            "missing": f" **Not measured for this page: {', '.join(missing)}.**" if missing else ""}


def _answers(
    ladders: Forecasts, without: Forecasts, larger: Forecasts, found: Sequence[Finding], measured: Measured
) -> list[str]:
    lines = []
    for network, forecasts in ladders.items():
        best = {name: min((one for one in forecasts if one.measure == name), key=lambda one: one.error)
                for name in (best_published(forecasts).measure, "N3", OWN, FITTED)}
        lines.append(f"- {network}, a family left out, error in points, each in its better form: " + "; ".join(
            f"{name} ({one.transform}) {_error(one)}, r = {one.r}" for name, one in best.items()) + ".")
    for network, forecasts in larger.items():
        of, plain = by_name(forecasts), by_name(forecasts, AS_IT_IS)
        high = [name for name in (FITTED, OWN) if of[name].bias.mean > of[name].bias.half]
        lines.append(f"- {network}, points foretold too much for the larger sets: {FITTED} {_bias(of[FITTED])}, {OWN} "
                     f"{_bias(of[OWN])}, N3 {_bias(of['N3'])} (logarithms); N3 {_bias(plain['N3'])} (as it is)."
                     + (f" So {' and '.join(high)} foretell too much; what is open is whether by more than the "
                        f"{UNBIASED:g} points that are claimed." if high else ""))
    if overall([f.verdict or "" for f in found if f.claim == NEIGHBOUR]) != REPRODUCED:
        seconds = [one["seconds"] for one in next(iter(measured.values())).values()]
        ours = sum(one["moments"] + one[OWN] for one in seconds)
        times = sum(one["N3"] for one in seconds) / ours
        lines.append("- **Nothing shows that the measure of this project foretells better than a plain nearest "
                     "neighbour, which nobody had to search for.** What the measure is still good for is its cost: on "
                     f"the ladder it takes {1000 * ours / len(seconds):.0f} ms per variant, and N3 {times:.0f} times "
                     f"as long with at most {QUERIES:,} samples looked up. N3 of all samples grows with the square of "
                     "their number.")
    for network, forecasts in ladders.items():
        whole, rest = by_name(forecasts)[OWN], by_name(without[network])[OWN]
        lines.append(f"- {network}: own as a logarithm has r = {whole.r}, and {rest.r} without the family `{SIZE}`, of "
                     "few training samples per class. So few do not tell its covariance matrix: **there it is of no "
                     "use.** [The Morse study](morse-study.md) hides that, as it takes the metric from all samples of "
                     "a set, those for validation and test too.")
    return lines


def _cost(measured: Measured) -> list[str]:
    parts = list(measured)
    names = list(next(iter(measured[parts[0]].values()))["seconds"])
    rows = {name: [[one["seconds"][name] for one in measured[part].values() if name in one["seconds"]]
                   for part in parts] for name in names}
    about = ("Processor seconds, one core, mean over the variants of each part, drawing the samples not counted. "
             "*moments* are what the V_* and the own measure begin with.\n")
    text = ["## What they cost\n", about,
            "| measure | " + " | ".join(f"part {part}" for part in parts) + " |", "|---" * (len(parts) + 1) + "|"]
    return [*text, *(f"| {name} | " + " | ".join(f"{sum(part) / len(part):.3f}" if part else "" for part in of) + " |"
                     for name, of in rows.items()), ""]


def _other(other: Mapping[str, float]) -> list[str]:
    about = (f"The measures were fitted to Morse variants of 64 classes. scikit-learn's digits have a score of "
            f"{_minus(format(other['score'], '.2f'))}, where the ladder's are {_minus(format(other['low'], '.2f'))} to "
            f"{_minus(format(other['high'], '.2f'))}; the line through the ladder would give them "
            f"{other['foretold']:.0f} % accuracy. `python -m sw.morse metrics` says so and gives no forecast for data "
            f"that are not Morse variants. The nearest neighbour needs no line: N3 of the digits is "
            f"{100 * other['N3']:.1f} %, the error of a classifier that is there.")
    return ["## Data of other kinds\n", about]


def _error(one: Forecast) -> str:
    return f"{one.error:.1f} ({one.error_low:.1f} to {one.error_high:.1f})"


def _bias(one: Forecast) -> str:
    return _minus(str(one.bias))


def _minus(text: str) -> str:
    return text.replace("-", "−")
