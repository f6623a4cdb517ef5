"""From a design to something that runs: Verilog, the C++ harness, the cocotb bench."""

import json
import os
import pickle
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import cocotb
import cocotb_tools.config
from cocotb_tools import runner as cocotb_runner

from hw.verilog import write
from sim.errors import SimError
from sim.harness.build import CACHE, LIBRARY, Built, build_harness, digest, quick_build
from sim.testbench.plan import VARIABLE, Plan
from sim.toolchain import find_verilator
from sw.common.cache import cached
from sw.common.process import environment
from sw.common.tool import run_tool
from sw.design.design import Design

__all__ = ["BenchFailed", "BenchRun", "Generated", "build", "build_bench", "check_wave_libraries", "generate",
           "run_bench"]

_STREAMS = ("slots", "results", "config", "readback")
_PINS = [
    *("clk", "rst"),
    *(f"{stream}__{part}" for stream in _STREAMS for part in ("payload", "valid", "ready")),
    *("count_slots", "count_correct", "count_cycles", "count_stalls"),
]


class BenchFailed(SimError):
    """The cocotb bench ran and found a fault."""

    status = 1


@dataclass(frozen=True)
class Generated:
    """The Verilog of a design and the ports.json beside it, and the seconds it took."""

    verilog: Path
    seconds: float

    @property
    def ports(self) -> Path:
        return self.verilog.with_name("ports.json")


@dataclass(frozen=True)
class BenchRun:
    """A passed bench: its report (results, slots, values_compared, clocks) and seconds; the FST file or None."""

    report: dict[str, int]
    seconds: float
    waves: Path | None


def generate(design: Design, folder: Path) -> Generated:
    """Write the Verilog of a design into ``folder``."""
    started = time.perf_counter()
    return Generated(write(design, folder), time.perf_counter() - started)


def build(design: Design, folder: Path, *, cache: Path = CACHE, fast_build: bool = False) -> Built:
    """Verilog in ``folder`` and the C++ harness for it.

    ``fast_build``: the quickest build, for small designs; else the fastest simulation.

    Raises
    ------
    SimError : no usable tools, or the build failed.
    """
    return build_harness(generate(design, folder).verilog, cache=cache, fast=fast_build)


def build_bench(
    verilog: Path, *, cache: Path = CACHE, waves: bool = False, visible: Sequence[str] = _PINS
) -> Built:
    """The Verilog with cocotb's main program; only its pins are visible, which keeps it quick."""
    verilator = find_verilator()
    if waves:
        check_wave_libraries()
    libraries = str(cocotb_tools.config.libs_dir)
    main = Path(cocotb_tools.config.share_dir) / "lib" / "verilator" / "verilator.cpp"
    link = [f"-Wl,-rpath,{libraries}", f"-L{libraries}", "-lcocotbvpi_verilator"]
    pins = "`verilator_config\n" + "".join(f'public_flat_rw -module "top" -var "{pin}"\n' for pin in visible)
    key = digest(verilator, [*link, pins, cocotb.__version__, str(waves)], [verilog, main])

    def make(folder: Path) -> Path:
        control = folder / "pins.vlt"
        control.write_text(pins)
        # unoptimised: Python takes most of the time of a clock
        shared = [verilator.root / "include" / name for name in (*LIBRARY, "verilated_vpi.cpp")]
        models, text = {"Vtop": [control, verilog]}, f'#include "{main}"\n'
        return quick_build(models, text, folder, cache, verilator, shared, translate=["--vpi"], link=link, waves=waves)

    started = time.perf_counter()
    folder, made = cached(cache / f"bench-{key}", make)
    return Built(folder / "Vtop", key, time.perf_counter() - started if made else 0.0, verilator)


