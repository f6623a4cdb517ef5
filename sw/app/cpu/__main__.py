"""How many samples per second one core of this machine trains: the design's step in C++, 16-bit integers.

    python -m sw.app.cpu [--design designs/mnist.toml] [--samples 20000]

Time is that of the process, so other work on the machine counts little. Twice: with the design's own edges, where each
weight looks up its left neuron, and with as many edges in rows, which vector instructions can use. Writes
build/bench/cpu.json.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.common.errors import UserError
from sw.common.process import environment
from sw.common.report import write_report
from sw.design.design import Design
from sw.design.files import load

__all__ = ["main", "samples_per_second"]

_SOURCE = Path(__file__).with_name("step.cpp")
_FLAGS = ["-O3", "-march=native", "-std=c++17"]


class CpuError(UserError):
    """The program cannot be built or run."""


def samples_per_second(design: Design, samples: int, folder: Path) -> dict[str, float]:
    """``gathered`` and ``contiguous``; ``folder``: for the program. CpuError where g++ fails."""
    program = folder / "step"
    built = subprocess.run(["g++", *_FLAGS, str(_SOURCE), "-o", str(program)], env=environment(), capture_output=True,
                           text=True)  # fmt: skip
    if built.returncode:
        raise CpuError(f"g++ must build {_SOURCE}, has failed", detail=built.stderr)
    return {
        name: 1e9 / _nanoseconds(program, _input(design, samples, contiguous))
        for name, contiguous in (("gathered", False), ("contiguous", True))
    }


def _input(design: Design, samples: int, contiguous: bool) -> np.ndarray:
    """As step.cpp reads it."""
    words = [np.array([contiguous, samples, len(design.junctions)])]
    for j in design.junctions:
        edges = np.asarray(j.pattern.left_of).reshape(j.right, j.in_degree)
        if contiguous:
            first = np.arange(j.right) * (j.left - j.in_degree) // max(1, j.right - 1)
            edges = first[:, None] + np.arange(j.in_degree)
        words += [np.array([j.left, j.right, j.in_degree]), edges.ravel()]
    sigmoid = 256 / (1 + np.exp(-np.arange(-2048, 2048) / 256))
    return np.concatenate([*words, np.round(sigmoid)]).astype(np.int32)


def _nanoseconds(program: Path, words: np.ndarray) -> float:
    done = subprocess.run([str(program)], input=words.tobytes(), env=environment(), capture_output=True)
    if done.returncode:
        raise CpuError(f"{program} must run, has ended with status {done.returncode}")
    return float(done.stdout.split()[0])


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = Options(prog="python -m sw.app.cpu", description=__doc__.split("\n\n")[0])
    parser.add_argument("--design", default="designs/mnist.toml", help="design file (%(default)s)")
    parser.add_argument("--samples", type=int, default=20_000, help="to train on (%(default)s)")
    options = parser.parse_args(arguments)
    if options.samples < 1:
        raise CpuError(f"samples must be 1 or more, got {options.samples}")
    check_folder(Path("build/bench"))
    design = load(options.design)
    with TemporaryDirectory(prefix="clashfree-") as folder:
        found = samples_per_second(design, options.samples, Path(folder))
    gathered, contiguous = (f"{found[name]:,.0f}" for name in ("gathered", "contiguous"))
    print(f"{design.name} on one core: {gathered} samples per second, {contiguous} with edges in rows")
    write_report(Path("build/bench/cpu.json"), {"design": design.name, "samples": options.samples, **found}, {})
    return 0


if __name__ == "__main__":
    sys.exit(main())
