"""Every signal has a name of its own, not one that depends on the version of Python that elaborates it."""

import gc
import re
import sys
from unittest.mock import patch

import pytest

import hw.circuit
from hw.config import ConfigPort
from hw.memory import _Memory
from hw.shell import Shell
from tests.design.wishes import wished_design
from tests.faults.plant import Plant
from tests.hw.designs import corner_designs, quick

UNNAMED = re.compile(r"^ *(?:module|wire|memory|cell) .*\\\$\w+", re.M)

look_up = hw.circuit._name


class Unnamed(AssertionError):
    """The message is where a signal is made without a name."""


def only_in_libraries(depth: int = 2, default: str | None = None) -> str:
    """hw.circuit._name for Amaranth's own units; in ours a signal must be given its name."""
    frame = sys._getframe(depth)
    module = frame.f_globals["__name__"]
    if module.startswith("hw.") and default != "$memory":  # a memory has the name of its submodule
        raise Unnamed(f"{module}, line {frame.f_lineno} of {frame.f_code.co_name}")
    return look_up(depth + 1, default)


def circuit(design) -> str:
    with patch.object(hw.circuit, "_name", only_in_libraries):
        return hw.circuit.circuit(design)


@pytest.mark.parametrize(
    "design", [quick(), *corner_designs(), *(wished_design(seed) for seed in range(2))], ids=lambda d: d.name
)
def test_every_signal_is_given_a_name(design):
    assert UNNAMED.findall(circuit(design)) == []
    assert gc.isenabled()


# what a fault leaves unused, Amaranth would warn of
@pytest.mark.usefixtures("units_left_unused")
def test_a_signal_and_a_port_without_a_name_are_found():
    unnamed = Plant(ConfigPort, "elaborate", (('Signal(name="over", ', "Signal("),))
    with unnamed.planted(), pytest.raises(Unnamed, match=r"^hw\.config, line \d+ of elaborate$"):
        circuit(quick())
    with Plant(_Memory, "write_port", ((', path=("write",)', ""),)).planted():
        text = hw.circuit.circuit(quick())
    assert UNNAMED.search(text)


@pytest.mark.parametrize("store_bits", [0, 4096])
def test_every_signal_of_the_shell_is_given_its_name(store_bits):
    with patch.object(hw.circuit, "_name", only_in_libraries):
        text = hw.circuit.converted(lambda: Shell(quick(), clock_hz=1_000_000, store_bits=store_bits), "top")
    assert UNNAMED.findall(text) == []
