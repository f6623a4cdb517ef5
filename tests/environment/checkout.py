"""A checkout with nothing in it but the Makefile and the installation, and stand-ins for what they start."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = str(Path(sys.executable).with_name("python3"))

# `python -m venv .venv`: found before the standard library's, as the current folder is searched first. The Python in it
# answers for pip by what the file `pip` of the checkout says.
VENV = f"""\
import pathlib, sys, time
folder = pathlib.Path(sys.argv[-1], "bin")
folder.mkdir(parents=True)
program = folder / "python"
program.write_text('''#!/bin/sh
case "$*" in
    "-m pip --version") exit 0 ;;
    "-m pip install "*) shift 2; echo "$*" >> pip.called; . ./pip ;;
    *) exec {PYTHON} "$@" ;;
esac
''')
program.chmod(0o755)
"""

# The program of each target, in place of the Python in .venv: it tells its arguments and environment.
TELLS = f"""\
#!/bin/sh
case "$*" in "-m sw.common.install"*) exit 0 ;; esac
exec {PYTHON} -I -c 'import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))' "$@"
"""


@dataclass(frozen=True)
class Checkout:
    """``make(...)`` runs make in it."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Checkout":
        (folder / "sw").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", folder)
        shutil.copy(ROOT / "sw" / "__init__.py", folder / "sw")
        shutil.copytree(ROOT / "sw" / "common", folder / "sw" / "common", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "requirements").mkdir()
        for file in (ROOT / "requirements").glob("*.txt"):  # what includes what, and no packages
            included = [line for line in file.read_text().splitlines() if line.startswith("-r ")]
            (folder / "requirements" / file.name).write_text("".join(f"{line}\n" for line in included))
        (folder / "venv.py").write_text(VENV)
        (folder / "pip").write_text("exit 0\n")
        return cls(folder)

    def telling(self) -> "Checkout":
        """With a Python that tells how it was called, as if all were installed."""
        program = self.folder / ".venv" / "bin" / "python"
        program.parent.mkdir(parents=True)
        program.write_text(TELLS)
        program.chmod(0o755)
        return self

    def start(self, *words: str, env: dict[str, str] | None = None, **how: object) -> subprocess.Popen:
        path = os.pathsep.join([str(Path(PYTHON).parent), os.environ["PATH"]])
        around = {"PATH": path, "HOME": str(self.folder)}
        return subprocess.Popen(  # type: ignore[call-overload]
            ["make", *words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, **({"cwd": self.folder, "env": around | (env or {})} | how),
        )

    def make(self, *words: str, env: dict[str, str] | None = None, **how: object) -> tuple[int, str, list[str]]:
        """Exit status, standard output, lines of standard error without make's own word on its target."""
        with self.start(*words, env=env, **how) as process:
            out, err = process.communicate(timeout=120)
        lines = [line for line in err.splitlines() if not line.startswith(("make: *** [", "make: Target"))]
        return process.returncode, out, lines

    def told(self, *words: str, env: dict[str, str] | None = None, **how: object) -> tuple[list[str], dict[str, str]]:
        """Arguments and environment of the program that a target starts."""
        status, out, err = self.make(*words, env=env, **how)
        assert (status, err) == (0, []), err
        (line,) = [line for line in out.splitlines() if line.startswith("[")]
        arguments, environment = json.loads(line)
        return arguments, environment

    def pip_calls(self) -> list[str]:
        called = self.folder / "pip.called"
        return called.read_text().splitlines() if called.exists() else []
