"""The suite's own rules, tried on small suites of their own: skips, the long run, the times."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim.coverage_report import DESIGNS

ROOT = Path(__file__).parents[1]

SUITE = """\
import warnings

import numpy as np
import pytest

def test_plain(): pass

@pytest.mark.verilator
def test_tool(): pass

@pytest.mark.verilator
@pytest.mark.slow
def test_slow_tool(long_run): assert long_run

@pytest.mark.verilator
def test_tool_with_mnist(mnist_path): assert mnist_path.is_file()
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run pytest on files of a folder with this suite's configuration; return status and output."""
    for name in ("CLASHFREE_VERILATOR", "CLASHFREE_REQUIRE_VERILATOR", "CLASHFREE_MNIST"):
        monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.startswith("PYTEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # the real folder's modules, beside the small suite's own
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text(f"__path__.append({str(ROOT / 'tests')!r})\n")

    def runner(text: str, *options: str, **env: str) -> tuple[int, str]:
        folder = tmp_path / "tests" / "part"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / "conftest.py", folder.parent)
        (folder / "test_it.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-vv", *options], cwd=tmp_path, capture_output=True,
            text=True, env={**os.environ, **env}, check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return runner


def outcomes(output: str) -> dict[str, str]:
    """Test name -> PASSED, SKIPPED, FAILED or ERROR, from the verbose lines."""
    words = "PASSED|SKIPPED|FAILED|ERROR"
    found = re.findall(rf"::(\w+) ({words})\b", output)
    found += [(name, how) for how, name in re.findall(rf"({words}) \S+::(\w+)", output)]
    return dict(found)


NO_TOOL = {"CLASHFREE_VERILATOR": "/no/such/verilator"}
NO_TOOL_REASON = "CLASHFREE_VERILATOR must name an executable file, got '/no/such/verilator'"
REQUIRED = {"CLASHFREE_REQUIRE_VERILATOR": "1"}


def test_verilator_tests_skip_with_the_reason(run):
    status, output = run(SUITE, **NO_TOOL)
    assert status == 0, output
    assert outcomes(output) == {
        "test_plain": "PASSED", "test_tool": "SKIPPED", "test_slow_tool": "SKIPPED",
        "test_tool_with_mnist": "SKIPPED",
    }
    assert NO_TOOL_REASON in output


@pytest.mark.parametrize("workers", ["0", "2"])
def test_required_verilator_turns_the_skip_into_an_error(run, workers):
    status, output = run(SUITE, "-n", workers, **NO_TOOL, **REQUIRED)
    assert status == 1, output
    assert "CLASHFREE_REQUIRE_VERILATOR=1, but a Verilator test was skipped" in output
    assert NO_TOOL_REASON in output
    assert {name for name, how in outcomes(output).items() if how == "ERROR"} == {"test_tool"}


@pytest.mark.verilator
def test_required_verilator_allows_skips_for_other_reasons(run):
    status, output = run(SUITE, **REQUIRED)
    assert status == 0, output
    assert outcomes(output) == {
        "test_plain": "PASSED", "test_tool": "PASSED", "test_slow_tool": "SKIPPED",
        "test_tool_with_mnist": "SKIPPED",
    }


SKIPS = """\
import pytest

pytestmark = pytest.mark.verilator

def test_body(): pytest.skip("no reason")

def test_import(): pytest.importorskip("no_such_module")

@pytest.mark.skipif(True, reason="never")
def test_mark(): pass

class TestClass:
    @pytest.fixture
    def tool(self): pytest.skip("no tool")
    def test_fixture(self, tool): pass

@pytest.mark.xfail(reason="known")
def test_expected(): raise ValueError
"""


@pytest.mark.verilator
@pytest.mark.parametrize("workers", ["0", "1"])
def test_required_verilator_finds_every_way_to_skip(run, tmp_path, workers):
    whole = tmp_path / "tests" / "part" / "test_whole.py"
    whole.parent.mkdir(parents=True)
    whole.write_text(f"import pytest\npytest.importorskip('no_such_module')\n{SKIPS}")
    status, output = run(SKIPS, "-n", workers)
    assert status == 0, output
    status, output = run(SKIPS, "-n", workers, "--continue-on-collection-errors", **REQUIRED)
    assert status == 1, output
    assert outcomes(output) == {
        "test_body": "FAILED", "test_import": "FAILED", "test_mark": "ERROR",
        "test_fixture": "ERROR",
    }
    assert "ERROR tests/part/test_whole.py" in output
    assert "1 xfailed" in output
    assert output.count("but a Verilator test was skipped") >= 5


def test_long_run(run, tmp_path):
    text = (
        "import pytest\n@pytest.mark.slow\ndef test_slow(): pass\n"
        "def test_size(long_run): assert long_run is {expected}\n"
    )
    status, output = run(text.format(expected=False))
    assert (status, outcomes(output)) == (0, {"test_slow": "SKIPPED", "test_size": "PASSED"})
    assert "slow: part of the long run (--long)" in output
    status, output = run(text.format(expected=True), "--long")
    assert (status, outcomes(output)) == (0, {"test_slow": "PASSED", "test_size": "PASSED"})


