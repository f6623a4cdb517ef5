"""Training in few bits: accuracy against word width and rounding, in the hardware's integers."""
