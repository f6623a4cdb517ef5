"""Design files: read and written whole. What is in them, see ``sw.design.text``."""

import codecs
from pathlib import Path

from sw.common.atomic import write_atomic
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.schedule import Schedule
from sw.design.states import design_with_state
from sw.design.text import settings_of, text_of

__all__ = ["load", "save"]


def load(path: str | Path) -> Design:
    """The design in a TOML file, checked, its schedule included; patterns and initial weights are those of the state
    that it names as its start, where it names one.

    Text is UTF-8, or UTF-16 with its mark; any line ends.

    Raises DesignError, one line that begins with the file's name: no such file, no text, what ``settings_of`` raises,
    any rule of a design broken, or a start that cannot be read or is of another design.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise DesignError(f"{path}: there is no such file") from None
    except OSError as error:
        raise DesignError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        settings = settings_of(_text(content))
        start = settings["training"].start
        design = design_with_state(Path(path).parent / start, settings) if start else Design(**settings)
        Schedule.of(design)  # lags that are given may be too short
    except DesignError as error:
        raise DesignError(f"{path}: {error}") from None
    return design


def save(design: Design, path: str | Path) -> None:
    """Write a design so that ``load`` gives an equal one; the file is replaced as a whole.

    Lags are written if the design was given some. To fix those that the schedule chose, save
    ``replace(design, hardware=replace(design.hardware, lags=Schedule.of(design).lags))``.

    Raises FileError if the file cannot be written.
    """
    write_atomic(path, text_of(design).encode())


def _text(content: bytes) -> str:
    """What an editor on any system has saved as text."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not utf16 and b"\0" in content:
        raise DesignError("must be text in UTF-8, got a binary file (or UTF-16 without its mark)")
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = len((error.object[: error.start] + b"x").splitlines())
        got = f"damaged UTF-16 ({error.reason})" if utf16 else f"byte 0x{error.object[error.start]:02X} in line {line}"
        raise DesignError(f"must be text in UTF-8, got {got}; save the file as UTF-8") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n\x1a")  # Ctrl-Z has once ended files
    if not text.strip():
        raise DesignError("the file is empty")
    return text
