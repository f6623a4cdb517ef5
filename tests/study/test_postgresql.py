"""Two processes on one PostgreSQL server, started here: they share the trials, and none is done twice."""

import subprocess
import sys

import pytest
from optuna.trial import TrialState

from sw.study.errors import StudyError
from sw.study.lease import lease
from sw.study.stage import Candidate, key
from sw.study.storage import open_study
from tests.postgresql import postgresql
from tests.study.formula import Climb

TRIALS = 6


@pytest.fixture(scope="module")
def server():
    with postgresql() as url:
        yield url


def start(server, study, folder, *more):
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.study.formula", "--storage", server, "--study", study, "--folder", str(folder),
         "--trials", str(TRIALS), *more], stdout=subprocess.PIPE, text=True)


def records_of(server, name):
    study = open_study(server, name, {"formula": 1})
    found = study.records()
    study.close()
    return found


def test_two_processes_share_a_study(server, tmp_path):
    both = [start(server, "two", tmp_path / name, "--pause", "0.05") for name in "ab"]  # they make the tables at once
    said = [process.communicate(timeout=240)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert all(text.endswith("all stages are done\n") for text in said)
    records = records_of(server, "two")
    assert all(one.finished for one in records)
    assert len({key(one.configuration) for one in records}) == len(records) == 2 * TRIALS + 3
    assert len({(one.stage, one.number) for one in records}) == len(records)
    done = [(tmp_path / name / "log.txt").read_text().splitlines() for name in "ab"]
    assert min(map(len, done)) >= 1
    assert sorted(done[0] + done[1]) == sorted(f"{one.stage} {one.number} {one.configuration[1]!r}" for one in records)


def test_what_a_killed_process_left_is_done_by_another(server, tmp_path):
    first = start(server, "killed", tmp_path / "a", "--pause", "30")
    while not (tmp_path / "a/log.txt").exists():
        assert first.poll() is None
    first.kill()
    first.communicate()
    assert [one.state for one in records_of(server, "killed")] == [TrialState.RUNNING]
    second = start(server, "killed", tmp_path / "b")
    assert second.communicate(timeout=240)[0].endswith("all stages are done\n")
    records = records_of(server, "killed")
    assert all(one.finished for one in records)
    assert (tmp_path / "a/log.txt").read_text() == (tmp_path / "b/log.txt").read_text().splitlines(keepends=True)[0]


def test_a_trial_of_a_living_process_is_left_alone(server):
    study = open_study(server, "alive", {})
    record = study.begin(Climb("a"), 0, Candidate(1))
    assert record.lease == {**lease(), "renewed": record.lease["renewed"]}
    assert study.abandoned(study.records(), ()) == set()
    study.close()


def test_another_identity_is_refused(server):
    open_study(server, "same", {"--wc": 1}).close()
    with pytest.raises(StudyError, match="study 'same' was begun otherwise: --wc was 1, now it is 2; "):
        open_study(server, "same", {"--wc": 2})


def test_no_such_database(server):
    with pytest.raises(StudyError, match=r'cannot be reached: .*database "none" does not exist') as caught:
        open_study(server.replace("/postgres", "/none"), "x", {})
    assert "\n" not in str(caught.value)
