"""Studies in SQLite files: what is refused, what a trial's life looks like in the database."""

import os
import subprocess
import sys

import optuna
import pytest
import sqlalchemy
from optuna.distributions import IntDistribution
from optuna.trial import TrialState

from sw.study import lease as leases
from sw.study.errors import StudyError
from sw.study.stage import Candidate
from sw.study.storage import open_study
from tests.study.formula import Climb

STAGE = Climb("first", fidelity=2)


def opened(tmp_path, identity=None, name="x"):
    return open_study(f"sqlite:///{tmp_path}/deep/study.db", name, identity or {"--wc": 0.1, "--lr": (-5, -1)})


def test_a_trial_from_begin_to_end(tmp_path):
    study = opened(tmp_path)
    with study.alone():
        record = study.begin(STAGE, 3, Candidate([1, {"a": 2}], {"n": 5}, {"n": IntDistribution(0, 9)}))
    assert (record.stage, record.number, record.fidelity, record.trial) == ("first", 3, 2, 0)
    assert (record.state, record.configuration, record.value) == (TrialState.RUNNING, [1, {"a": 2}], None)
    study.report(record, 1, 0.5)
    study.report(record, 2, 0.25)
    assert study.end(record, TrialState.COMPLETE, 0.25, {"accuracy": 0.9})
    study.close()
    found = opened(tmp_path).records()
    assert len(found) == 1
    assert found[0].complete
    assert found[0].value == 0.25
    assert found[0].curve == {1: 0.5, 2: 0.25}
    assert found[0].attributes == {"accuracy": 0.9}
    assert found[0].parameters == {"n": 5}


def test_optuna_sees_it(tmp_path):
    study = opened(tmp_path)
    record = study.begin(STAGE, 0, Candidate(1, {"n": 5}, {"n": IntDistribution(0, 9)}))
    study.end(record, TrialState.COMPLETE, 0.25)
    assert study.optuna().best_value == 0.25
    assert study.optuna().best_params == {"n": 5}


def test_what_nobody_works_on(tmp_path):
    study = opened(tmp_path)
    mine, other, left, done = (study.begin(STAGE, number, Candidate(number)) for number in range(4))
    study.release(left)
    study.end(done, TrialState.FAIL)
    assert study.abandoned(study.records(), {mine.id}) == {other.id, left.id}
    left = study.records()[2]
    assert left.state == TrialState.WAITING
    study.take(left)
    assert study.records()[2].state == TrialState.RUNNING
    assert study.end(left, TrialState.COMPLETE, 1.0)


def test_the_result_of_one_who_lost_the_trial_does_not_count(tmp_path, monkeypatch):
    study = opened(tmp_path)
    record = study.begin(STAGE, 0, Candidate(1))
    ours = leases.lease()
    with monkeypatch.context() as patch:
        patch.setattr("sw.study.storage.lease", lambda: {**ours, "pid": 1})
        study.take(record)
    assert not study.end(record, TrialState.COMPLETE, 1.0)
    assert study.records()[0].state == TrialState.RUNNING


def test_leases():
    held = leases.lease(1000.0)
    assert leases.alive(held, 1e9)  # on this machine time tells nothing
    assert not leases.alive({**held, "started": "1"})  # the number of the process is used again
    assert not leases.alive({**held, "pid": 2**22 + 1})
    away = {**held, "place": "elsewhere"}
    assert leases.alive(away, 1000.0 + leases.PATIENCE - 1)
    assert not leases.alive(away, 1000.0 + leases.PATIENCE + 1)
    assert not leases.alive(None)
    gone = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    theirs = {**held, "pid": gone.pid, "started": leases._started(gone.pid)}
    assert leases.alive(theirs)
    gone.kill()
    os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)  # a zombie works on nothing
    assert not leases.alive(theirs)
    gone.communicate()
    assert not leases.alive(theirs)


@pytest.mark.parametrize(("identity", "said"), [
    ({"--wc": 1, "--lr": (-5, -1)}, "--wc was 0.1, now it is 1;"),
    ({"--wc": 0.1, "--lr": (-5, -2)}, "--lr was -5 -1, now it is -5 -2;"),
    ({"--lr": (-5, -1)}, "--wc was 0.1, now it is not given;"),
    ({"--wc": 0.1, "--lr": (-5, -1), "dataset": "digits"}, "dataset was not given, now it is digits;"),
])
def test_another_identity_is_refused(tmp_path, identity, said):
    opened(tmp_path).close()
    with pytest.raises(StudyError) as caught:
        opened(tmp_path, identity)
    assert str(caught.value) == (f"{tmp_path}/deep/study.db: study 'x' was begun otherwise: {said} go on with what it "
                                 f"was begun with, or give another study name")
    opened(tmp_path, identity, "another").close()
    opened(tmp_path).close()


def test_one_writer(tmp_path):
    study = opened(tmp_path)
    with pytest.raises(StudyError, match=f"process {os.getpid()} is searching there") as caught:
        opened(tmp_path)
    assert "\n" not in str(caught.value)
    study.close()
    opened(tmp_path).close()


def test_a_study_of_another_program_is_refused(tmp_path):
    study = opened(tmp_path)
    study.optuna().ask()
    study._storage.set_study_user_attr(study._id, "identity", None)
    study.close()
    with pytest.raises(StudyError, match="'x' is a study of another program"):
        opened(tmp_path)


@pytest.mark.parametrize(("url", "said"), [
    ("mysql://host/x", "storage must be sqlite:///FILE or postgresql://"),
    ("sqlite:///", "storage must be sqlite:///FILE or postgresql://"),
    ("study.db", "storage must be sqlite:///FILE or postgresql://"),
    ("postgresql://me:secret@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x: cannot be reached: "),
    ("sqlite:////proc/none/study.db", "/proc/none: the folder cannot be made"),
])
def test_storage_that_cannot_be(url, said):
    with pytest.raises(StudyError if "proc" not in url else ValueError) as caught:
        open_study(url, "x", {})
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/study.db").write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(StudyError, match="the storage fails: file is not a database") as caught:
        opened(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_storage_that_fails_meanwhile_ends_the_search_in_one_line(tmp_path, monkeypatch):
    study = opened(tmp_path)

    def fail(*_, **__):
        try:
            raise sqlalchemy.exc.OperationalError("SELECT", {}, Exception("server closed the connection\nunexpectedly"))
        except sqlalchemy.exc.OperationalError as error:
            raise optuna.exceptions.StorageInternalError("An exception is raised during the commit.") from error

    monkeypatch.setattr(study._storage, "get_all_trials", fail)
    with pytest.raises(StudyError) as caught:
        study.records()
    assert str(caught.value) == (
        f"{tmp_path}/deep/study.db: the storage fails: server closed the connection unexpectedly")
