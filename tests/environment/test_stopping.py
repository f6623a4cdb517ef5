"""`python -m sim` is stopped while compilers and the simulator run: nothing runs on, nothing is half there."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.environment.checkout import ROOT

pytestmark = [pytest.mark.verilator, pytest.mark.slow]


def working_in(folder: Path) -> list[str]:
    """Names of the processes whose current folder is in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").resolve().is_relative_to(folder):
                found.append(process.joinpath("comm").read_text().strip())
        except OSError:
            continue  # it has ended meanwhile
    return found


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("tool", ["cc1plus", "Vtop"])
def test_stopped(tmp_path, number, status, tool):
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("sw", "hw", "sim"):
        (folder / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "sim", "--design", str(ROOT / "designs" / "tiny.toml")]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 300
        while tool not in working_in(folder):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (status, "stopped\n")
    assert working_in(folder) == []
    assert list(folder.glob("build/**/*.work-*")) == []
    assert list(folder.glob("build/**/.*")) == []
    assert not (folder / "build" / "sim" / "tiny" / "report.json").exists()
