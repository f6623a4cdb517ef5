"""Rules that hold for the whole source: every main is a `command`, every program starts in a clean environment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment.checkout import ROOT

FOLDERS = ("sw", "hw", "sim", "boards", "tests")
# This one is started by hw.yosys, which tells of what it does.
INNER = {"hw/yosys_steps.py"}
# Only chooses between the mains of two others.
CHOOSES = {"sw/search.py"}
STARTS = {"run", "Popen", "call", "check_call", "check_output"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def mains(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")


def decorated(main: ast.FunctionDef) -> bool:
    return any(ast.unparse(one) == "command" or ast.unparse(one).startswith("partial(command, ")
               for one in main.decorator_list)


def runs(tree: ast.Module) -> bool:
    """Whether `python -m` of the module does something."""
    return any(isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" for node in tree.body)


def bare_starts(tree: ast.Module) -> list[int]:
    """Lines on which a program is started in the environment that happens to be there."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call)
            and ast.unparse(node.func).removeprefix("subprocess.") in STARTS
            and ast.unparse(node.func).startswith("subprocess.")
            and not any(keyword.arg in ("env", None) for keyword in node.keywords)]


def test_every_main_is_a_command():
    found = {name: [decorated(main) for main in mains(tree)] for name, tree in sources() if name not in INNER}
    assert [name for name, ok in found.items() if not all(ok)] == []
    assert sum(map(len, found.values())) >= 20


def test_every_program_has_a_main():
    programs = {name for name, tree in sources() if runs(tree)} - CHOOSES
    assert [name for name, tree in sources() if name in programs and not list(mains(tree))] == []
    assert len(programs) >= 20


def test_every_package_begins_in_a_clean_environment():
    for folder in FOLDERS:
        first = next(node for node in ast.parse((ROOT / folder / "__init__.py").read_text()).body
                     if not isinstance(node, ast.Expr))
        assert ast.unparse(first) == "from sw.common import process", folder


def test_every_program_starts_in_a_clean_environment():
    product = [(name, tree) for name, tree in sources() if not Path(name).name.startswith("test_")]
    found = {name: bare_starts(tree) for name, tree in product if name != "tests/environment/checkout.py"}
    # Python itself, before anything is installed: it reads nothing of the environment (-I)
    found["sw/common/install.py"] = found["sw/common/install.py"][1:]
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(("text", "bare"), [
    ("subprocess.run(['g++'])", [1]), ("subprocess.run(['g++'], env=environment())", []),
    ("x = 1\nsubprocess.Popen(a, cwd=b)", [2]), ("subprocess.run(a, **how)", []),
])
def test_a_planted_start(text, bare):
    assert bare_starts(ast.parse(text)) == bare


@pytest.mark.parametrize(("text", "ok"), [
    ("def main(): pass", False), ("@command\ndef main(a): pass", True), ("@other\ndef main(a): pass", False),
    ("@partial(command, stopped='x')\ndef main(a): pass", True),
])
def test_a_planted_main(text, ok):
    assert [decorated(main) for main in mains(ast.parse(text))] == [ok]