def run_bench(
    built: Built, plan: Plan, folder: Path, *, waves: bool = False, module: str = "sim.testbench.accelerator"
) -> BenchRun:
    """Run the tests of ``module`` in the simulator; logs, results file and waves go to ``folder``.

    Raises
    ------
    BenchFailed : a test failed; the message has its reason.
    SimError : the simulator did not run, no test ran, or the bench left no report.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    results, log = folder / "results.xml", folder / "cocotb.log"
    plan.report.unlink(missing_ok=True)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="clashfree-") as temporary:
        pickled = Path(temporary) / "plan"
        pickled.write_bytes(pickle.dumps(plan))
        runner = _Runner(built)
        ended = ""
        try:
            runner.test(
                test_module=module,
                hdl_toplevel="top",
                hdl_toplevel_lang="verilog",
                seed=plan.seed,
                extra_env={VARIABLE: str(pickled)},
                waves=waves,
                build_dir=folder,
                test_dir=folder,
                results_xml=str(results),
                log_file=log,
            )
        except (RuntimeError, SystemExit, subprocess.SubprocessError) as error:
            ended = str(error)
    count = _check_results(results, log, ended)
    if not plan.report.is_file():
        raise SimError(f"cocotb bench: {count} tests passed but left no report (log: {log})")
    return BenchRun(
        _load_report(plan.report), time.perf_counter() - started, folder / "dump.fst" if waves else None
    )


class _Runner(cocotb_runner.Verilator):
    """cocotb's runner for an executable that was built without it: it would make every signal public."""

    def __init__(self, built: Built) -> None:
        super().__init__()
        self._built = built

    def _test_command(self) -> list[list[str]]:
        return [[str(self._built.executable.resolve()), *(["--trace"] if self.waves else [])]]

    def _execute_cmds(self, cmds: Sequence[list[str]], cwd: str | os.PathLike, stdout: TextIO | None = None) -> None:
        for command in cmds:
            code = run_tool(command, cwd=cwd, env=self.env, stdout=stdout, stderr=subprocess.STDOUT).returncode
            if code:
                raise RuntimeError(f"the simulator ended with status {code}")


def _load_report(path: Path) -> dict[str, int]:
    report: dict[str, int] = json.loads(path.read_text())
    return report


def _check_results(results: Path, log: Path, ended: str) -> int:
    """Number of tests, all of them passed."""
    if not results.is_file():
        raise SimError(f"cocotb bench: the simulator left no results: {ended or 'it ended early'} (log: {log})")
    cases = list(ElementTree.parse(results).iter("testcase"))
    ran = [case for case in cases if case.find("skipped") is None]
    for case in ran:
        for kind in ("failure", "error"):
            fault = case.find(kind)
            if fault is not None:
                what = fault.get("message") or fault.get("error_msg") or fault.text or "it gave no reason"
                raise BenchFailed(f"cocotb bench {case.get('name')}: {' '.join(what.split())} (log: {log})")
    if not ran:
        raise SimError(f"cocotb bench: no test ran (log: {log})")
    if ended:
        raise SimError(f"cocotb bench: the simulator failed after its tests: {ended} (log: {log})")
    return len(ran)


def check_wave_libraries() -> None:
    """FST files are compressed with zlib and lz4: the compiler must find their headers, and the linker them."""
    missing = []
    for header, library, package in (("zlib.h", "z", "zlib1g-dev"), ("lz4.h", "lz4", "liblz4-dev")):
        program = f"#include <{header}>\nint main() {{}}\n"
        command = ["g++", "-x", "c++", "-", "-o", os.devnull, f"-l{library}"]
        if subprocess.run(command, input=program, text=True, capture_output=True, env=environment()).returncode:
            missing.append((header, package))
    if missing:
        headers, packages = (" and ".join(names) for names in zip(*missing, strict=True))
        raise SimError(
            f"WAVES=1 needs {headers} and the library, which g++ does not find: install "
            f"{packages} (for instance with 'apt install {packages.replace(' and ', ' ')}'), or leave WAVES out"
        )
