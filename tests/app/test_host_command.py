"""The commands of the host, on the golden device: what they say, what they leave, and one line for what goes wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from sw.app.__main__ import main as app
from sw.app.host import commands
from sw.app.host.__main__ import main as host
from sw.app.links.device import GoldenDevice
from sw.app.links.golden import GoldenLink
from sw.design.files import load
from sw.design.states import load_state
from tests.host.terminal import Terminal, patient

ROOT = Path(__file__).parents[2]
TINY = ROOT / "designs" / "tiny.toml"
SMALL = ["--train", "120", "--test", "50"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """Where the commands write."""
    monkeypatch.setattr(commands, "FOLDER", tmp_path)
    return tmp_path / "tiny"


@pytest.fixture
def device(monkeypatch) -> GoldenDevice:
    """A device that stays on from one command to the next."""
    device = GoldenDevice(load(TINY), results=128)

    @contextmanager
    def keep(name: str, _design: object) -> Iterator[GoldenLink]:
        assert name == "board"
        yield GoldenLink(device)

    monkeypatch.setattr(commands, "open_link", keep)
    return device


def run(*words: str) -> int:
    return host([words[0], "--design", str(TINY), "--link", "golden", *words[1:]])


def test_train_and_infer(capsys, device, folder):
    assert host(["train", "--design", str(TINY), "--link", "board", *SMALL, "--compare", "--epochs", "2"]) == 0
    said = capsys.readouterr().out
    assert "self-test passed: " in said
    assert "every checkpoint's state is equal to the golden model's" in said
    report = json.loads((folder / "report.json").read_text())
    assert report["equal_to_golden_model"] is True
    assert (report["baud"], report["train"], report["order"]) == (12_000_000, 120, "file")
    accuracy = f"test accuracy {report['test_accuracy']:.2%}"
    assert accuracy in said
    kept = str(folder / "kept.npz")
    # the device has kept what it has learnt, and can give it away
    assert host(["infer", "--design", str(TINY), "--link", "board", *SMALL]) == 0
    assert accuracy in capsys.readouterr().out
    assert host(["weights", "--design", str(TINY), "--link", "board", "--save", kept]) == 0
    _, *state = load_state(kept)
    assert [a.tolist() for a in state[0]] == [a.tolist() for a in load_state(folder / "state.npz")[1]]
    device.reset()
    assert host(["weights", "--design", str(TINY), "--link", "board", "--load", kept]) == 0
    assert host(["infer", "--design", str(TINY), "--link", "board", *SMALL]) == 0
    assert accuracy in capsys.readouterr().out


def test_train_from_the_store(capsys, folder):
    assert run("train", *SMALL, "--store", "--bits", "4", "--order", "lfsr", "--compare", "--checkpoint", "50") == 0
    assert "120 training samples x 1 epochs in lfsr order" in capsys.readouterr().out
    report = json.loads((folder / "report.json").read_text())
    assert (report["store_bits"], report["train_accuracy_last_1000"]) == (4, None)


def test_status_and_self_test(capsys):
    assert run("status") == 0
    assert "design tiny: network " in capsys.readouterr().out
    assert run("self-test") == 0
    assert "self-test passed: " in capsys.readouterr().out
    assert app(["host", "status", "--design", str(TINY), "--link", "golden"]) == 0


def test_over_a_pseudo_terminal(capsys, monkeypatch):
    patient(monkeypatch)
    with Terminal(GoldenDevice(load(TINY))) as terminal:
        words = ["train", "--design", str(TINY), "--link", terminal.name, *SMALL, "--no-self-test", "--compare"]
        assert host(words) == 0
    said = capsys.readouterr().out
    assert f"{terminal.name}: golden at 100 MHz, design tiny, 3,000,000 baud" in said
    assert "equal to the golden model's" in said
    assert host(words) == 2
    assert capsys.readouterr().err.startswith(f"error: {terminal.name}: there is no such serial port")


@pytest.mark.parametrize(("words", "message"), [
    (["train", "--epochs", "0"], "epochs must be at least 1, got 0"),
    (["train", "--checkpoint", "-1"], "checkpoint must be at least 0, got -1"),
    (["train", "--store", "--order", "shuffle", *SMALL], "the sample store has the orders file and lfsr, got shuffle"),
    (["train", "--store"], "golden: 1,437 samples with features of 8 bits do not fit in the store, which holds "),
    (["train", "--state", "none.npz"], "none.npz: "),
    (["infer", "--rate", "5000000", *SMALL], "golden: 5,000,000 baud do not work; without --rate the fastest is found"),
    (["weights"], "one of the arguments --save --load is required"),
    (["weights", "--load", str(TINY)], f"{TINY}: "),
])
def test_one_line_for_what_goes_wrong(capsys, monkeypatch, folder, words, message):
    if "--rate" in words:
        monkeypatch.setattr(GoldenLink, "_same_rate", lambda self: self.rate != 5_000_000)
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
    assert not (folder / "report.json").exists()


def test_a_bitstream_of_another_design(capsys, device):
    other = ROOT / "designs" / "odd.toml"
    assert host(["infer", "--design", str(other), "--link", "board"]) == 2
    assert "board 'golden' has the bitstream of design 'tiny'" in capsys.readouterr().err
    assert host(["status", "--design", str(other), "--link", "board"]) == 0


def test_a_program_that_is_not_there(capsys):
    assert app(["nothing"]) == 2
    assert capsys.readouterr().err.startswith("error: the program must be host, ")


@pytest.mark.parametrize("package", ["cobs", "serial"])
def test_a_package_that_is_missing(capsys, monkeypatch, package):
    """The commands are imported only where what they raise is told."""

    def run(_: object) -> None:
        raise ModuleNotFoundError(name=package)

    monkeypatch.setitem(sys.modules, "sw.app.host.commands", SimpleNamespace(run=run))
    assert host(["status"]) == 2
    error = capsys.readouterr().err
    assert "'python3 -m sw.common.install host' installs" in error
    assert error.count("\n") == 1
