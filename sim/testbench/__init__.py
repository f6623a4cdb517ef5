"""The cocotb testbench of the accelerator, and what builds and runs it."""
