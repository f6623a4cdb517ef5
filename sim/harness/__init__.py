"""The C++ harness that runs a Verilator model for whole epochs."""
