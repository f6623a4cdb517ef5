"""The plan is a function of the history: order of stages, what waits, what is taken up again."""

import random
from dataclasses import dataclass, replace

import pytest
from optuna.trial import TrialState

from sw.study.plan import Ask, Finished, Retake, Wait, left, next_step, visible
from sw.study.stage import Candidate, Record, best


@dataclass(frozen=True)
class Numbers:
    """Proposes what it may see: the numbers of finished and of running trials."""

    name: str
    trials: int = 4
    start: int = 2
    fidelity: int = 0
    share: float = 1.0
    stop: int = 99

    def propose(self, number, history):
        if number >= self.stop:
            return None
        own = history.of(self.name)
        return Candidate([self.name, number, [one.number for one in own if one.finished],
                          [one.number for one in own if not one.finished],
                          sorted((one.stage, one.number) for one in history.before(self.name))])


def record(stage, number, state=TrialState.COMPLETE, value=1.0, fidelity=0):
    return Record(id=hash((stage, number)), trial=0, stage=stage, number=number, state=state, fidelity=fidelity,
                  configuration=[stage, number, "done"], value=value)


RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING
A, B = Numbers("a"), Numbers("b")


def asked(step):
    assert isinstance(step, Ask), step
    return step.candidate.configuration


def test_first_trials_wait_for_nothing():
    assert asked(next_step([A], [], window=1)) == ["a", 0, [], [], []]
    assert asked(next_step([A], [record("a", 0, RUNNING)], window=1)) == ["a", 1, [], [0], []]


def test_first_trials_look_at_nothing_of_their_stage():
    """Whether trial 0 has ended already must not matter."""
    for state in (RUNNING, TrialState.COMPLETE):
        assert asked(next_step([A], [record("a", 0, state)], window=1)) == ["a", 1, [], [0], []]


@pytest.mark.parametrize("window", [1, 2, 3])
def test_trial_n_depends_on_those_up_to_n_minus_window(window):
    stage = Numbers("a", trials=9)
    done = [record("a", number) for number in range(6)]
    for running in range(7):  # that one is the slowest
        records = [record("a", number, RUNNING if number == running else TrialState.COMPLETE) for number in range(6)]
        step = next_step([stage], records, window=window)
        if running <= 6 - window:
            assert isinstance(step, Wait)
        else:
            assert asked(step) == asked(next_step([stage], done, window=window))
            assert asked(step)[2] == list(range(7 - window))


def test_what_may_not_be_seen_yet_looks_as_if_it_ran():
    own = replace(record("a", 0), curve={1: 2.0}, attributes={"seconds": 1.0})
    (shown,) = visible([], [own], Numbers("a", start=1), 1, window=2).records
    assert (shown.state, shown.value, shown.curve, shown.attributes) == (RUNNING, None, {}, {})
    assert visible([], [own], Numbers("a", start=1), 1, window=1).records == (own,)


def test_without_a_window_all_that_is_there_counts():
    stage = Numbers("a", trials=9)
    records = [record("a", number, RUNNING if number == 1 else TrialState.COMPLETE) for number in range(4)]
    assert asked(next_step([stage], records, window=None)) == ["a", 4, [0, 2, 3], [1], []]


def test_a_stage_begins_when_the_one_before_is_done():
    done = [record("a", number) for number in range(4)]
    assert isinstance(next_step([A, B], [*done[:3], record("a", 3, RUNNING)], window=1), Wait)
    assert asked(next_step([A, B], done, window=1)) == ["b", 0, [], [], [("a", number) for number in range(4)]]


def test_failed_and_pruned_trials_are_finished():
    done = [record("a", 0), record("a", 1, TrialState.FAIL, None), record("a", 2, TrialState.PRUNED), record("a", 3)]
    assert asked(next_step([A, B], done, window=1))[:2] == ["b", 0]


def test_a_stage_may_have_less_to_propose():
    few = Numbers("a", stop=1)
    assert isinstance(next_step([few, B], [record("a", 0, RUNNING)], window=1), Wait)
    assert asked(next_step([few, B], [record("a", 0)], window=1))[:2] == ["b", 0]


def test_a_closed_stage_asks_no_more_but_what_runs_is_waited_for():
    records = [record("a", 0), record("a", 1, RUNNING)]
    assert isinstance(next_step([A, B], records, window=1, closed={"a": 2}), Wait)
    assert asked(next_step([A, B], [record("a", 0), record("a", 1)], window=1, closed={"a": 2}))[:2] == ["b", 0]


def test_finished():
    assert isinstance(next_step([A], [record("a", number) for number in range(4)], window=1), Finished)
    assert isinstance(next_step([], [], window=1), Finished)


def test_abandoned_trials_come_first_and_see_what_they_saw():
    stage = Numbers("a", trials=9)
    records = [record("a", number, WAITING if number == 3 else TrialState.COMPLETE) for number in range(6)]
    step = next_step([stage], records, window=2, abandoned={records[3].id})
    assert isinstance(step, Retake)
    assert step.record == records[3]
    assert [(one.number, one.finished) for one in step.history.records] == [(0, True), (1, True), (2, False)]


def test_the_order_of_records_does_not_matter():
    records = [record("a", number) for number in range(4)] + [record("b", number) for number in range(3)]
    step = next_step([A, B], records, window=1)
    for seed in range(10):
        assert next_step([A, B], random.Random(seed).sample(records, len(records)), window=1) == step


def test_a_stage_that_repeats_itself_is_a_fault():
    @dataclass(frozen=True)
    class Again(Numbers):
        def propose(self, number, history):
            return Candidate({"x": 1, "y": 2})

    same = [Record(1, 0, "other", 0, TrialState.FAIL, {"y": 2, "x": 1})]
    with pytest.raises(ValueError, match=r"stage a proposed .* a second time"):
        next_step([Numbers("other", trials=1), Again("a")], same, window=1)


def test_left():
    assert left([A, B], []) == 8
    assert left([A, B], [record("a", 0), record("a", 1, RUNNING)]) == 2 + 1 + 4
    assert left([A, B], [record("a", 0), record("b", 0)]) == 3  # b has begun, so a is done
    assert left([A, B], [record("a", 0)], {"a": 1}) == 4


def test_best_is_the_earliest_of_the_lowest_of_the_most_exact():
    records = [record("a", 0, value=2.0), record("a", 1, value=1.0), record("a", 2, value=1.0),
               record("a", 3, TrialState.PRUNED, 0.0), record("a", 4, TrialState.FAIL, None)]
    assert best(records) == records[1]
    assert best([*records, record("b", 0, value=5.0, fidelity=1)]).stage == "b"
    assert best(records[3:]) is None
