"""Tests; the folders mirror the packages. A package, so that tests/sim is never taken for sim."""

from sw.common import process  # noqa: F401 -- first of all: it may start Python again in a clean environment
