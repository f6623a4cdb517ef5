"""Runs yosys passes in a process of its own.

In a fresh process the automatic names do not depend on what was converted before, an error of yosys does not
end ours, and its messages stay out of our output.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from sw.design.errors import DesignError

__all__ = ["YosysError", "run"]

# one pass per line of standard input; everything that yosys prints is returned in case it fails
_PROGRAM = """
import sys
from pyosys import libyosys
design = libyosys.Design()
for line in sys.stdin:
    libyosys.run_pass(line.strip(), design)
"""


class YosysError(DesignError):
    """A pass failed. The message has yosys' reason."""


def run(passes: list[str], *, inputs: dict[str, str], output: str) -> str:
    """Run passes on an empty design, in a folder with the files ``inputs`` (name: text); the text of file ``output``.

    Raises
    ------
    YosysError : a pass failed, or there is no ``output`` after the last one.
    """
    with tempfile.TemporaryDirectory(prefix="clashfree-") as temporary:
        folder = Path(temporary)
        for name, text in inputs.items():
            (folder / name).write_text(text)
        ended = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM],
            cwd=folder,
            input="".join(f"{line}\n" for line in passes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if ended.returncode != 0 or not (folder / output).is_file():
            said = [line for line in ended.stdout.splitlines() if line.strip()]
            reason = next((line for line in said if "ERROR" in line or "Error" in line), said[-1] if said else "")
            raise YosysError(
                f"yosys ended with status {ended.returncode}"
                + (f": {reason.strip()}" if reason else f" and wrote no {output}")
            )
        return (folder / output).read_text()
