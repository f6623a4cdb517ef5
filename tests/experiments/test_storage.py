"""Processes on one PostgreSQL server share the networks of an experiment."""

import json
import os
import subprocess
import sys
import time

import psycopg
import pytest

from sw.experiments.__main__ import main
from sw.study.errors import StudyError
from sw.study.shared import shared
from tests.experiments.made_up import SMALL
from tests.experiments.refused import assert_refused
from tests.postgresql import postgresql

COMMAND = ["density", "--dataset", "digits", "--short"]


@pytest.fixture(scope="module")
def server():
    with postgresql() as url:
        yield url


def start(server, folder, *more):
    return subprocess.Popen(
        [sys.executable, "-m", "sw.experiments", *COMMAND, *more, "--storage", server, "--out", str(folder)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})


def rows_of(folder):
    rows = json.loads((folder / "density-digits" / "report.json").read_text())["rows"]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def results(server):
    with psycopg.connect(server) as connection:
        return connection.execute("SELECT identity, result FROM clashfree_results").fetchall()


def test_two_processes_train_each_network_once(server, tmp_path):
    both = [start(server, tmp_path / name) for name in "ab"]  # they make the table at once
    said = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert main([*COMMAND, "--out", str(tmp_path / "alone")]) == 0
    assert rows_of(tmp_path / "a") == rows_of(tmp_path / "b") == rows_of(tmp_path / "alone")
    kept = {path.stem for path in (tmp_path / "alone" / "results").iterdir()}
    assert {identity for identity, _ in results(server)} == kept
    # both have the clocks of the one that trained it
    times = [{path.stem: json.loads(path.read_text())["seconds"] for path in (tmp_path / name / "results").iterdir()}
             for name in "ab"]
    assert times[0] == times[1]


def test_what_a_killed_process_had_taken_is_run_by_another(server):
    """The first one takes the point and dies within; the second one waits for it, and then has it."""
    code = ("import sys, time; from sw.study.shared import shared; from tests.experiments.test_storage import "
            "SMALL; list(shared([SMALL], sys.argv[1], lambda point: print('taken', flush=True) or time.sleep(600)))")
    first = subprocess.Popen([sys.executable, "-c", code, server], stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "taken\n"
    second = shared([SMALL], server, lambda point: {"by": "second"})
    with psycopg.connect(server) as connection:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.execute(held).fetchone() == (1,)
        first.kill()
        first.communicate()
        begun = time.monotonic()
        assert list(second) == [(SMALL, {"by": "second"})]
        assert time.monotonic() - begun < 60
        assert connection.execute(held).fetchone() == (0,)
    assert list(shared([SMALL], server, lambda point: pytest.fail("run again"))) == [(SMALL, {"by": "second"})]


def test_what_another_process_has_taken_is_left_to_it(server):
    """While the first point is taken, the others are run."""
    others = [SMALL.__class__(SMALL.source, (64, 16, 10), (degree, 10)) for degree in (1, 2)]

    def another(point):
        """While this one is taken, another process asks for the first result that it can have."""
        return next(shared(others, server, lambda one: {"of": list(one.out_degrees)}))[1]

    assert list(shared([others[0]], server, another)) == [(others[0], {"of": [2, 10]})]


def test_a_server_that_is_not_there_is_one_line(server, tmp_path, capsys):
    for url, message in ((server.replace("/postgres", "/none"), "cannot be reached: "), ("sqlite:///a", "must be p")):
        assert_refused(main, [*COMMAND, "--storage", url, "--out", str(tmp_path)], message, capsys)
    assert_refused(main, [*COMMAND, "--storage", server, "--jobs", "2", "--out", str(tmp_path)], "--jobs must be 1",
                   capsys)
    with pytest.raises(StudyError):
        list(shared([SMALL], "sqlite:///a", lambda point: {}))
