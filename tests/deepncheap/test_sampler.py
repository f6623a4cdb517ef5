"""The sampler within Optuna's studies: stages, resumption, threads, failures."""

import threading

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from sw.deepncheap.errors import SearchError
from sw.deepncheap.optimiser import propose
from sw.deepncheap.sampler import DeepNCheapSampler, Exhausted
from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSpace

SPACE = TrainingSpace()


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def value(space, configuration):
    return float(((space.locate(configuration) - 1 / 3) ** 2).sum())


def sampler(space=SPACE, seed=5, stage="", **how):
    return DeepNCheapSampler(space, seed, stage, **{"start": 3, "candidates": 60, **how})


def run(study, space, trials, stage=""):
    def objective(trial):
        if stage:
            trial.set_user_attr("stage", stage)
        return value(space, space.suggest(trial))

    study.optimize(objective, n_trials=trials)
    return [trial.params for trial in study.trials if trial.user_attrs.get("stage", "") == stage]


@pytest.mark.parametrize("space", [HiddenLayers(), Channels(layers=(4, 7)), SPACE])
def test_proposals_are_those_of_the_pure_function(space):
    study = optuna.create_study(sampler=sampler(space, method="deep-n-cheap"))
    run(study, space, 8)
    observed = []
    for n, trial in enumerate(study.trials):
        expected = propose(space, observed, number=n, seed=(5, 0), start=3, candidates=60, method="deep-n-cheap")
        assert trial.params == space.parameters(expected)
        observed.append((expected, trial.value))


def test_resumed_after_any_trial_it_goes_on_the_same(tmp_path):
    whole = run(optuna.create_study(sampler=sampler()), SPACE, 8)
    assert len({tuple(params.values()) for params in whole}) == 8
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/a.db")
    optuna.create_study(storage=storage, study_name="a")
    for n in range(8):
        np.random.default_rng(n).random(100)
        found = run(optuna.load_study(storage=storage, study_name="a", sampler=sampler()), SPACE, 1)
    assert found == whole


def test_stages_have_streams_of_their_own():
    """What another stage did before does not matter, and each stage begins with its own initial points."""
    alone = optuna.create_study(sampler=sampler(stage="training"))
    expected = run(alone, SPACE, 6, "training")
    study = optuna.create_study(sampler=sampler(HiddenLayers(), stage="layers"))
    run(study, HiddenLayers(), 5, "layers")
    study.sampler = sampler(stage="training")
    assert run(study, SPACE, 6, "training") == expected
    assert len(study.trials) == 11


def test_proposal_is_what_the_next_trial_gets():
    study = optuna.create_study(sampler=sampler())
    for _ in range(6):
        expected = study.sampler.proposal(study)
        trial = study.ask()
        assert SPACE.suggest(trial) == expected
        study.tell(trial, value(SPACE, expected))


def test_running_trials_are_pending():
    """Four asked for before any is told: all different, and the same as from the pure function."""
    study = optuna.create_study(sampler=sampler())
    run(study, SPACE, 4)
    observed = [(SPACE.suggest(optuna.trial.FixedTrial(t.params)), t.value) for t in study.trials]
    pending = []
    for n in range(4, 8):
        expected = propose(SPACE, observed, pending, number=n, seed=(5, 0), start=3, candidates=60)
        assert SPACE.suggest(study.ask()) == expected
        pending.append(expected)
    assert len(set(pending)) == 4


def test_number_is_the_place_in_the_stage_whoever_suggests_first():
    """Two trials are created, and the later one asks for its parameters first."""
    study = optuna.create_study(sampler=sampler())
    run(study, SPACE, 4)
    observed = [(SPACE.suggest(optuna.trial.FixedTrial(t.params)), t.value) for t in study.trials]
    early, late = study.ask(), study.ask()
    fifth = propose(SPACE, observed, number=5, seed=(5, 0), start=3, candidates=60)
    assert SPACE.suggest(late) == fifth
    assert SPACE.suggest(early) == propose(SPACE, observed, [fifth], number=4, seed=(5, 0), start=3, candidates=60)


def test_asked_for_again_a_running_trial_answers_the_same():
    """As after its process died: nothing asked for yet but the first parameter."""
    study = optuna.create_study(sampler=sampler())
    run(study, SPACE, 4)
    trial = study.ask()
    rate = trial.suggest_float("learning_rate", 10.0**-5, 10.0**-1, log=True)
    run(study, SPACE, 2)
    study.sampler = sampler()
    again = SPACE.suggest(optuna.trial.Trial(study, trial._trial_id))
    assert again.learning_rate == rate
    assert again not in [SPACE.suggest(optuna.trial.FixedTrial(t.params)) for t in study.trials[:4] + study.trials[5:]]


def test_failed_and_pruned_trials():
    study = optuna.create_study(sampler=sampler())
    values = iter([0.4, None, 0.3, "pruned", 0.2])
    seen = []

    def objective(trial):
        configuration = SPACE.suggest(trial)
        found = next(values)
        seen.append((configuration, {None: float("inf"), "pruned": 0.9}.get(found, found)))
        if found is None:
            raise MemoryError
        if found == "pruned":
            trial.report(0.9, 0)
            raise optuna.TrialPruned
        return found

    study.optimize(objective, n_trials=5, catch=MemoryError)
    assert [t.state for t in study.trials[1:4:2]] == [TrialState.FAIL, TrialState.PRUNED]
    assert study.sampler.proposal(study) == propose(SPACE, seen, number=5, seed=(5, 0), start=3, candidates=60)


def test_a_study_that_maximises():
    one, other = optuna.create_study(sampler=sampler()), optuna.create_study(direction="maximize", sampler=sampler())
    for n in range(7):
        for study, sign in ((one, 1), (other, -1)):
            trial = study.ask()
            study.tell(trial, sign * value(SPACE, SPACE.suggest(trial)))
        assert one.trials[n].params == other.trials[n].params


def test_threads_never_get_the_same():
    space = HiddenLayers((1, 1), (1, 20))
    study = optuna.create_study(sampler=sampler(space))
    barrier, found = threading.Barrier(4), []

    def work():
        for _ in range(5):
            barrier.wait()
            trial = study.ask()
            configuration = space.suggest(trial)
            found.append(configuration)
            study.tell(trial, value(space, configuration))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(n,) for n in range(1, 21)]
    assert study.sampler.proposal(study) is None
    with pytest.raises(Exhausted, match="every configuration of the space was tried"):
        space.suggest(study.ask())


def test_a_parameter_of_no_space():
    study = optuna.create_study(sampler=sampler())
    with pytest.raises(SearchError, match=r"must be one of the space's, learning_rate, .*, got x$"):
        study.ask().suggest_int("x", 0, 1)
