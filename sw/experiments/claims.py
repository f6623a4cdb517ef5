"""Judge the kept records anew and write docs/claims.md, and README's figures of experiments, from them.

    python -m sw.experiments claims
"""

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sw.common.atomic import write_atomic
from sw.common.command import command
from sw.common.report import write_report
from sw.experiments.baselines import FIXED, MOVED, PRUNED
from sw.experiments.finding import Finding
from sw.experiments.kept import MEASURED, command_of, data_of, judged_again, kept
from sw.experiments.record import Record, only
from sw.experiments.statistics import overall
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "CLAIMS", "main", "page", "readme"]

ABOUT = "judge the kept records anew and write docs/claims.md from them"
_SHARE, _VARIED = 0.2, 300  # of README's figures
PAGE, README = Path("docs/claims.md"), Path("README.md")


@dataclass(frozen=True)
class Claim:
    """``text``: what is claimed. ``by``: who does. ``more``: a link into the documents."""

    text: str
    by: str
    more: str


_SPARSITY, _SEARCH, _OURS = "the talk, pre-defined sparsity", "the talk, Deep-n-Cheap", "this project"
_EXPERIMENTS, _SLIDES = "[experiments](experiments.md)", "[search](search.md#the-slides-experiments)"
CLAIMS = {
    "near-zero": Claim("in a fully connected network most weights are small after training", _SPARSITY, _EXPERIMENTS),
    "twenty": Claim("starting with 20 % of the weights reduces test accuracy by just 1 point", _SPARSITY, _EXPERIMENTS),
    "later-denser": Claim("at the same overall density, later junctions should be denser", _SPARSITY, _EXPERIMENTS),
    "redundancy": Claim("the less redundant the inputs, the more sparsity costs", _SPARSITY, _EXPERIMENTS),
    "large-sparse": Claim("large and sparse beats small and dense with as many weights", _SPARSITY, _EXPERIMENTS),
    "lambda": Claim("sparse networks need a smaller lambda of L2", _SPARSITY, _EXPERIMENTS),
    "clash-free": Claim("clash-free patterns (types 1 and 2) lead to no loss", _SPARSITY, _EXPERIMENTS),
    "type-3": Claim("neither does type 3, all of whose sweeps are alike", _SPARSITY, _EXPERIMENTS),
    "structured": Claim("structured patterns beat random ones", "the author's papers", _EXPERIMENTS),
    "classifier": Claim("the classifier of a convolutional network can be sparse: 20 % cost at most a point", _SPARSITY,
                        _EXPERIMENTS),
    "inputs": Claim("edges are better spent on the inputs that vary most", _OURS, _EXPERIMENTS),
    "shared": Claim("several sweeps may share a start vector at a cost of at most 0.3 points", _OURS, _EXPERIMENTS),
    "baselines": Claim("edges that training chooses gain at most half a point over a fixed pattern", _OURS,
                       _EXPERIMENTS),
    "search-depth": Claim("very deep networks may not be needed", _SEARCH, _SLIDES),
    "search-transfer": Claim("a network found on other data does as well as one found on these", _SEARCH, _SLIDES),
    "search-greedy": Claim("the greedy order of the stages is justified", _SEARCH, _SLIDES),
    "search-mixes": Claim("balanced Bayesian optimisation is no worse than random, Sobol or extreme", _SEARCH, _SLIDES),
    "search-ensembling": Claim("ensembles are slightly better, at a large cost", _SEARCH, _SLIDES),
    "search-tradeoff": Claim("the penalty trades accuracy for cost; weight decay goes with the parameters", _SEARCH,
                             _SLIDES),
    "search-loader": Claim("arrays in memory are faster than data loaders", _SEARCH, _SLIDES),
}
_INTRODUCTION = """# Claims

Each claim of the talk on pre-defined sparsity and its search, and what was measured here. This page is written by
`python -m sw.experiments claims` from the records in `docs/experiments/`; a test holds it to them.

A comparison is an estimate with its 95 % interval and a claimed range, whose end is the margin. *Reproduced*: the whole
interval is in the range. *Contradicted*: all of it is outside. *Not shown*: it straddles an end. Of several
comparisons, a claim is *reproduced* if all of them reproduce it, and *contradicted* if some contradict and none
reproduces it; it *depends* where some do each, and else it is *not shown*. Nothing is corrected for the number of
comparisons: of twenty intervals one is expected to miss the true value. An interval holds the spread over the seeds and
the error of the test set; one of weights, of a choice or of a search is over the seeds alone.
"""
_ELSEWHERE = """
Claims of the talk that are not of this kind are dealt with elsewhere: that clash-free patterns never stall, and that
junctions work in parallel and as a pipeline, is [proven](formal.md) and compared bit for bit in
[simulation](architecture.md); the FPGA is [synthesised and routed](synthesis.md), not yet run on a board; what the
difficulty metrics of Morse code data tell is [compared](morse-difficulty.md); how few bits are enough to train in is on
[a page of its own](narrow-training.md).
"""

