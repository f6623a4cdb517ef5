"""Narrow training as a picture and a page of Markdown."""

from collections.abc import Sequence

from sw.common.picture import COLOURS, SETTINGS, content
from sw.experiments.finding import Finding
from sw.experiments.narrow.findings import CLAIMS
from sw.experiments.record import Record, only
from sw.experiments.statistics import overall

__all__ = ["PICTURE", "drawn", "page"]

PICTURE = "narrow-training.svg"
_TITLE = "Accuracy against word width"
_INTRODUCTION = """# Training in few bits

Written by `{command}`; not to be edited by hand.
{short}
How wide must the words be in which a network is trained? Each design below is trained in words of {widths} bits, with
stochastic rounding and with rounding to nearest, in the hardware's own integers (the compiled twin of the golden model,
which tests hold against it bit for bit). Weights, biases, activations and deltas have this width; sums are exact and
rounded once. What is rounded stochastically is the update of weights and biases and nothing else, see
[arithmetic](architecture.md#3-arithmetic).

**What changes is the fraction alone.** Integer bits, rates, patterns and the order of samples stay those of the design
at every width; each bit less is a bit less of fraction. ± is half of a 95 % interval. It holds the error of the seeds,
each of which draws pattern and initial weights, and that of the test samples.

![{title}]({picture})
"""
_NOT = """## What it is not

The rates are those that each design was given for its own width, 12 bits (mnist, digits) or 14 (morse); a search for
rates or integer bits at each width could find better figures for any of them. The designs were made with stochastic
rounding, so that their rates may suit it better. The widths, and the limit of 10 bits in the claims, were chosen after
a look at two seeds of MNIST. The data are three, one of them generated, and one with so few test samples (digits) that
differences of less than about a point between roundings cannot be seen. The MNIST design trains on a part of the
images. The figures say nothing about deeper networks, convolutions or floating point of few bits.
"""


def page(records: Sequence[Record], found: Sequence[Finding], *, command: str, short: bool, picture: str = PICTURE
         ) -> str:
    """The whole page; ``picture`` lies beside it."""
    widths = sorted({record["width"] for record in records})
    rows = [records[0] for records in (only(records, design=name) for name in _designs(records))]
    text = [_INTRODUCTION.format(
        command=command, short="\n**Only a short form.**\n" if short else "", widths=f"{widths[0]} to {widths[-1]}",
        title=_TITLE, picture=picture)]
    text += ["| design | data | training samples, epochs | test samples | weights | integer bits | seeds | data hash |",
             "|---|---|---|---|---|---|---|---|"]
    text += [f"| {r['design']} | {r['data']} | {r['train']:,} × {r['epochs']} | {r['test']:,} | {r['weights']:,} | "
             f"{r['integer_bits']} | {len(r['seeds'])} | `{r['content']}` |" for r in rows]
    text += ["", "## What it shows\n", "| claim | verdict |", "|---|---|"]
    text += [f"| {CLAIMS[claim]} | {overall(of)} ({', '.join(f'{of.count(one)} {one}' for one in dict.fromkeys(of))}) |"
             for claim in CLAIMS if (of := [f.verdict or "" for f in found if f.claim == claim])]
    for name in _designs(records):
        text += ["", f"**{name}**, test accuracy in per cent, and points that stochastic rounding has more:", "",
                 "| bits | of them fraction | stochastic | nearest | difference |", "|---|---|---|---|---|"]
        for width in widths:
            (one,), (other,) = (only(records, design=name, width=width, rounding=rounding)
                                for rounding in ("stochastic", "nearest"))
            text.append(f"| {width} | {one['fraction_bits']} | {one.accuracy} | "
                        f"{other.accuracy} | {one.more_than(other, weights=0)} |")
    text += ["", "## The comparisons that test a claim\n", "| comparison | estimate | claimed | verdict |",
             "|---|---|---|---|"]
    text += [f"| {f.comparison} | {f.estimate} | {f.claimed} | {f.verdict} |" for f in found if f.claim]
    text += ["", _NOT]
    return "\n".join(text)


def drawn(records: Sequence[Record]) -> bytes:
    """SVG: a panel for each design, accuracy of both roundings against the width."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    designs = _designs(records)
    with rc_context(SETTINGS):
        figure = Figure(figsize=(2.9 * len(designs) + 0.4, 3.0), layout="constrained")
        for axes, name in zip(figure.subplots(1, len(designs), squeeze=False)[0], designs, strict=True):
            for number, rounding in enumerate(("stochastic", "nearest")):
                line = sorted(only(records, design=name, rounding=rounding), key=lambda record: record["width"])
                found = [record.accuracy for record in line]
                axes.errorbar([record["width"] for record in line], [one.mean for one in found],
                              yerr=[one.half for one in found], label=rounding, color=COLOURS[4 + number],
                              marker="os"[number], markersize=4, linewidth=1.2, capsize=2, elinewidth=0.8)
            axes.set_title(name, fontsize=9)
            axes.set_xlabel("bits of a word")
            axes.set_ylim(0, 100)
            axes.grid(alpha=0.3)
        figure.axes[0].set_ylabel("test accuracy in %")
        figure.axes[-1].legend(fontsize=8, loc="lower right")
        return content(figure, "svg", _TITLE)


def _designs(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(str(record["design"]) for record in records))
