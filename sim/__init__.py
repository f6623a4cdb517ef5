"""Simulation of the accelerator: cocotb for protocols, a C++ harness for whole epochs."""

from sw.common import process  # noqa: F401 -- first of all: it may start Python again in a clean environment
