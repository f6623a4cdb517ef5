"""What all pictures share: colours, settings, and files whose bytes depend on nothing but what is drawn."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sw.common.errors import FileError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "DARK", "SETTINGS", "content", "file_format"]

# Okabe and Ito's colours, which colour-blind readers can tell apart; black left out, as it is the text's
COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
DARK = ("#0072b2", "#d55e00", "#009e73")  # these carry white numbers

# fixed salt and, below, no date: the same bytes every time; text stays text
SETTINGS: Any = {
    "svg.hashsalt": "pipeline", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif",
}


def file_format(path: str | Path) -> str:
    """"svg" or "png", by the file's name. FileError names others."""
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in ("svg", "png"):
        raise FileError(f"{path}: a picture's name must end in .svg or .png")
    return suffix


def content(figure: "Figure", format: str, title: str) -> bytes:
    """The picture as a file; call it with ``SETTINGS`` in force."""
    into = io.BytesIO()
    if format == "png":
        figure.savefig(into, format=format, dpi=150, metadata={"Software": None, "Title": title})
        return into.getvalue()
    figure.savefig(into, format=format, metadata={"Date": None, "Creator": None, "Title": title})
    # the writer leaves blanks at the ends of lines, which version control complains about
    return b"".join(line.rstrip() + b"\n" for line in into.getvalue().splitlines())