Found = list[tuple[Path, dict[str, Any], Finding]]


def _found(measured: Path) -> dict[str, Found]:
    """The findings that test a claim, with folder and record, by claim.

    Two records may have the same networks, and so the same comparison: it is counted once.
    """
    found: dict[str, Found] = {}
    seen = set()
    for folder, report in kept(measured):
        for finding in map(Finding.of, report["findings"]):
            same = finding.claim, report["data"].get("content"), finding.comparison, finding.estimate
            if finding.claim and same not in seen:
                seen.add(same)
                found.setdefault(finding.claim, []).append((folder, report, finding))
    if unknown := set(found) - set(CLAIMS):
        raise SparseError(f"a finding must be of a claim of sw.experiments.claims, got {', '.join(sorted(unknown))}")
    return found


def _data(report: dict[str, Any]) -> str:
    """"mnist" of "mnist-keep-300"."""
    return str(report["data"]["name"]).split("-")[0].split(":")[0]


def page(measured: Path) -> str:
    """docs/claims.md."""
    found = _found(measured)
    names = list(dict.fromkeys(_data(report) for each in found.values() for _, report, _ in each))
    lines = [*_INTRODUCTION.splitlines(), "", f"| claim | by | {' | '.join(names)} |",
             f"|---|---|{'---|' * len(names)}"]
    for key, claim in CLAIMS.items():
        each = found.get(key, [])
        verdicts = [", ".join(_verdict([f for _, report, f in each if _data(report) == name])) for name in names]
        lines.append(f"| [{claim.text}](#{key}) | {claim.by} | {' | '.join(verdicts)} |")
    lines += [*_of_pages(measured.parent), *_ELSEWHERE.splitlines()]
    for key, claim in CLAIMS.items():
        lines += ["", f'<a id="{key}"></a>', f"## {claim.text[0].upper()}{claim.text[1:]}", ""]
        lines += [*_section(found.get(key, []), measured), "", f"More: {claim.more}."]
    return "\n".join(lines) + "\n"


def _of_pages(folder: Path) -> Iterator[str]:
    """Of records that have a page of their own beside them, with the texts of their claims."""
    for number, path in enumerate(sorted(folder.glob("*.json"))):
        report = json.loads(path.read_text())
        if number == 0:
            yield from ("", "Claims of this project that have a page of their own:", "", "| claim | verdict | page |",
                        "|---|---|---|")
        for key, text in report["claim"].items():
            found = [one for one in map(Finding.of, report["findings"]) if one.claim == key]
            yield f"| {text} | {', '.join(_verdict(found)) or 'not measured'} | [{path.stem}]({path.stem}.md) |"