def test_mnist_path(run, tmp_path):
    text = "def test_it(mnist_path): assert mnist_path.read_text() == 'images'\n"
    status, output = run(text)
    assert (status, outcomes(output)) == (0, {"test_it": "SKIPPED"})
    assert "CLASHFREE_MNIST names no npz with the MNIST images" in output
    file = tmp_path / "mnist.npz"
    status, output = run(text, CLASHFREE_MNIST=str(file))
    assert (status, outcomes(output)) == (1, {"test_it": "ERROR"})
    assert f"CLASHFREE_MNIST must name a file, got '{file}'" in output
    file.write_text("images")
    status, output = run(text, CLASHFREE_MNIST=str(file))
    assert (status, outcomes(output)) == (0, {"test_it": "PASSED"})


@pytest.mark.parametrize("workers", ["0", "2"])
def test_time_per_folder(run, tmp_path, workers):
    other = tmp_path / "tests" / "other"
    other.mkdir(parents=True)
    (other / "test_slow.py").write_text("import time\ndef test_wait(): time.sleep(0.6)\n")
    (tmp_path / "tests" / "test_top.py").write_text("def test_top(): pass\n")
    text = "import pytest\n@pytest.mark.parametrize('n', range(5))\ndef test_it(n): pass\n"
    status, output = run(text, "-n", workers)
    assert status == 0, output
    lines = re.findall(r"^ +(\d+\.\d) s +(\d+) tests  (.+)$", output, re.MULTILINE)
    times = {folder: (float(seconds), int(tests)) for seconds, tests, folder in lines}
    assert {folder: tests for folder, (_, tests) in times.items()} == {
        "tests/other": 1, "tests/part": 5, "tests": 1, "in all": 7,
    }
    assert lines[0][2] == "tests/other"
    assert 0.6 <= times["tests/other"][0] <= times["in all"][0]


@pytest.mark.parametrize("body", [
    "import warnings; warnings.warn('careless')",
    "import numpy as np; np.float64(1) / np.zeros(1)",
    "import numpy as np; np.exp(np.float64(-1e6))",
])
def test_carelessness_is_an_error(run, body):
    status, output = run(f"def test_it(): {body}\n")
    assert (status, outcomes(output)) == (1, {"test_it": "FAILED"})


def test_unknown_marker_is_an_error(run):
    status, output = run("import pytest\n@pytest.mark.verliator\ndef test_it(): pass\n")
    assert status != 0
    assert "'verliator' not found in `markers` configuration option" in output


def test_random_designs_spread_over_the_processes_and_other_files_stay_whole(run, tmp_path):
    """A test of the spread file ends only when two processes are at that file, however slowly they come."""
    text = """\
import os, time
from pathlib import Path
import pytest

@pytest.mark.parametrize("n", range(8))
def test_it(n):
    file = Path("{file}")
    with file.open("a") as sink:
        sink.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
    end = time.monotonic() + 100
    while len(set(file.read_text().split())) < {processes}:
        assert time.monotonic() < end
        time.sleep(0.01)
"""
    spread = tmp_path / "tests" / "sim"
    spread.mkdir(parents=True)
    (spread / "test_random_designs.py").write_text(text.format(file="spread", processes=2))
    status, output = run(text.format(file="whole", processes=1), "-n", "2", "--dist", "loadfile", "-x")
    assert status == 0, output
    processes = {name: (tmp_path / name).read_text().split() for name in ("spread", "whole")}
    assert {name: len(used) for name, used in processes.items()} == {"spread": 8, "whole": 8}
    assert len(set(processes["whole"])) == 1
    assert len(set(processes["spread"])) == 2


COVERED = """\
import pytest
from tests.sim.coverage import ROWS, Covered
from tests.sim.coverage_report import PROPERTY

@pytest.mark.parametrize("first", range(0, {designs}, 50))
def test_it(first, record_property):
    reached = [row for row in ROWS if row != "{hole}"]
    for seed in range(first, min(first + 50, {designs})):
        record_property(PROPERTY, Covered(seed, tuple(reached), {weights}, 70, 900).as_text())
"""


@pytest.mark.parametrize(
    ("workers", "designs", "weights", "hole", "complaint"),
    [
        (0, DESIGNS, 200, "", ""),
        (2, DESIGNS, 200, "", ""),
        (0, DESIGNS, 200, "D = 1", "no design with: D = 1"),
        (2, DESIGNS, 200, "D = 1", "no design with: D = 1"),  # the processes' reports come together
        (0, DESIGNS, 200, "type 3, dithered, z > d_in", "no design with: type 3, dithered, z > d_in"),
        (0, DESIGNS, 199, "", "the median of the weights must be at least 200, got 199"),
        (0, DESIGNS - 1, 200, "D = 1", ""),  # only a part was asked for
    ],
)
def test_a_hole_in_the_coverage_table_fails_the_run(run, workers, designs, weights, hole, complaint):
    status, output = run(COVERED.format(designs=designs, weights=weights, hole=hole), "-n", str(workers))
    assert status == (1 if complaint else 0), output
    assert f"{designs} designs without a mismatch, {designs * 70:,} slots, {designs * 900:,} values equal" in output
    assert complaint in output
    assert ("every row is covered" in output) == (not hole and weights >= 200)


def test_no_coverage_table_without_random_designs(run):
    status, output = run("def test_it(): pass\n")
    assert status == 0
    assert "random designs" not in output
