"""Mapped netlists: read, counted, checked, and measured in levels of logic."""