def _verdict(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    each = [finding.verdict or "" for finding in findings]
    counts = ", ".join(f"{each.count(one)} {one}" for one in dict.fromkeys(each))
    return [overall(each) if len(set(each)) == 1 else f"{overall(each)} ({counts})"]


def _section(found: Found, measured: Path) -> list[str]:
    if not found:
        return ["Not measured."]
    lines = ["| data | comparison | estimate | claimed | verdict |", "|---|---|---|---|---|"]
    lines += [f"| {data_of(report)} | {finding.comparison} | {finding.estimate} {finding.unit} | "
              f"{finding.claimed} | {finding.verdict} |" for _, report, finding in found]
    for folder in dict.fromkeys(folder for folder, _, _ in found):
        report = next(report for of, report, _ in found if of == folder)
        links = [f"[{word}](experiments/{folder.name}/{path.name})" for word, pattern in (
            ("record", "*.json"), ("picture", "*.svg")) for path in sorted((measured / folder.name).glob(pattern))]
        lines += ["", f"`{command_of(report)}` ({_told(report)}): {', '.join(links)}"]
    return lines


def _told(report: dict[str, Any]) -> str:
    seeds, data = report["seeds"], report["data"]
    count = seeds if isinstance(seeds, int) else len(seeds)
    held = ", those for validation among them," if any(row.get("validation_accuracy") for row in report["rows"]) else ""
    return (f"{data['train']:,} training samples{held} and {data['test']:,} test samples, {count} seeds"
            + (f", data {data['content']}" if data.get("content") else ""))


def readme(text: str, measured: Path) -> str:
    """README's text with its rows of torch experiments as the records have them; they stand between two marks."""
    rows = "\n".join(_rows({folder.name: report for folder, report in kept(measured)}))
    found, count = re.subn(r"(<!-- from records -->\n).*?(<!-- to here -->)", lambda m: f"{m[1]}{rows}\n{m[2]}", text,
                           flags=re.DOTALL)
    if count != 1:
        raise SparseError("README.md must have the marks 'from records' and 'to here' once each, in this order")
    return found


def _rows(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows = reports["inputs-mnist"]["rows"]
    (full,) = only(rows, what="fully connected")
    (sparse,) = only(rows, wished=_SHARE, neurons=full["neurons"], inputs=full["inputs"])
    narrow = next(row for row in only(rows, wished=_SHARE, inputs=_VARIED) if row["neurons"].split("-")[1:] ==
                  full["neurons"].split("-")[1:])
    yield from ("| what, and what it is not | figure | command |", "|---|---|---|")
    command = command_of(reports["inputs-mnist"])
    yield _row(f"{full['neurons']}, fully connected; not tuned, 20 epochs as all others", full, command)
    yield _row("20 % of its weights, chosen before training", sparse, command)
    yield _row(f"20 % of its weights, all edges on the {_VARIED} pixels that vary most; chosen beforehand, not "
               "the best of several", narrow, command)
    baselines = reports["baselines-mnist"]
    train = f"{baselines['data']['train']:,}"
    for edges, what in ((FIXED, "20 % of its weights, fixed before training"), (MOVED, "edges that move meanwhile"),
                        (PRUNED, "pruned half-way; not free of clashes, nor are moving edges")):
        (found,) = only(baselines["rows"], wished=_SHARE, edges=edges)
        yield _row(f"{train} images only: {what}", found, command_of(baselines))


def _row(what: str, record: Record, command: str) -> str:
    return f"| {what} | {record.accuracy} % | `{command.removeprefix('python -m ')}` |"


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m sw.experiments claims", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measured", type=Path, default=MEASURED, help=f"folder of records ({MEASURED})")
    options = parser.parse_args(arguments)
    for folder, report in kept(options.measured):
        report["findings"] = [finding.record() for finding in judged_again(report)]
        path = folder / "report.json"
        if json.loads(path.read_text())["findings"] != report["findings"]:
            write_report(path, report, {})
    for path, text in ((PAGE, page(options.measured)), (README, readme(README.read_text(), options.measured))):
        write_atomic(path, text.encode())
    print(f"{PAGE}, {README}: {len(CLAIMS)} claims")
    return 0
