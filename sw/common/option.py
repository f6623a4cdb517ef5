"""Readers of a command's options, for ``type`` of argparse."""

import argparse
import re
from collections.abc import Callable
from math import inf, isfinite

__all__ = ["number", "seconds"]


def number(kind: type, low: float, high: float = inf, *, above: bool = False) -> Callable[[str], float]:
    """A number in a range; the complaint names the range."""
    def read(text: str) -> float:
        what = "a whole number" if kind is int else "a number"
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be {what}, got {text!r}") from None
        if not isfinite(value) or value < low or value > high or (above and value == low):
            limits = f"from {low:g} to {high:g}" if high < inf else f"{'above' if above else 'of at least'} {low:g}"
            raise argparse.ArgumentTypeError(f"must be {what} {limits}, got {text}")
        return value
    return read


def seconds(text: str) -> float:
    """A time: 90, 90s, 20m, 1.5h."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?)\s*(s|m|min|h|d)?", text.strip())
    if not found or not float(found[1]) > 0:
        raise argparse.ArgumentTypeError(f"must be a time above 0 such as 90s, 20m or 1.5h, got {text!r}")
    return float(found[1]) * {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}[found[2] or "s"]
