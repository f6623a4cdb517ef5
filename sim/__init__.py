"""Simulation of the accelerator: cocotb for protocols, a C++ harness for whole epochs."""
