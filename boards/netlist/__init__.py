"""Mapped netlists: read, counted, checked, and timed before place and route."""
