"""A search that is killed at any moment and started again: no trial lost, none doubled, the same result."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sw.study.stage import key
from sw.study.storage import open_study

TRIALS = 5
WORKERS = 2


def command(folder):
    return [sys.executable, "-m", "tests.study.formula", "--folder", str(folder), "--pause", "0.02",
            "--workers", str(WORKERS), "--trials", str(TRIALS)]


def results(folder):
    study = open_study(f"sqlite:///{folder}/study.db", "formula", {"formula": 1})
    found = study.records()
    study.close()
    assert all(one.finished for one in found)
    assert len({key(one.configuration) for one in found}) == len(found)
    return sorted((one.stage, one.number, one.state, one.configuration, one.value, dict(one.curve)) for one in found)


def whole(folder):
    folder.mkdir()
    subprocess.run(command(folder), check=True, timeout=300, stdout=subprocess.DEVNULL)
    return results(folder)


def begun(folder):
    log = folder / "log.txt"
    return len(log.read_text().splitlines()) if log.exists() else 0


def killed(folder, stream, kills):
    """Kill the main process when a random number of trials have begun, a random time later."""
    folder.mkdir()
    for _ in range(kills):
        process = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL)
        goal = begun(folder) + stream.randrange(1, 5)
        until = time.monotonic() + 120
        while begun(folder) < goal and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(stream.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command(folder), check=True, timeout=300, stdout=subprocess.DEVNULL)
    return results(folder)


def test_killed_twice(tmp_path):
    wanted = whole(tmp_path / "whole")
    assert len(wanted) == 2 * TRIALS + 3
    assert killed(tmp_path / "killed", random.Random(1), 2) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_ten_random_moments(tmp_path, seed):
    wanted = whole(tmp_path / "whole")
    assert killed(tmp_path / "killed", random.Random(seed), 10) == wanted


@pytest.mark.skipif(not Path("/proc/thread-self/children").exists(), reason="the kernel does not list children")
def test_workers_end_with_a_killed_search(tmp_path):
    """They would go on training for nobody, and hold what the next search needs."""
    process = subprocess.Popen([*command(tmp_path), "--pause", "30"], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while begun(tmp_path) < WORKERS and time.monotonic() < until:
        time.sleep(0.02)
    children = descendants(process.pid)
    assert len(children) >= WORKERS
    process.send_signal(signal.SIGKILL)
    process.wait()
    while any(map(running, children)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(running, children))


def descendants(pid):
    found = [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
             for child in (task / "children").read_text().split()]
    return [*found, *(one for child in found for one in descendants(child))]


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
