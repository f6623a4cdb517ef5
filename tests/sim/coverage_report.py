"""The coverage table at the end of a test run, from what the tests of random designs hand over, in whichever process.

A run of all designs fails if the table has a hole.
"""

import time

import pytest

from tests.sim.coverage import Coverage, Covered

__all__ = ["DESIGNS", "DESIGNS_LONG", "PROPERTY", "CoverageReport", "designs"]

DESIGNS, DESIGNS_LONG = 120, 5000  # of `make test` and `make test-long`
PROPERTY = "random design covered"  # name of the tests' user properties
_EVERY = 60.0  # seconds between lines of progress


def designs(config: pytest.Config) -> int:
    """How many random designs a run has, seeds 0 and up."""
    return DESIGNS_LONG if config.getoption("--long") else DESIGNS


class CoverageReport:
    """Plugin for pytest. It does nothing in a run without tests of random designs."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.coverage = Coverage()
        self._started = self._told = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        for name, value in report.user_properties:
            if name == PROPERTY:
                self.coverage.add(Covered.from_text(str(value)))
                self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None or now - self._told < _EVERY or not self._config.getoption("--long"):
            return
        self._told = now
        done, due = len(self.coverage), designs(self._config)
        left = (now - self._started) / done * (due - done)
        terminal.ensure_newline()
        terminal.write_line(f"random designs: {done:,} of {due:,} without a mismatch, {left / 60:.0f} min left")

    @property
    def holes(self) -> list[str]:
        """What is missing of a full table. Empty where only a part of the designs was asked for."""
        whole = len(self.coverage) >= designs(self._config)
        return self.coverage.missing() if whole else []

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.holes and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not len(self.coverage):
            return
        terminalreporter.section("random designs: what they covered")
        for line in self.coverage.table():
            terminalreporter.write_line(line, red=line in self.holes)
