"""Verilog to an executable, kept by what it was made from.

Two ways: the best code for long runs (a minute or two for a big design), or the quickest build, which reuses
the parts that do not depend on the design and takes several designs at once.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import SimError
from sim.toolchain import Verilator, find_verilator, verilate
from sw.common.cache import cached
from sw.common.tool import run_tool

__all__ = ["CACHE", "LIBRARY", "Built", "build_batch", "build_harness", "digest", "quick_build"]

CACHE = Path("build/verilator")
_HERE = Path(__file__).resolve().parent
LIBRARY = ("verilated.cpp", "verilated_threads.cpp")
_SOURCES = ("harness.cpp", "model.cpp", "model.h")

# no warning is waived: what the linter may not say of a file is in the file's first lines
_TRANSLATE = ["-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert"]
# small files: all cores share the work, and the compiler's effort, which grows faster than a file, stays low
_BEST_TRANSLATE = [*_TRANSLATE, "--output-split", "5000"]
_BEST_COMPILE = ["-O3", "-march=native", "-std=gnu++17"]
_QUICK_TRANSLATE = [*_TRANSLATE, "--output-split", "0"]
_QUICK_COMPILE = ["-O0", "-std=gnu++17"]
_DEFINES = ["VERILATOR=1", "VM_COVERAGE=0", "VM_SC=0", "VM_TIMING=0", "VM_TRACE_VCD=0"]


@dataclass(frozen=True)
class Built:
    """An executable, the hash of all that it was made from, the seconds it took now (0.0 when it was there)."""

    executable: Path
    key: str
    seconds: float
    verilator: Verilator


def build_harness(verilog: Path, *, cache: Path = CACHE, fast: bool = False) -> Built:
    """The harness of a Verilog file with module ``top``.

    Raises
    ------
    SimError : no usable Verilator, or the build failed.
    """
    if fast:
        return build_batch([verilog], cache=cache)
    verilator = find_verilator()
    key = digest(verilator, [*_BEST_TRANSLATE, *_BEST_COMPILE], [verilog, *(_HERE / name for name in _SOURCES)])

    def best(folder: Path) -> Path:
        return verilate(
            [verilog],
            "top",
            folder,
            cflags=_BEST_COMPILE,
            extra_args=_BEST_TRANSLATE,
            exe=[_HERE / "harness.cpp", _HERE / "model.cpp"],
            verilator=verilator,
        )

    return _timed(cache / key, best, verilator)


def build_batch(verilogs: Sequence[Path], *, cache: Path = CACHE) -> Built:
    """The harness with a model of each Verilog file, numbered as they come: the quickest build per design.

    The compiler's start, the headers and the linker cost as much as a small design, and are paid once.
    Raises SimError as `build_harness`.
    """
    verilator = find_verilator()
    flags = [*_QUICK_TRANSLATE, *_QUICK_COMPILE]
    key = digest(verilator, flags, [*verilogs, *(_HERE / name for name in _SOURCES)])
    models = {f"Vtop{number}": [verilog] for number, verilog in enumerate(verilogs)}
    bound = ", ".join(f"bind<{name}>" for name in models)
    main = f'#define MODELS {bound}\n#include "{_HERE / "model.cpp"}"\n'

    def quick(folder: Path) -> Path:
        shared = [verilator.root / "include" / name for name in LIBRARY] + [_HERE / "harness.cpp"]
        return quick_build(models, main, folder, cache, verilator, shared)

    return _timed(cache / key, quick, verilator)


def _timed(folder: Path, make: Callable[[Path], Path], verilator: Verilator) -> Built:
    started = time.perf_counter()
    folder, made = cached(folder, make)
    return Built(folder / "Vtop", folder.name, time.perf_counter() - started if made else 0.0, verilator)


def digest(verilator: Verilator, flags: Sequence[str], files: Sequence[Path]) -> str:
    """Hash of a Verilator, its flags and the contents of files."""
    key = hashlib.sha256(repr((str(verilator), list(flags))).encode())
    for file in files:
        key.update(hashlib.sha256(file.read_bytes()).digest())
    return key.hexdigest()[:20]


def quick_build(
    models: Mapping[str, Sequence[Path]],
    main: str,
    work: Path,
    cache: Path,
    verilator: Verilator,
    shared: Sequence[Path],
    *,
    translate: Sequence[str] = (),
    link: Sequence[str] = (),
    options: Sequence[str] = (),
    waves: bool = False,
) -> Path:
    """``Vtop`` in ``work``: one C++ file of all models and ``main``, against a precompiled header and objects.

    ``models``: the sources of each, by the name of its C++ class. ``main``: C++ text that follows them. ``shared``:
    C++ files that do not depend on the design; built once per ``cache``. ``translate``, ``link``, ``options``: further
    ones of Verilator, the linker and the compiler. ``waves``: with FST output, which needs zlib and lz4.
    """
    if waves:
        shared = [*shared, verilator.root / "include" / "verilated_fst_c.cpp"]
        translate, link = [*translate, "--trace-fst"], [*link, "-llz4", "-lz"]
    compile_ = [*_compile_options(verilator, waves), *options]
    runtime = _runtime(cache, verilator, shared, compile_)
    parts, compile_ = [], [*compile_, "-include", str(runtime / "pre.h")]
    for name, sources in models.items():
        out = (work / f"model_{name}").resolve()  # not the executable's own name
        command = [_translator(verilator), "--cc", "--top-module", "top", "--prefix", name, "--Mdir", str(out)]
        _run([*command, *_QUICK_TRANSLATE, *translate, *(str(file.resolve()) for file in sources)], work, verilator)
        parts += sorted(out.glob(f"{name}*.cpp"))
        compile_.append(f"-I{out}")
    # each model's header insists on being the only one that is precompiled; none of them is here
    (work / "whole.cpp").write_text("".join(f'#undef VL_PCH_INCLUDED\n#include "{part}"\n' for part in parts) + main)
    _run(["g++", *compile_, "-c", "whole.cpp", "-o", "whole.o"], work, verilator)
    objects = [str(file) for file in sorted(runtime.glob("*.o"))]
    _run(["g++", "-o", "Vtop", "whole.o", *objects, "-pthread", *link], work, verilator)
    return work / "Vtop"


def _translator(verilator: Verilator) -> str:
    """The program itself where it is beside the script that starts it, which takes as long as a tiny design."""
    program = verilator.executable.with_name("verilator_bin")
    return str(program if program.is_file() else verilator.executable)


def _runtime(cache: Path, verilator: Verilator, shared: Sequence[Path], options: Sequence[str]) -> Path:
    """Folder with what the quick builds of one kind share: objects and a precompiled header."""
    key = digest(verilator, options, [*shared, _HERE / "model.h"])
    folder = (cache / f"runtime-{key}").resolve()
    if folder.is_dir():
        return folder
    work = folder.with_name(f"{folder.name}.work-{os.getpid()}")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "pre.h").write_text('#include "verilated.h"\n')
    try:
        _run(["g++", *options, "-x", "c++-header", "pre.h", "-o", "pre.h.gch"], work, verilator)
        for source in shared:
            # optimised: these are built once and run in every design
            _run(["g++", *options, "-O2", "-c", str(source), "-o", f"{source.stem}.o"], work, verilator)
    except KeyboardInterrupt:
        shutil.rmtree(work, ignore_errors=True)
        raise
    try:
        work.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(work)
    return folder


def _compile_options(verilator: Verilator, waves: bool) -> list[str]:
    include = verilator.root / "include"
    paths = [f"-I{path}" for path in (include, include / "vltstd", _HERE)]
    defines = [*_DEFINES, f"VM_TRACE={int(waves)}", f"VM_TRACE_FST={int(waves)}"]
    return [*_QUICK_COMPILE, "-faligned-new", *paths, *(f"-D{define}" for define in defines)]


def _run(command: list[str], folder: Path, verilator: Verilator) -> None:
    log = folder / "build.log"
    with log.open("a") as sink:
        sink.write(" ".join(command) + "\n")
        sink.flush()
        code = run_tool(command, cwd=folder, env=dict(verilator.env), stdout=sink, stderr=sink).returncode
    if code != 0:
        lines = log.read_text(errors="replace").splitlines()
        signs = ("%Warning", "%Error", "error:", "undefined reference")
        first = next((line for line in lines if any(sign in line for sign in signs)), lines[-1])
        raise SimError(
            f"building the harness failed: {command[0]} ended with status {code}: {first.strip()} (log: {log})",
            detail="\n".join(lines[-15:]),
        )
