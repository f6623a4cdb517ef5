"""Boards: pins, clock and toolchain of each; nothing is built for one yet."""
