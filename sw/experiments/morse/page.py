"""The study as a page of Markdown: tables, and what they answer."""

from collections.abc import Mapping, Sequence

from sw.experiments.morse.correlation import Correlation
from sw.experiments.morse.measures import BETTER, PUBLISHED
from sw.experiments.morse.pair import CEILING, PAIR
from sw.experiments.morse.results import Trained
from sw.experiments.morse.tables import Tables

__all__ = ["answers", "page"]

Metrics = Mapping[str, Mapping[str, float]]
_INTRODUCTION = """# The Morse study

Written by `python -m sw.experiments morse --page docs/morse-study.md`; not to be edited by hand.
{short}
A perceptron of three layers, ReLU and softmax, is trained on every variant that `python -m sw.morse list` names, with
{networks}; dilated variants have 128 or 256 inputs.
Adam, rate 0.005 / (1 + t/10,000) after t updates, batch 128, 20 epochs of 32,000 samples; variants with fewer samples
get as many updates, those of 7,000 per class 4 epochs. All end there, whether or not more would help. Samples are the
same for all networks; weights, patterns and the order of samples come from the seed. *Part 700* has 700 samples of each
class (500 training, 100 validation, 100 test), and the family `size` a tenth of its sizes; *part 7000* is ten variants
with all samples. Black and white code repeats itself: by chance, a sixth of the test samples of `flips-0` are training
samples too. Metrics are those of all splits together.

r is Pearson's, with the middle 95 % of 4,000 bootstrap samples of the variants in brackets. Intervals of accuracies are
95 % intervals over the seeds and the test samples. Neither counts that the training samples were drawn only once.
"""
_DIFFICULTY = """## Difficulty

How well these metrics, and others from the literature, foretell the accuracies, in points and not in r alone, is on
[another page](morse-difficulty.md). `python -m sw.experiments difficulty` makes it from `docs/morse-study.csv`, the
table of this study. The tables here only say how the accuracies go with V_lower, V_upper, V_dist and V_thresh, see
[Morse code datasets](morse.md), and with the score of `sw/morse/better.py`. That score was found on the networks of 256
hidden neurons and 700 samples of each class, so that its r with these is too good.

With 20 % of the weights two columns are shown, points of accuracy lost and the part of the accuracy lost: a network
that is right in 10 % of the cases cannot lose 20 points.
"""


def page(trained: Sequence[Trained], found: Sequence[Tables], said: Sequence[str], metrics: Mapping[str, Metrics], *,
         short: bool, pictures: str) -> str:
    """``said``: the `answers`. ``metrics`` by part; ``pictures``: what their file names begin with, beside the page."""
    networks = " and ".join(dict.fromkeys(f"{one.hidden} hidden neurons (*{one.network}*)" for one in trained))
    seeds = len(next(iter(trained[0].full.values())).record["seeds"])
    note = f"\n**Seeds of each network: {seeds}.**"
    missing = [] if all(one.sparse for one in trained) else ["sparse networks"]
    missing += [] if len({one.hidden for one in trained}) > 1 else ["a network of the other size"]
    missing += [] if len({one.part for one in trained}) > 1 else ["the other part"]
    note += f" **Not trained for this page: {', '.join(missing)}.**" if missing else ""
    note += " **Only a short form.**" if short else ""
    text = [_INTRODUCTION.format(networks=networks, short=note + "\n"), "## Answers\n", *said, "", _DIFFICULTY]
    for one, of_one in zip(trained, found, strict=True):
        text += [f"## {one.hidden} hidden neurons, part {one.part}\n", *_sections(of_one, pictures)]
    text += ["## Accuracies\n", *_accuracies(trained, metrics)]
    return "\n".join(text).rstrip() + "\n"


