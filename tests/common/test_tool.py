"""Programs and processes that a command starts end with it, with all that they have started."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from sw.common.errors import UserError
from sw.common.process import Stopped, stoppable
from sw.common.tool import run_tool, tool
from sw.common.workers import in_processes

# a program with a child, which tell their numbers
FAMILY = "sleep 60 & echo $! > {0}/child; echo $$ > {0}/parent; wait"


def wait_for(path: Path) -> int:
    until = time.monotonic() + 30
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.01)
    return int(path.read_text())


def gone(process: int) -> bool:
    """Whether a process has ended, or is only waiting for its parent to take note."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def stopped(error: type[BaseException], script: str, files: list[Path]) -> list[int]:
    """Leave a tool with an error once these files are there; the numbers in them."""
    numbers = []
    try:
        with tool(["sh", "-c", script]):
            numbers = [wait_for(file) for file in files]
            raise error
    except error:
        return numbers
    raise AssertionError("the error must pass")


def test_a_tool_that_ends_by_itself(monkeypatch):
    monkeypatch.setenv("CXXFLAGS", "-bad")
    done = run_tool(["sh", "-c", "echo $CXXFLAGS$LC_ALL; cat; exit 3"], stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (3, "C\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("deaf", ["", "trap '' TERM;"])
def test_leaving_early_ends_children_too(tmp_path, error, deaf, monkeypatch):
    monkeypatch.setattr("sw.common.tool._PATIENCE", 0.3)
    numbers = stopped(error, deaf + FAMILY.format(tmp_path), [tmp_path / "child", tmp_path / "parent"])
    assert all(gone(number) for number in numbers)


def test_a_tool_may_tidy_up(tmp_path):
    script = f"trap 'rm {tmp_path}/half; exit' TERM; touch {tmp_path}/half; echo $$ > {tmp_path}/pid; sleep 60 & wait"
    stopped(KeyboardInterrupt, script, [tmp_path / "pid"])
    assert not (tmp_path / "half").exists()


def test_a_signal_while_a_tool_starts(monkeypatch):
    """It waits until the program can be ended."""
    started = []

    class Slow(subprocess.Popen):
        def __init__(self, *args, **how):
            super().__init__(*args, **how)
            started.append(self)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05)

    monkeypatch.setattr(subprocess, "Popen", Slow)
    with pytest.raises(Stopped) as caught, stoppable():
        run_tool(["sleep", "60"])
    assert caught.value.status == 143
    assert started[0].returncode == -signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_tool_that_is_not_there():
    with pytest.raises(FileNotFoundError, match=r"nothing-of-this-name"):
        run_tool(["nothing-of-this-name"])


def square(n: int) -> int:
    if n < 0:
        raise UserError(f"n must be at least 0, got {n}")
    return n * n


def builds(folder: str) -> None:
    """Work that has started a program when it is stopped, and tidies up."""
    try:
        run_tool(["sh", "-c", FAMILY.format(folder)])
    except Stopped:
        Path(folder, "tidy").touch()
        raise


def test_work_in_processes():
    assert dict(in_processes(square, [3, 1, 2], 2)) == {3: 9, 1: 1, 2: 4}
    assert list(in_processes(square, [], 2)) == []
    with pytest.raises(UserError, match=r"^n must be at least 0, got -1$"):
        dict(in_processes(square, [3, -1, 2], 2))


def test_work_that_is_left_early_ends_with_its_programs(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with closing(in_processes(mixed, [str(other), ""], 2)) as done:
        assert next(done)[0] == ""
        numbers = [wait_for(other / name) for name in ("child", "parent")]
    assert all(gone(number) for number in numbers)
    assert (other / "tidy").exists()


def mixed(folder: str) -> None:
    if folder:
        builds(folder)


PROGRAM = """\
import sys, time
from contextlib import closing
from sw.common.command import command
from sw.common.workers import in_processes
from tests.common.test_tool import builds

@command
def main(arguments):
    with closing(in_processes(builds, sys.argv[1:], 2)) as done:
        list(done)

if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.mark.parametrize(("number", "status", "whole_group"), [
    (signal.SIGINT, 130, True), (signal.SIGINT, 130, False), (signal.SIGTERM, 143, False),
])
def test_a_signal_ends_processes_and_their_programs(tmp_path, number, status, whole_group):
    folders = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    for folder in folders:
        folder.mkdir()
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, str(program), *map(str, folders)], env=env,
                          stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        numbers = [wait_for(folder / name) for folder in folders[:2] for name in ("child", "parent")]
        (os.killpg if whole_group else os.kill)(process.pid, number)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (status, "stopped\n")
    assert all(gone(number) for number in numbers)
    assert [(folder / "tidy").exists() for folder in folders] == [True, True, False]
