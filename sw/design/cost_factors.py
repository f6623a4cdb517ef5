"""Fitted factors (boards.calibrate)."""

LUT_FACTORS: dict[str, float] = {}
FF_FACTORS: dict[str, float] = {}