def answers(found: Sequence[Tables]) -> list[str]:
    """One line each: does difficulty tell how far one may sparsify, who shares a code."""
    lines = []
    for one in found:
        if one.lost and one.drop:
            strongest = max(one.drop, key=lambda name: abs(one.drop[name].r or 0))
            relative = max(one.relative, key=lambda name: abs(one.relative[name].r or 0))
            lines.append(
                f"- {one.name}: with 20 % of the weights {one.lost[0]:.1f} points are lost on average "
                f"({one.lost[1]:.1f} to {one.lost[2]:.1f}). Does difficulty tell how many? {_verdict(one.drop)}: "
                f"points against {strongest} r = {one.drop[strongest]}; the part of the accuracy that is lost against "
                f"{relative} r = {one.relative[relative]}.")
        if one.pair:
            easiest = max(one.pair.values(), key=lambda pair: pair.accuracy)
            lines.append(
                f"- {one.name}: classes {PAIR[0]} and {PAIR[1]} share a code, so that {100 * CEILING:.2f} % is the "
                f"most to be expected. On {easiest.variant}, the easiest ({easiest.accuracy:.2f} %), samples of the "
                f"two are taken for the other one in {100 * easiest.other:.0f} % and for a third class in "
                f"{100 * easiest.third:.0f} % of the cases; that is {100 * easiest.of_errors:.0f} % of all errors, and "
                f"without it the accuracy would be {easiest.without:.2f} %.")
    return lines


def _verdict(drop: Mapping[str, Correlation]) -> str:
    certain = [name for name, r in drop.items() if r.low is not None and r.high is not None and r.low * r.high > 0]
    strong = [name for name in certain if abs(drop[name].r or 0) >= 0.7]
    return ("Well" if strong else "Weakly") if certain else "No"


def _sections(one: Tables, pictures: str) -> list[str]:
    text = [f"![Accuracy against each metric]({pictures}{one.name}-metrics.svg)\n"]
    if one.accuracy:
        text += _table(("metric", "published r", f"r with accuracy, {one.variants} variants"), [
            (name, f"{PUBLISHED[name]}".replace("-", "−") if name in PUBLISHED else "", str(r))
            for name, r in one.accuracy.items()])
    text += [f"![Accuracy against the knobs]({pictures}{one.name}-knobs.svg)\n"]
    if one.lost and one.drop:
        text.append("### With 20 % of the weights\n\n"
                    f"![Points lost against each metric]({pictures}{one.name}-drop.svg)\n")
        text += _table(("metric", "r with points lost", "r with the part of the accuracy lost"), [
            (name, str(r), str(one.relative[name])) for name, r in one.drop.items()])
    text += [f"### Two classes of one code\n\n![Confusion of the two]({pictures}{one.name}-pair.svg)\n"]
    best = sorted(one.pair.values(), key=lambda pair: -pair.accuracy)[:5]
    return text + _table(("variant", "accuracy", "right of the two", "taken for the other", "for a third",
                          "share of all errors", "accuracy if they were one"), [
        (p.variant, f"{p.accuracy:.2f} %", f"{100 * p.right:.1f} %", f"{100 * p.other:.1f} %", f"{100 * p.third:.1f} %",
         f"{100 * p.of_errors:.1f} %", f"{p.without:.2f} %") for p in best])


def _accuracies(trained: Sequence[Trained], metrics: Mapping[str, Metrics]) -> list[str]:
    text = []
    for part in dict.fromkeys(one.part for one in trained):
        own = [one for one in trained if one.part == part]
        shown = [(f"{one.hidden} {text}", cells) for one in own
                 for text, cells in (("full", one.full), ("at 20 %", one.sparse)) if cells]
        rows = []
        for name in own[0].full:
            found = metrics[part][name]
            rows.append((name, *(str(cells[name].accuracy) if name in cells else "" for _, cells in shown),
                         *(f"{found[key]:.3g}" for key in ("V_lower", "V_upper", "V_dist")), f"{found['V_thresh']:.0f}",
                         f"{found['V_white']:.3g}", f"{found['dimension']:.3g}",
                         f"{found[BETTER]:.2f}".replace("-", "−")))
        heads = ("variant", *(head for head, _ in shown), *PUBLISHED, "V_white", "D", BETTER)
        text += [f"Part {part}, per cent:\n", *_table(heads, rows)]
    return text


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {' | '.join(row)} |" for row in rows), ""]
