"""Wide and long data: what is measured, the limits and the exit status; the full sizes in the long run."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sw.app import large_data
from sw.app.large_data import main, make, measured


def _takes(path: Path, count: int) -> None:
    np.ones(count).sum()


def test_small_ones_are_within_their_limits(tmp_path, capsys):
    out = tmp_path / "large.json"
    assert main(["--part", "0.02", "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert (report["wide"]["samples"], report["wide"]["features"]) == (600, 400)
    assert (report["long"]["samples"], report["long"]["features"]) == (40_000, 50)
    assert list(report["wide"]["steps"]) == ["info", "metrics", "reduce"]
    assert report["wide"]["seconds"] == pytest.approx(sum(s["seconds"] for s in report["wide"]["steps"].values()))
    assert report["long"]["most_bytes"] == 2 * report["long"]["file_bytes"] + 150e6
    assert capsys.readouterr().out.endswith("within all limits\n")


def test_memory_is_that_of_the_step():
    small, large = (measured(partial(_takes, count=count), Path())["peak_bytes"] for count in (1, 50_000_000))
    assert 0.98 <= (large - small) / 400e6 < 1.05


@pytest.mark.parametrize(("limit", "value"), [("_SECONDS", {"wide": 20, "long": 0.5}), ("_TIMES_FILE", 0.1)])
def test_beyond_a_limit(tmp_path, monkeypatch, capsys, limit, value):
    monkeypatch.setattr(large_data, limit, value)
    monkeypatch.setattr(large_data, "STEPS", {"long": large_data.STEPS["long"]})
    monkeypatch.setattr(large_data, "_BEGIN_SECONDS", 0 if limit == "_SECONDS" else 60)
    monkeypatch.setattr(large_data, "_BEGIN_BYTES", 0)
    assert main(["--part", "0.01", "--out", str(tmp_path / "large.json")]) == 1
    assert not json.loads((tmp_path / "large.json").read_text())["long"]["within"]
    assert capsys.readouterr().out.endswith("beyond the limits: long\n")


@pytest.mark.slow
def test_the_full_sizes(tmp_path):
    assert main(["--out", str(tmp_path / "large.json")]) == 0


@pytest.mark.parametrize("part", ["0", "2", "nan"])
def test_wrong_part(part, capsys):
    assert main(["--part", part]) == 2
    assert capsys.readouterr().err == f"error: --part must be 0.005..1, got {float(part):g}\n"


_STARVED = """
import resource, sys
from pathlib import Path
from {module}.__main__ import main
import scipy.linalg
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {spare}, -1))
sys.exit(main({words!r}))
"""


@pytest.mark.parametrize(("module", "spare", "words", "message"), [
    ("sw.data", 20 << 20, ["info", "{0}"], "{0}: cannot be read: Unable to allocate 30.5 MiB"),
    ("sw.data", 48 << 20, ["reduce", "{0}", "--pca", "3", "--out", "{0}-out.npz"], "not enough memory: Unable to "),
    ("sw.morse", 48 << 20, ["metrics", "{0}"], "not enough memory: Unable to "),
])
def test_no_memory_is_one_line(tmp_path, module, spare, words, message):
    """Both where the file does not fit and where what is made of it does not."""
    path = tmp_path / "d.npz"
    make(path, 400, 20_000)  # 32 MB
    code = _STARVED.format(module=module, spare=spare, words=[word.format(path) for word in words])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {message.format(path)}")
    assert (done.returncode, done.stdout) == (2, "")
    assert [one.name for one in tmp_path.iterdir()] == ["d.npz"]
