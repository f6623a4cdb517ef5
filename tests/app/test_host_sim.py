"""The host's command against the simulated board: the same frames through the simulated pins."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

import sim.serial.simulation
from sw.app.host import commands
from sw.app.host.__main__ import main as host
from sw.app.links import choice

pytestmark = pytest.mark.verilator

TINY = Path(__file__).parents[2] / "designs" / "tiny.toml"


def test_train_on_the_simulated_board(monkeypatch, capsys, tmp_path, build_cache):
    build = partial(sim.serial.simulation.build_shell, cache=build_cache)
    monkeypatch.setattr(sim.serial.simulation, "build_shell", build)
    monkeypatch.setattr(choice, "_SIM_STORE_BITS", 1 << 16)  # that of tests/sim/test_shell.py: one build
    monkeypatch.setattr(commands, "FOLDER", tmp_path)
    words = ["train", "--design", str(TINY), "--link", "sim", "--train", "60", "--test", "20", "--checkpoint", "40"]
    assert host([*words, "--compare"]) == 0
    assert "every checkpoint's state is equal to the golden model's" in capsys.readouterr().out
    report = json.loads((tmp_path / "tiny" / "report.json").read_text())
    assert (report["equal_to_golden_model"], report["slots_of_this_run"], report["baud"]) == (True, 60, 115_200)
    first = report["state_hash"]
    # from the store, with the same samples in the same order: the same bits
    assert host([*words, "--store"]) == 0
    assert json.loads((tmp_path / "tiny" / "report.json").read_text())["state_hash"] == first
