"""The C++ of the golden model as a library: made once, whole, for this compiler and processor; errors are one line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sw.common.errors import FileError
from sw.common.process import environment
from sw.golden.errors import GoldenError
from sw.golden.library import library

SOURCE = 'extern "C" int answer() { return 42; }\n'


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "small.cpp"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """A g++ that counts its builds in a file, and whose processor a file names."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "g++").write_text(
        f"#!/bin/sh\ncase \"$*\" in *-###*) cat '{folder}/processor';; "
        f"*) echo >> '{folder}/builds'; sleep 0.3; exec {shutil.which('g++')} \"$@\";; esac\n"
    )
    (folder / "g++").chmod(0o755)
    (folder / "processor").write_text("one")
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.environ["PATH"]]))
    return folder


def builds(compiler: Path) -> int:
    return len((compiler / "builds").read_text().splitlines())


def folders(cache: Path) -> list[Path]:
    return [path for path in cache.iterdir() if path.is_dir()]


def test_built_once_and_kept(source, compiler, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    assert library(source, cache).answer() == 42
    monkeypatch.setattr("sw.golden.library.check_folder", lambda folder: pytest.fail("nothing is to be written"))
    assert library(source, cache).answer() == 42
    assert builds(compiler) == 1
    (found,) = folders(cache)
    assert sorted(path.name for path in found.iterdir()) == ["g++.log", "small.so"]


def test_another_source_or_processor_is_another_library(source, compiler, tmp_path):
    cache = tmp_path / "cache"
    library(source, cache)
    source.write_text(SOURCE.replace("42", "43"))
    assert library(source, cache).answer() == 43
    (compiler / "processor").write_text("two")
    assert library(source, cache).answer() == 43
    assert (builds(compiler), len(folders(cache))) == (3, 3)


def test_processes_at_the_same_time_build_once(source, compiler, tmp_path):
    text = f"""
from pathlib import Path
from sw.golden.library import library
print(library(Path({str(source)!r}), Path({str(tmp_path / "cache")!r})).answer())
"""
    running = [
        subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, env=environment())
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in running] == ["42\n"] * 3
    assert (builds(compiler), len(folders(tmp_path / "cache"))) == (1, 1)


def test_no_compiler(source, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GoldenError) as caught:
        library(source, tmp_path / "cache")
    assert str(caught.value) == (
        "g++ not found on PATH; the compiled golden model needs it: install it (for instance 'apt install g++')"
    )
    assert not (tmp_path / "cache").exists()


def test_a_source_that_does_not_compile(source, tmp_path):
    cache = tmp_path / "cache"
    source.write_text("int answer() { return forty_two; }\n")
    with pytest.raises(GoldenError) as caught:
        library(source, cache)
    assert re.fullmatch(r"g\+\+ ended with status 1 on small.cpp: .*error: .*forty_two.*", str(caught.value))
    assert "forty_two" in caught.value.detail
    source.write_text(SOURCE)
    assert library(source, cache).answer() == 42


def test_a_compiler_that_fails_in_silence(source, compiler, tmp_path):
    (compiler / "g++").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(GoldenError, match=r"^g\+\+ ended with status 3 on small.cpp: it said nothing$"):
        library(source, tmp_path / "cache")


def test_a_damaged_library(source, tmp_path):
    cache = tmp_path / "cache"
    library(source, cache)
    (found,) = folders(cache)
    copy = tmp_path / "copy" / found.name
    copy.mkdir(parents=True)
    (copy / "small.so").write_bytes(b"\x7fELF")
    with pytest.raises(GoldenError) as caught:
        library(source, tmp_path / "copy")
    assert str(caught.value).startswith(f"{copy}: the library cannot be loaded, remove the folder: ")
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_to(source, tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(FileError, match=r"cache: the folder cannot be made: a file is in its place$"):
        library(source, tmp_path / "cache")
