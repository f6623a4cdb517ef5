"""Tables, pictures and the page of a study, from records by hand."""

import csv
import json
import re

import pytest
from optuna.trial import TrialState

from sw.study import pictures
from sw.study.report import write
from sw.study.run import Ended
from sw.study.stage import Figure, Record

FIGURES = (Figure("accuracy", "accuracy {:.1%}", "higher"), Figure("size", "{} weights", "lower"))
ENDED = Ended("the time budget is used up; <the same> command goes on", False)


def trial(number, value, state=TrialState.COMPLETE, **attributes):
    return Record(100 + number, number, "first" if number < 8 else "last", number % 8, state,
                  {"network": {"widths": [number, 2]}, "rate": 0.25}, value=value,
                  attributes={"seconds": 1.5, **attributes}, parameters={"x": number % 5, "y": (7 * number) % 4})


@pytest.fixture
def records():
    return [*(trial(n, (n % 5) / 4 - 1.0, accuracy=0.9 - 0.01 * (n % 5), size=100 + n) for n in range(8)),
            trial(8, None, TrialState.FAIL, failure="out of <memory>"), trial(9, 0.5, TrialState.PRUNED, accuracy=0.1),
            trial(10, -1.5, accuracy=0.8, size=7)]


def test_results(records, tmp_path):
    best = write(tmp_path, "A search", records, FIGURES, ENDED, most=2, facts={"data": "digits"},
                 extra={110: {"model": "model.pt"}})
    assert [one.trial for one in best] == [10, 0]
    found = json.loads((tmp_path / "results.json").read_text())
    assert (found["title"], found["ended"], found["complete"]) == ("A search", ENDED.reason, False)
    assert found["data"] == "digits"
    assert found["trials"] == {"complete": 9, "fail": 1, "pruned": 1, "running": 0, "waiting": 0}
    assert found["trial_seconds"] == 16.5
    assert [(one["trial"], one["value"], one.get("model")) for one in found["best"]] == [
        (10, -1.5, "model.pt"), (0, -1.0, None)]
    assert found["best"][0]["configuration"] == {"network": {"widths": [10, 2]}, "rate": 0.25}
    assert [one["trial"] for one in found["pareto"]] == [0, 10]


def test_tables(records, tmp_path):
    write(tmp_path, "A search", records, FIGURES, ENDED)
    with (tmp_path / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 11
    assert rows[8]["failure"] == "out of <memory>"
    assert (rows[8]["state"], rows[8]["value"]) == ("fail", "")
    assert (rows[10]["stage"], rows[10]["number"], rows[10]["accuracy"], rows[10]["x"]) == ("last", "2", "0.8", "0")
    assert [row.split(",")[0] for row in (tmp_path / "pareto.csv").read_text().splitlines()] == ["trial", "0", "10"]


def test_page(records, tmp_path):
    write(tmp_path, "A <search>", records, FIGURES, ENDED, facts={"data": "digits"})
    page = (tmp_path / "index.html").read_text()
    assert "<h1>A &lt;search&gt;</h1><p>The time budget is used up; &lt;the same&gt; command goes on.</p>" in page
    assert "<td>out of &lt;memory&gt;</td>" in page
    assert "<td>accuracy 80.0%</td>" in page
    assert page.count("<svg") == 3
    # it needs nothing from elsewhere: addresses are names in the pictures' metadata
    assert not re.search(r'(?<!xmlns)(?<!xlink)(src|href)="http', page)


def test_the_same_bytes_each_time(records, tmp_path):
    for name in "ab":
        write(tmp_path / name, "A search", records, FIGURES, ENDED)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_search_without_any_result(tmp_path):
    assert write(tmp_path, "A search", [], FIGURES, ENDED) == []
    assert "No trial has been completed." in (tmp_path / "index.html").read_text()
    assert not (tmp_path / "pareto.svg").exists()
    assert not (tmp_path / "importance.svg").exists()


def test_importance_finds_what_matters(records):
    """The values depend on x alone."""
    found = pictures.importances(records)
    assert list(found) == ["first"]
    assert found["first"]["x"] > 3 * found["first"]["y"]
