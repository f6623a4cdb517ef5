"""A design as TOML: one schema for shipped designs, those that a search writes and those that a state keeps."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Stages, Training

__all__ = ["SCHEMA", "settings_of", "text_of"]

SCHEMA = 1


def _is_integer(value: Any) -> bool:
    # TOML has integers of 64 bits; Python reads longer ones, which NumPy could not hold
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(check(v) for v in value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_integer, value))


_INTEGER = ("an integer", _is_integer)
_INTEGERS = ("a list of integers", _is_list_of(_is_integer))
_TEXT = ("a string", lambda value: isinstance(value, str))
_TEXTS = ("a list of strings", _is_list_of(_TEXT[1]))
_BOOLEAN = ("true or false", lambda value: isinstance(value, bool))
_PAIRS = ("a list of [slot, shift] pairs", _is_list_of(_is_pair))
_COUNT = ('"auto", "dsp", "lut" or an integer', lambda value: _TEXT[1](value) or _is_integer(value))

# What each key of a table holds; a table as such is named by its class.
_KEYS: dict[type, dict[str, Any]] = {
    Network: {
        "neurons": _INTEGERS,
        "inputs": _INTEGER,
        "classes": _INTEGER,
        "out_degree": _INTEGERS,
        "activation": _TEXTS,
        "cost": _TEXT,
    },
    PatternSettings: {
        "kind": _INTEGER,
        "sweeps_per_start": _INTEGER,
        "dither": _BOOLEAN,
        "seed": _INTEGER,
        "local": _BOOLEAN,
    },
    Arithmetic: {
        "width": _INTEGER,
        "integer_bits": _INTEGER,
        "preactivation_integer_bits": _INTEGER,
        "table_bits": _INTEGER,
        "rounding": _TEXT,
    },
    Stages: {"multiply": _INTEGER, "add": _INTEGER, "table": _INTEGER, "chain": _INTEGER, "read": _INTEGER},
    Hardware: {
        "z": _INTEGERS,
        "multipliers": _COUNT,
        "stages": Stages,
        "lags": _INTEGERS,
        "lutram_rows": _INTEGER,
    },
    Training: {"rate_shift": _PAIRS, "order": _TEXT, "weight_seed": _INTEGER, "start": _TEXT},
    Data: {
        "source": _TEXT,
        "train": _INTEGER,
        "test": _INTEGER,
        "epochs": _INTEGER,
        "scaling": _TEXT,
        "keep": _INTEGER,
    },
}
_TABLES = {
    "network": Network,
    "arithmetic": Arithmetic,
    "hardware": Hardware,
    "training": Training,
    "data": Data,
}
_ABSENT = (("lags", ()), ("start", ""), ("keep", None), ("local", False))
_TOP = ("schema", "name", "network", "pattern", "arithmetic", "hardware", "training", "data")


def settings_of(text: str) -> dict[str, Any]:
    """The fields of a Design, by name. Keys with a default may be left out; so may whole tables other than [network]
    and [hardware].

    Raises DesignError, one line: not TOML, an unknown or missing key (the valid ones are named), a wrong type, or a
    rule of a table broken.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DesignError(f"not valid TOML: {' '.join(str(error).split())}{_odd_character(text, str(error))}") from None
    except RecursionError:
        raise DesignError("not valid TOML: nested too deeply") from None
    if "schema" not in content:
        raise DesignError(f"the file needs the key schema, now {SCHEMA}")
    if not _is_integer(content["schema"]) or content["schema"] != SCHEMA:
        raise DesignError(f"schema must be {SCHEMA}, got {_shown(content['schema'])}")
    _check_keys(content, "the file", _TOP, required=("name", "network", "hardware"))
    if not isinstance(content["name"], str):
        raise DesignError(f"name must be a string, got {_shown(content['name'])}")
    tables = {key: _table(cls, content.get(key, {}), key) for key, cls in _TABLES.items()}
    patterns = _patterns(content.get("pattern", {}), len(tables["network"].neurons) - 1)
    return {"name": content["name"], "pattern": patterns, **tables}


def text_of(design: Design) -> str:
    """Every field, in a fixed order, so that the same design gives the same text and no later change of a default
    alters it. Lags, start, keep and local where the design was given one; ``drawn`` is for a state to hold.
    """
    lines = [f"schema = {SCHEMA}", f"name = {_toml(design.name)}", ""]
    for key in _TOP[2:]:
        value = getattr(design, key)
        if key != "pattern":
            lines += [f"[{key}]", *_entries(value), ""]
        elif len(set(value)) == 1:
            lines += ["[pattern]", *_entries(value[0]), ""]
        else:
            for one in value:
                lines += ["[[pattern]]", *_entries(one), ""]
    return "\n".join(lines)


def _odd_character(text: str, message: str) -> str:
    """The character at which the TOML reader stopped, where an editor hides what is wrong with it."""
    found = re.search(r"line (\d+), column (\d+)", message)
    line = text.split("\n")[int(found[1]) - 1] if found else ""
    here = line[int(found[2]) - 1 :][:1] if found else ""
    if not here or (here.isascii() and here.isprintable()):
        return ""
    return f"; the character there is U+{ord(here):04X}, {unicodedata.name(here, 'a control character').lower()}"


def _patterns(content: Any, junctions: int) -> tuple[PatternSettings, ...]:
    """One table stands for every junction; an array of tables has one for each."""
    if isinstance(content, list):
        return tuple(_table(PatternSettings, c, f"pattern {i}") for i, c in enumerate(content, 1))
    return (_table(PatternSettings, content, "pattern"),) * junctions


def _table(cls: type, content: Any, name: str) -> Any:
    if not isinstance(content, dict):
        raise DesignError(f"{name} must be a table, got {_shown(content)}")
    required = [
        f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING
    ]
    _check_keys(content, f"table {name}", tuple(_KEYS[cls]), required)
    values = {}
    for key, value in content.items():
        kind = _KEYS[cls][key]
        if isinstance(kind, type):
            values[key] = _table(kind, value, f"{name}.{key}")
            continue
        wanted, check = kind
        if not check(value):
            raise DesignError(f"{name}.{key} must be {wanted}, got {_shown(value)}")
        values[key] = _frozen(value)
    return cls(**values)


def _check_keys(content: dict, where: str, valid: tuple[str, ...], required: Any) -> None:
    for key in content:
        if key not in valid:
            raise DesignError(f"{where} has no key {_shown(key)}; valid keys: {', '.join(valid)}")
    for key in required:
        if key not in content:
            raise DesignError(f"{where} needs the key {key}")


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _entries(table: Any) -> list[str]:
    # absent, not empty: lags where the schedule chooses them, the start where it is drawn, and so on
    pairs = [(f.name, getattr(table, f.name)) for f in fields(table)]
    return [f"{key} = {_toml(value)}" for key, value in pairs if (key, value) not in _ABSENT]


def _toml(value: Any) -> str:
    if isinstance(value, Stages):
        return "{ " + ", ".join(_entries(value)) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but TOML wants this one escaped as well
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
