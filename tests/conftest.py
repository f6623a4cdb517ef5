"""What every test gets: strict numpy, the options and markers, the MNIST file, the time per folder, the coverage table.

Options and environment
-----------------------
--long : run the tests marked `slow` too; the fixture `long_run` lets others grow.
CLASHFREE_REQUIRE_VERILATOR=1 : a test marked `verilator` or `formal` that skips is an error. Skips that have
    nothing to do with the tools stay allowed: no `--long`, no MNIST file.
CLASHFREE_MNIST : path of an npz with the MNIST images; tests that need it skip without.
CLASHFREE_PYTHONS : paths, as in PATH, of other Pythons with the simulation packages; they must write the same Verilog.
"""

from __future__ import annotations

import functools
import os
import signal
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import SimError
from sim.toolchain import Verilator, find_verilator
from tests.sim.coverage_report import CoverageReport

# Programs that tests start and stop inherit what is ignored here: under nohup, or in the background of a script,
# Ctrl-C is, and commands leave it so.
for _signal, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, _handler)

# Floating point only: integer arrays overflow in silence, so the golden model checks its bounds.
np.seterr(all="raise")


# Marks of tests that need tools, and what to call such a test
NEEDS_TOOLS = {"verilator": "Verilator", "formal": "formal"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true",
        help="run the tests marked slow too, and more random cases of the others",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(CoverageReport(config))
    config.pluginmanager.register(FolderTimes())


# Files whose tests share nothing, so that each may go to any process.
_SPREAD = ("tests/sim/test_random_designs.py",)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for tools go first, as they take longest; the tests of _SPREAD fill up the processes' ends."""
    with_tools = {item.path for item in items if any(map(item.get_closest_marker, NEEDS_TOOLS))}
    items.sort(key=lambda item: (item.nodeid.startswith(_SPREAD), item.path not in with_tools))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile` in the order of collection, but with the tests of _SPREAD one by one."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # it would put files of many tests first, however short these are
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return nodeid if file in _SPREAD else file

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """Whether this is the long run (--long): take many more random cases."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def verilator() -> Verilator:
    """The Verilator in use, for tests marked `verilator`."""
    return find_verilator()


@pytest.fixture(scope="session")
def build_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of Verilator's builds for all processes of this test run."""
    base = tmp_path_factory.getbasetemp()
    # with xdist each worker has its own folder inside the run's
    return (base.parent if base.name.startswith("popen-") else base) / "verilator"


@pytest.fixture(scope="session")
def mnist_path() -> Path:
    """The npz with the MNIST images. Skips where CLASHFREE_MNIST names none."""
    name = os.environ.get("CLASHFREE_MNIST")
    if not name:
        pytest.skip("CLASHFREE_MNIST names no npz with the MNIST images")
    if not Path(name).is_file():
        pytest.fail(f"CLASHFREE_MNIST must name a file, got '{name}'")
    return Path(name)


@functools.cache
def _tools_missing() -> str:
    """Why Verilator tests cannot run here, empty where they can."""
    try:
        find_verilator()
    except SimError as error:
        return str(error)
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("slow") and not item.config.getoption("--long"):
        pytest.skip("slow: part of the long run (--long)")
    if item.get_closest_marker("verilator") and (reason := _tools_missing()):
        pytest.skip(reason)
    if item.get_closest_marker("formal"):
        from tests.formal.sby import missing

        if reason := missing():
            pytest.skip(reason)


def _verilator_required() -> bool:
    return os.environ.get("CLASHFREE_REQUIRE_VERILATOR") == "1"


def _may_skip(item: pytest.Item) -> bool:
    """Whether something other than the tools explains a skip."""
    if item.get_closest_marker("slow") and not item.config.getoption("--long"):
        return True
    needs_mnist = "mnist_path" in getattr(item, "fixturenames", ())
    return needs_mnist and not os.environ.get("CLASHFREE_MNIST")


def _fail_the_skip(report: pytest.TestReport | pytest.CollectReport, kind: str) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"CLASHFREE_REQUIRE_VERILATOR=1, but a {kind} test was skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport]:
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    kind = next((kind for mark, kind in NEEDS_TOOLS.items() if item.get_closest_marker(mark)), None)
    if skipped and kind and _verilator_required() and not _may_skip(item):
        _fail_the_skip(report, kind)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport]:
    """A module that skips as a whole (importorskip) has no items: its text tells what it holds."""
    report = yield
    is_module = isinstance(collector, pytest.Module)
    if report.skipped and is_module and _verilator_required():
        text = collector.path.read_text()
        for mark, kind in NEEDS_TOOLS.items():
            if f"mark.{mark}" in text:
                _fail_the_skip(report, kind)
                break
    return report


class FolderTimes:
    """Tests and seconds per folder of tests/, from the reports of this process or of xdist's."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        parts = Path(report.nodeid.partition("::")[0]).parts
        folder = "/".join(parts[:2]) if len(parts) > 2 else parts[0]
        self.seconds[folder] += report.duration
        self.tests[folder].add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.tests:
            return
        terminalreporter.section("time per folder (seconds of all processes together)")
        for folder in sorted(self.tests, key=lambda name: -self.seconds[name]):
            tests, seconds = len(self.tests[folder]), self.seconds[folder]
            terminalreporter.write_line(f"{seconds:9.1f} s {tests:6d} tests  {folder}")
        total, count = sum(self.seconds.values()), sum(map(len, self.tests.values()))
        terminalreporter.write_line(f"{total:9.1f} s {count:6d} tests  in all")
