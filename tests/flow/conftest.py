"""Fixtures of the simulation tests."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def build_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of builds for all processes of this test run."""
    base = tmp_path_factory.getbasetemp()
    # with xdist each worker has its own folder inside the run's
    return (base.parent if base.name.startswith("popen-") else base) / "verilator"
