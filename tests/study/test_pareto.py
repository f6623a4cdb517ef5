"""Non-dominated trials, and whose files are kept."""

import itertools
import random

from optuna.trial import TrialState

from sw.study.keep import Keeper, folder_of
from sw.study.pareto import front
from sw.study.stage import Figure, Record
from sw.study.workers import Outcome

FIGURES = (Figure("accuracy", "{}", "higher"), Figure("name", "{}"), Figure("size", "{}", "lower"))


def trial(number, accuracy, size, state=TrialState.COMPLETE, fidelity=0, value=None):
    return Record(number, number, "a", number, state, number, fidelity, -accuracy if value is None else value,
                  attributes={"accuracy": accuracy, "size": size})


def test_front_by_hand():
    records = [trial(0, 0.9, 100), trial(1, 0.8, 50), trial(2, 0.8, 60), trial(3, 0.95, 300), trial(4, 0.9, 100),
               trial(5, 0.7, 40), trial(6, 0.99, 1, TrialState.PRUNED)]
    assert [one.number for one in front(records, FIGURES)] == [3, 0, 1, 5]
    assert front(records, ()) == []


def test_front_is_that_of_the_definition():
    stream = random.Random(1)
    for _ in range(50):
        records = [trial(n, stream.randrange(6), stream.randrange(6)) for n in range(20)]

        def beats(one, other):
            a, b = ((r.attributes["accuracy"], -r.attributes["size"]) for r in (one, other))
            return all(x >= y for x, y in zip(a, b, strict=True)) and a != b

        wanted = {(r.attributes["accuracy"], r.attributes["size"]) for r in records
                  if not any(beats(other, r) for other in records)}
        found = front(records, FIGURES)
        assert {(r.attributes["accuracy"], r.attributes["size"]) for r in found} == wanted
        assert len(found) == len(wanted)


def test_only_the_highest_fidelity_counts():
    records = [trial(0, 0.99, 1), trial(1, 0.9, 10, fidelity=1)]
    assert [one.number for one in front(records, FIGURES)] == [1]


def test_a_trial_without_a_figure_is_not_on_the_front():
    odd = Record(9, 9, "a", 9, TrialState.COMPLETE, 9, value=0.0, attributes={"accuracy": 1.0})
    assert [one.number for one in front([odd, trial(0, 0.5, 1)], FIGURES)] == [0]


def test_files_of_the_best_and_of_the_front_are_kept(tmp_path):
    records = [trial(0, 0.9, 100), trial(1, 0.8, 50), trial(2, 0.8, 60), trial(3, 0.7, 70)]
    keeper = Keeper(tmp_path, 2, FIGURES)
    for record in records:
        keeper.write(record, Outcome(0.0, files={"a": b"%d" % record.number, "b": b""}))
    keeper.tidy(records)
    assert [folder_of(tmp_path, record).exists() for record in records] == [True, True, False, False]
    keeper = Keeper(tmp_path, 3, FIGURES)
    for record, one in itertools.product(records[2:3], range(2)):  # twice: a trial that was taken up again
        keeper.write(record, Outcome(0.0, files={"a": b"%d" % one}))
    keeper.tidy(records)
    assert (folder_of(tmp_path, records[2]) / "a").read_bytes() == b"1"
    assert not any(path.name.startswith(".") for path in tmp_path.rglob("*"))
