"""Fixtures of the hardware's tests."""

import gc

import pytest
from amaranth import _unused


@pytest.fixture
def units_left_unused(monkeypatch):
    """An error in a unit leaves others that no netlist has taken; Amaranth need not warn of those."""
    monkeypatch.setattr(_unused.MustUse, "__del__", lambda unit: None)
    yield
    gc.collect()
