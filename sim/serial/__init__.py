"""A board's whole logic, simulated clock by clock, and its serial line."""
