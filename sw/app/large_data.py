"""Wide and long data: seconds and memory of each step, each in a process of its own, against limits.

    python -m sw.app.large_data

Wide: 600 samples of 20,000 features through `sw.data info`, `sw.morse metrics` and `sw.data reduce --pca 50`, which
may take 20 s together. Long: 2,000,000 samples of 50 features loaded and scaled to 8 bits, which may take 10 s and
memory for twice the file. Features are 32-bit floats around centroids of classes; files are made in a temporary folder.
Limits are of wall time, and so for an idle machine; seconds of the processors are printed beside it. `--part` makes
both files smaller, with limits in proportion but for what a process takes to begin.
"""

import argparse
import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sw.common.command import command
from sw.common.errors import UserError
from sw.common.report import write_report
from sw.common.workers import in_processes

__all__ = ["STEPS", "measured"]

WIDE, LONG = (600, 20_000), (2_000_000, 50)
_COMPONENTS = 50
_SECONDS = {"wide": 20.0, "long": 10.0}
_TIMES_FILE = 2.0  # memory of `load`, in sizes of the file
_BEGIN_SECONDS, _BEGIN_BYTES = 20.0, 150e6  # for a process that does nothing but import, with smaller parts


def make(path: Path, samples: int, features: int) -> None:
    """An npz that is not compressed, in one piece: X around ten centroids, y."""
    rng = np.random.Generator(np.random.PCG64(1))
    y = rng.integers(0, 10, samples)
    x = rng.standard_normal((samples, features), np.float32)
    x += rng.standard_normal((10, features), np.float32)[y]
    np.savez(path, X=x, y=y)


def _info(path: Path) -> None:
    from sw.data.__main__ import main

    _succeed(main(["info", str(path)]))


def _metrics(path: Path) -> None:
    from sw.morse.__main__ import main

    _succeed(main(["metrics", str(path)]))


def _reduce(path: Path) -> None:
    from sw.data.__main__ import main

    out = str(path.with_name("reduced.npz"))
    _succeed(main(["reduce", str(path), "--pca", str(_COMPONENTS), "--out", out]))


def _load(path: Path) -> None:
    from sw.sources import load

    load(path)


def _succeed(status: int) -> None:
    if status:
        raise UserError(f"a command has ended with status {status}")


#: what is done with the wide and with the long file
STEPS: dict[str, dict[str, Callable[[Path], None]]] = {
    "wide": {"info": _info, "metrics": _metrics, "reduce": _reduce}, "long": {"load": _load},
}


def _done(step: Callable[[Path], None], path: Path) -> dict[str, float]:
    """What this process has taken, when it has done a step: seconds of its processors and at most bytes of memory."""
    with contextlib.redirect_stdout(io.StringIO()):
        step(path)
    # not what getrusage says: that counts what the process was before it became Python
    status = Path("/proc/self/status").read_text()
    peak = 1024 * int(status.partition("VmHWM:")[2].split()[0])
    return {"processor_seconds": round(time.process_time(), 2), "peak_bytes": peak}


def measured(step: Callable[[Path], None], path: Path) -> dict[str, float]:
    """`seconds`, `processor_seconds` and `peak_bytes` of a step in a new process, its start and imports included."""
    begun = time.perf_counter()
    with closing(in_processes(partial(_done, step), [path], 1)) as done:
        ((_, taken),) = done
    return {"seconds": round(time.perf_counter() - begun, 2), **taken}


def _limits(kind: str, part: float, file_bytes: int) -> tuple[float, float | None]:
    """Seconds of all steps together, and bytes of memory, None where there is no limit."""
    seconds = _SECONDS[kind] if part == 1 else part * _SECONDS[kind] + _BEGIN_SECONDS * len(STEPS[kind])
    if kind == "wide":
        return seconds, None
    return seconds, _TIMES_FILE * file_bytes + (_BEGIN_BYTES if part < 1 else 0)


def _measure(kind: str, path: Path, part: float) -> dict[str, Any]:
    samples, features = WIDE if kind == "wide" else LONG
    shape = (samples, int(part * features)) if kind == "wide" else (int(part * samples), features)
    with closing(in_processes(partial(_made, path), [shape], 1)) as done:  # its memory is gone with its process
        for _ in done:
            pass
    size = path.stat().st_size
    steps = {name: measured(step, path) for name, step in STEPS[kind].items()}
    seconds, memory = _limits(kind, part, size)
    taken, of_processors = (round(sum(one[key] for one in steps.values()), 2)
                            for key in ("seconds", "processor_seconds"))
    peak = max(one["peak_bytes"] for one in steps.values())
    return {"samples": shape[0], "features": shape[1], "file_bytes": size, "steps": steps, "seconds": taken,
            "processor_seconds": of_processors, "most_seconds": seconds, "peak_bytes": peak, "most_bytes": memory,
            "within": taken <= seconds and (memory is None or peak <= memory)}


def _made(path: Path, shape: tuple[int, int]) -> None:
    make(path, *shape)


def _row(name: str, taken: Mapping[str, float], seconds: str = "", memory: str = "") -> None:
    print(f"  {name:<14}{taken['processor_seconds']:>10.1f}{taken['seconds']:>9.1f}{seconds:>9}"
          f"{taken['peak_bytes'] / 1e6:>10,.0f}{memory:>9}", flush=True)


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 within the limits, 1 beyond one of them, 2 it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m sw.app.large_data", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=float, default=1.0, help="of the features of the wide and of the samples of the "
                        "long file, above 0 (1)")
    parser.add_argument("--out", type=Path, default=Path("build/large-data.json"), help="report (%(default)s)")
    options = parser.parse_args(arguments)
    if not 0.005 <= options.part <= 1:
        raise UserError(f"--part must be 0.005..1, got {options.part:g}")
    found = {}
    print(f"{'':<16}{'processor':>10}{'seconds':>9}{'at most':>9}{'peak, MB':>10}{'at most':>9}")
    with tempfile.TemporaryDirectory(prefix="clashfree-") as folder:
        for kind in STEPS:
            one = found[kind] = _measure(kind, Path(folder) / f"{kind}.npz", options.part)
            print(f"{kind}: {one['samples']:,} x {one['features']:,}, {one['file_bytes'] / 1e6:,.0f} MB")
            for name, step in one["steps"].items():
                _row(name, step)
            memory = f"{one['most_bytes'] / 1e6:,.0f}" if one["most_bytes"] else ""
            _row("all", one, f"{one['most_seconds']:.1f}", memory)
    write_report(options.out, {"part": options.part, **found}, {})
    beyond = [kind for kind, one in found.items() if not one["within"]]
    print(f"beyond the limits: {', '.join(beyond)}" if beyond else "within all limits")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
