"""A build folder that cannot be written to is one line, in every command that works for long, before it does."""

import os
import time
from importlib import import_module

import pytest

from sw.common.atomic import check_folder
from sw.common.errors import FileError
from tests.environment.checkout import ROOT

TINY = str(ROOT / "designs" / "tiny.toml")
COMMANDS = [
    ("sim.__main__", ["--design", TINY]),
    ("sim.speed", ["--design", TINY]),
    ("hw.__main__", ["--design", TINY]),
    ("hw.ip", ["--design", TINY]),
    ("boards.synth", ["--design", TINY]),
    ("boards.bitstream", ["--design", TINY]),
    ("boards.calibrate", []),
    ("sw.app.accuracy", ["--design", TINY, "--seeds", "1"]),
    ("sw.app.cpu.__main__", ["--design", TINY]),
    ("sw.app.speed_morse", []),
    ("sw.app.speed_sparse", []),
    ("sw.sparse.__main__", ["train", "--design", TINY]),
    ("sw.experiments.__main__", ["density", "--dataset", "digits"]),
    ("sw.experiments.__main__", ["morse"]),
    ("tests.faults.__main__", []),
    ("tests.formal.__main__", []),
    ("tests.mutants.__main__", []),
    ("tests.sim.random_runs", []),
]
NEEDS = {"sim.__main__": "verilator", "sim.speed": "verilator", "tests.formal.__main__": "formal"}


@pytest.mark.parametrize(("module", "arguments"), [
    pytest.param(module, arguments, id=" ".join([module, *arguments[:1]]),
                 marks=getattr(pytest.mark, NEEDS[module]) if module in NEEDS else ())
    for module, arguments in COMMANDS
])
def test_build_is_a_file(module, arguments, tmp_path, monkeypatch, capsys):
    (tmp_path / "build").touch()
    main = import_module(module).main
    monkeypatch.chdir(tmp_path)
    begun = time.monotonic()
    assert main(arguments) == 2
    assert time.monotonic() - begun < 20  # the work takes minutes
    error = capsys.readouterr().err
    assert error.startswith("error: build")
    assert error.endswith(": the folder cannot be made: a file is in its place\n")
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


def test_a_folder_is_made_and_left_empty(tmp_path):
    check_folder(tmp_path / "a" / "b")
    check_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize(("number", "reason"), [
    (28, "No space left on device"), (30, "Read-only file system"), (13, "Permission denied"),
])
def test_a_folder_that_takes_nothing(tmp_path, monkeypatch, number, reason):
    def fails(path, content):
        path.touch()
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("pathlib.Path.write_bytes", fails)
    with pytest.raises(FileError) as caught:
        check_folder(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be written to: {reason}"
    assert list(tmp_path.iterdir()) == []
