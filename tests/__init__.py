"""Tests; the folders mirror the packages. A package, so that tests/sim is never taken for sim."""
