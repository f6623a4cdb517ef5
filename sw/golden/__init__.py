"""Bit-exact reference: what the accelerator must compute, in NumPy integers; and its compiled twin."""
