"""The training step of a design on one core of this machine, to compare the accelerator with."""
