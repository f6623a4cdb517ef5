"""What is left of a search: results for programs, tables, pictures, one page for people."""

import csv
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from optuna.trial import TrialState

from sw.common.atomic import check_folder, write_atomic
from sw.common.report import write_report
from sw.study import pictures
from sw.study.pareto import front
from sw.study.run import Ended
from sw.study.stage import Figure, Record, ranked

__all__ = ["write"]

_STYLE = """body{font:15px/1.45 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0;font-size:13px}td,th{padding:.2em .7em;border-bottom:1px solid #ddd;
text-align:left}svg{max-width:100%;height:auto}.scroll{overflow-x:auto;max-height:32em;overflow-y:auto}"""


def write(out: Path, title: str, records: Sequence[Record], figures: Sequence[Figure], ended: Ended, *, most: int = 1,
          facts: Mapping[str, Any] | None = None, extra: Mapping[int, Mapping[str, Any]] | None = None) -> list[Record]:
    """Write results.json, trials.csv, pareto.csv, history.svg, pareto.svg, importance.svg, index.html into ``out``.

    Parameters
    ----------
    most
        How many of the best trials are results.
    facts
        What the search was about, for page and results.json; values of JSON's types.
    extra
        What else is known of a best trial, by its ``id``.

    Returns
    -------
    The best trials, the best first.
    """
    check_folder(out)
    best, others = ranked(records)[:most], front(records, figures)
    facts, extra = dict(facts or {}), dict(extra or {})
    drawn = {"history": pictures.history(records), "pareto": pictures.pareto(records, figures),
             "importance": pictures.importance(found := pictures.importances(records))}
    for name, picture in drawn.items():
        if picture is not None:
            write_atomic(out / f"{name}.svg", picture)
    write_report(out / "results.json", {
        "title": title, "ended": ended.reason, "complete": ended.complete, **facts,
        "trials": {state.name.lower(): sum(one.state == state for one in records) for state in TrialState},
        "trial_seconds": round(sum(one.seconds for one in records), 1),
        "best": [{**_of(one), **extra.get(one.id, {})} for one in best],
        "pareto": [_of(one) for one in others],
        "importance": {stage: dict(shares) for stage, shares in found.items()},
    }, {})
    write_atomic(out / "trials.csv", _table(records))
    write_atomic(out / "pareto.csv", _table(others))
    write_atomic(out / "index.html", _page(title, records, best, others, figures, ended, facts, extra, drawn).encode())
    return best


def _of(record: Record) -> dict[str, Any]:
    return {"trial": record.trial, "stage": record.stage, "number": record.number, "value": record.value,
            **record.attributes, "configuration": record.configuration}


def _table(records: Sequence[Record]) -> bytes:
    attributes = list(dict.fromkeys(name for one in records for name in one.attributes))
    parameters = list(dict.fromkeys(name for one in records for name in one.parameters))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", "stage", "number", "state", "value", *attributes, *parameters])
    for one in records:
        writer.writerow([one.trial, one.stage, one.number, one.state.name.lower(), one.value,
                         *(one.attributes.get(name) for name in attributes),
                         *(one.parameters.get(name) for name in parameters)])
    return text.getvalue().encode()


def _page(title: str, records: Sequence[Record], best: Sequence[Record], others: Sequence[Record],
          figures: Sequence[Figure], ended: Ended, facts: Mapping[str, Any], extra: Mapping[int, Mapping[str, Any]],
          drawn: Mapping[str, bytes | None]) -> str:
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(ended.reason[:1].upper() + ended.reason[1:])}.</p>",
             _rows(("", ""), [(name, _text(value)) for name, value in facts.items()])]
    if best:
        parts.append("<h2>Best</h2>")
        for one in best:
            told = {"found by": f"{one.stage} {one.number}, trial {one.trial}", "value": f"{one.value:.4f}",
                    **{figure.name: figure.text(one) for figure in figures},
                    **_flat(one.configuration), **extra.get(one.id, {})}
            parts.append(_rows(("", ""), [(name, _text(value)) for name, value in told.items()]))
    else:
        parts.append("<p>No trial has been completed.</p>")
    for name, text in (("pareto", "No other trial is better in all that counts"), ("history", "History"),
                       ("importance", "What mattered")):
        picture = drawn[name]
        if picture is not None:
            parts.append(f"<h2>{text}</h2>{picture[picture.index(b'<svg'):].decode()}")
        if name == "pareto" and others:
            parts.append(_trials(others, figures))
    parts.append("<h2>All trials</h2>" + _trials(records, figures))
    return (f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title><style>{_STYLE}</style>"
            f"<body>{''.join(parts)}</body></html>\n")


def _trials(records: Sequence[Record], figures: Sequence[Figure]) -> str:
    heads = ("trial", "stage", "state", "value", *(figure.name for figure in figures), "seconds", "parameters")
    rows = [(str(one.trial), f"{one.stage} {one.number}", one.attributes.get("failure") or one.state.name.lower(),
             "" if one.value is None else f"{one.value:.4f}", *(figure.text(one) for figure in figures),
             f"{one.seconds:.1f}", ", ".join(f"{name} {_text(value)}" for name, value in one.parameters.items()))
            for one in records]
    return _rows(heads, rows)


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads) if any(heads) else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<div class=scroll><table><tr>{head}</tr>{body}</table></div>"


def _flat(configuration: Any) -> dict[str, Any]:
    """The parts of a configuration of nested tables."""
    if not isinstance(configuration, dict):
        return {"configuration": configuration}
    return {name: value for key, one in configuration.items()
            for name, value in (_flat(one) if isinstance(one, dict) else {key: one}).items()}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value)) or "none"
    return str(value)
