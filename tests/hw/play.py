"""Runs one unit in Amaranth's own simulator, clock by clock."""

import gc
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from amaranth.hdl import ClockDomain, Module, Value
from amaranth.lib import data
from amaranth.sim import Simulator

__all__ = ["evaluate", "play", "simulate"]


def simulate(dut: Any, testbench: Callable, *, domain: ClockDomain | None = None) -> None:
    """Run an async testbench to its end. Who passes the ``domain`` can drive its ``rst``."""
    module = Module()
    module.domains.sync = domain or ClockDomain("sync")  # also for a unit that has no register
    module.submodules.dut = dut
    # as in hw.circuit: garbage is not looked for among objects that all live to the end
    gc.disable()
    try:
        simulator = Simulator(module)
        simulator.add_clock(1e-6)
        simulator.add_testbench(testbench)
        simulator.run()
    finally:
        gc.enable()


def _put(context: Any, port: Any, value: Any) -> None:
    if isinstance(port, list):
        for one, word in zip(port, value, strict=True):
            context.set(one, int(word))
    else:
        context.set(port, value if isinstance(value, dict) else int(value))


def play(dut: Any, steps: Iterable[dict[str, Any]], outputs: Sequence[str]) -> dict[str, np.ndarray]:
    """Hold each step's values at the ports it names for a clock; what the outputs showed at the clock's end.

    A port that is an array takes a sequence. Returns per output (steps,) or (steps, length) int64; ports that a
    step does not name keep their values.
    """
    watched = [getattr(dut, name) for name in outputs]
    flat = [p for port in watched for p in (port if isinstance(port, list) else [port])]
    rows: list[list[int]] = []

    async def testbench(context):
        for step in steps:
            for name, value in step.items():
                _put(context, getattr(dut, name), value)
            _, _, *values = await context.tick().sample(*flat)
            rows.append([v.as_value().value if isinstance(v, data.Const) else int(v) for v in values])

    simulate(dut, testbench)
    table, shown, at = np.array(rows, dtype=np.int64), {}, 0
    for name, port in zip(outputs, watched, strict=True):
        count = len(port) if isinstance(port, list) else 1
        shown[name] = table[:, at : at + count] if isinstance(port, list) else table[:, at]
        at += count
    return shown


def evaluate(inputs: Any, values: Iterable[int], expressions: Sequence[Value]) -> np.ndarray:
    """What combinational expressions of the signal ``inputs`` are for each value, (values, expressions) int64."""
    rows = []

    async def testbench(context):
        for value in values:
            context.set(inputs, int(value))
            rows.append([context.get(e) for e in expressions])

    simulate(Module(), testbench)
    return np.array(rows, dtype=np.int64)
