"""Boards: pins, clock and toolchain of each; nothing is built for one yet."""

from sw.common import process  # noqa: F401 -- first of all: it may start Python again in a clean environment
