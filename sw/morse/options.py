"""From words of a command line to settings: symbols, operators, single knobs."""

import dataclasses
from argparse import ArgumentParser, Namespace

from sw.morse.codebook import NAMES
from sw.morse.operator import Operator
from sw.morse.settings import MorseError, MorseSettings

__all__ = ["add_options", "chosen", "indices"]

_KNOBS = {field.name: field.default for field in dataclasses.fields(MorseSettings) if field.name != "classes"}
_OPERATOR = {"unit": "positions of a dot on average (2)", "ratio": "length of a dash in dots (3)",
             "gap": "space between two elements in dots (1)",
             "jitter": "0 to below 1: lengths are uniform on mean * (1 - jitter) .. mean * (1 + jitter) (0.4)"}


def add_options(parser: ArgumentParser) -> None:
    """The options that `chosen` reads."""
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KNOB=VALUE",
                        help=f"other than in the variant: {', '.join(_KNOBS)}; ranges as 4-9, yes or no for truths")
    parser.add_argument("--symbols", nargs="+", metavar="S", help="only these, in this order, as named in the codebook")
    group = parser.add_argument_group("operator", "a hand's timing, in place of the ranges of dot, dash and space; "
                                      "used where one of these is given")
    for name, text in _OPERATOR.items():
        group.add_argument(f"--{name}", type=float, help=text)


def chosen(settings: MorseSettings, options: Namespace) -> MorseSettings:
    """The settings with what the options change; MorseError if that breaks a rule."""
    changes: dict[str, object] = dict(_knob(text) for text in options.set)
    if options.symbols:
        changes["classes"] = indices(options.symbols)
    keyed = {name: getattr(options, name) for name in _OPERATOR if getattr(options, name) is not None}
    if keyed:
        operator = Operator(**keyed)
        changes |= {"dot": operator.lengths(1), "dash": operator.lengths(operator.ratio),
                    "space": operator.lengths(operator.gap)}
    return dataclasses.replace(settings, **changes)  # type: ignore[arg-type]


def indices(symbols: list[str]) -> tuple[int, ...]:
    """Codebook indices of symbols by name; MorseError if one is not in the codebook."""
    for symbol in symbols:
        if symbol not in NAMES:
            raise MorseError(f"symbols must be names of the codebook ({' '.join(NAMES)}), got {symbol!r}")
    return tuple(NAMES.index(symbol) for symbol in symbols)


def _knob(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals or name not in _KNOBS:
        raise MorseError(f"set must be KNOB=VALUE with a knob of {', '.join(_KNOBS)}, got {text!r}")
    default = _KNOBS[name]
    try:
        if isinstance(default, bool):
            return name, {"yes": True, "no": False}[value]
        if isinstance(default, tuple):
            low, _, high = value.partition("-")
            return name, (int(low), int(high))
        if isinstance(default, str):
            return name, value
        # whole where it can be; the settings say where it must be
        return name, int(value) if value.lstrip("-").isdecimal() else float(value)
    except (ValueError, KeyError):
        form = "yes or no" if isinstance(default, bool) else "two whole numbers, as 4-9" \
            if isinstance(default, tuple) else "a number"
        raise MorseError(f"{name} must be {form}, got {value!r}") from None
