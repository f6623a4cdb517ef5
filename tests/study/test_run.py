"""The loop: a formula searched by processes; what fails, dies, is pruned, runs out of time."""

import re
from functools import partial
from types import SimpleNamespace

import pytest
from optuna.trial import TrialState

from sw.common.errors import UserError
from sw.study import budget as budgets
from sw.study.errors import StudyError
from sw.study.run import Ended, Search, run
from sw.study.storage import open_study
from tests.study import objectives
from tests.study.formula import FIGURES, Climb, search

DONE = Ended("all stages are done", True)


@pytest.fixture
def study(tmp_path):
    opened = open_study(f"sqlite:///{tmp_path}/study.db", "x", {})
    yield opened
    opened.close()


def results(study):
    return [(one.stage, one.number, one.state, one.configuration, one.value, dict(one.curve))
            for one in study.records()]


def formula_results(tmp_path, workers, pause=0.0):
    tmp_path.mkdir()
    study = open_study(f"sqlite:///{tmp_path}/study.db", "x", {})
    said: list[str] = []
    ended = run(search(tmp_path / "log", pause, trials=5), study, tmp_path / "trials", workers=workers, say=said.append)
    assert ended == DONE
    assert len(said) == len(study.records()) == 13
    study.close()
    return sorted(results(study), key=lambda one: one[:2])


def test_two_workers_come_to_the_same_result_each_time(tmp_path):
    first = formula_results(tmp_path / "1", 2, pause=0.01)
    assert first == formula_results(tmp_path / "2", 2)
    assert {state for _, _, state, *_ in first} == {TrialState.COMPLETE, TrialState.PRUNED}
    assert formula_results(tmp_path / "3", 1) != first  # two workers know less at a time


def test_a_complete_search_stays_as_it_is(study, tmp_path):
    one = search(tmp_path / "log")
    assert run(one, study, tmp_path / "trials", say=str) == DONE
    before = results(study)
    assert run(one, study, tmp_path / "trials", say=pytest.fail) == DONE
    assert results(study) == before
    best = min((record for record in study.records() if record.complete), key=lambda record: record.value)
    kept = tmp_path / "trials" / f"{best.trial:04d}-{best.stage}" / "x.txt"
    assert float(kept.read_text()) == best.configuration[1]


def test_the_search_goes_on_whatever_happens_to_a_trial(study, tmp_path):
    said: list[str] = []
    ended = run(Search([Climb("a", 8)], partial(partial, objectives.trouble)), study, tmp_path, say=said.append)
    assert ended == DONE
    records = study.records()
    assert [one.attributes.get("failure") for one in records] == [
        None, "MemoryError: CUDA out of memory", "its process ended with status 3",
        "its process was ended by signal 9, perhaps for want of memory", "its value is nan",
        "the loss is not finite after epoch 1", None, None]
    assert [one.state for one in records] == [TrialState.COMPLETE] + [TrialState.FAIL] * 5 + [TrialState.COMPLETE] * 2
    assert "failed: MemoryError: CUDA out of memory" in said[1]
    assert all("\n" not in line for line in said)


def test_a_search_that_only_fails_ends(study, tmp_path):
    with pytest.raises(StudyError, match="the first 5 trials have all failed, the last one so: ValueError: of no use"):
        run(Search([Climb("a", 20)], partial(partial, objectives.always)), study, tmp_path, say=str)
    assert len(study.records()) == 5


def test_what_cannot_be_prepared_ends_the_search_and_costs_no_trial(study, tmp_path):
    with pytest.raises(UserError, match="x must be 1, got 2"):
        run(Search([Climb("a", 20)], objectives.refuse), study, tmp_path, say=str)
    assert [one.state for one in study.records()] == [TrialState.WAITING]


class Clock:
    """Moves by ``step`` when it is looked at."""

    now = step = 0.0

    def __call__(self):
        self.now += self.step
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only where a test says so, of budgets."""
    now = Clock()
    monkeypatch.setattr(budgets, "time", SimpleNamespace(monotonic=now))
    return now


def tick(clock, line=""):
    clock.now += 1.0


def test_a_trial_that_the_time_budget_ends_is_taken_up_again(study, tmp_path, clock, monkeypatch):
    """Soon after the first trial the time is over, and the grace as well."""
    monkeypatch.setattr(budgets.Budget, "_grace", lambda self: 0.1)

    def pass_time(line):
        clock.now = 9.9
        clock.step = 0.01

    one = Search([Climb("a", 3)], partial(partial, objectives.slow))
    ended = run(one, study, tmp_path, seconds=10.0, say=pass_time)
    assert ended == Ended("the time budget is used up; the same command goes on", False)
    assert [one.state for one in study.records()] == [TrialState.COMPLETE, TrialState.WAITING]
    before = study.records()[1]
    assert run(Search([Climb("a", 3)], partial(partial, objectives.always)), study, tmp_path, say=str) == DONE
    after = study.records()
    assert (after[1].id, after[1].configuration) == (before.id, before.configuration)
    assert [one.state for one in after] == [TrialState.COMPLETE, TrialState.FAIL, TrialState.FAIL]


def test_a_budget_is_shared_by_the_stages(study, tmp_path, clock):
    """Without, the first stage would take it all; what was closed stays so. Each trial takes a second here."""
    stages = [Climb("a", 100), Climb("b", 3), Climb("c", 100, share=2.0)]
    one = Search(stages, partial(partial, objectives.plain))
    assert run(one, study, tmp_path, seconds=16.0, say=partial(tick, clock)) == Ended(
        "the time budget is used up; the same command goes on", False)
    assert counts(study) == [4, 3, 9]
    assert study.note("closed") == {"a": 4}
    run(one, study, tmp_path, seconds=5.0, say=partial(tick, clock))
    assert counts(study) == [4, 3, 14]


def counts(study):
    return [sum(record.stage == name for record in study.records()) for name in "abc"]


def test_stages_that_are_done_get_no_share():
    stages = [Climb("a", 9), Climb("b", 9), Climb("c", 9, share=2.0)]
    ends = budgets.Budget(stages, 12.0)._planned({"a": 9, "b": 1, "c": 0})
    assert (ends["b"], ends["c"]) == (4.0, 12.0)


def test_a_stopped_search_ends_its_processes(study, tmp_path):
    def stop(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(search(tmp_path / "log"), study, tmp_path, workers=2, say=stop)
    states = [one.state for one in study.records()]
    assert TrialState.RUNNING not in states
    assert TrialState.COMPLETE in states


def test_lines_of_progress(study, tmp_path):
    said: list[str] = []
    run(Search([Climb("a", 2)], search(tmp_path / "log").prepare, FIGURES), study, tmp_path, say=said.append)
    assert said[0].startswith("1/2 a 0: ")
    assert re.search(r": \d\.\d{3}, error \d\.\d{3}, size \d+, \d\.\d s \| best \d\.\d{3} \(a 0\) \| ", said[0])
    assert said[0].endswith(" left")
    assert said[1].endswith("| done")
