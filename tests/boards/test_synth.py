"""`make synth` from the design file to the report."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from boards import synth
from boards.known import BOARDS
from boards.netlist.expected import expected
from boards.report import Found, figures, summary
from boards.synth import main
from sw.cost.devices import device
from sw.cost.mapping import resolve
from sw.design.files import save
from tests.hw.designs import make

# the cheapest that has everything but block RAM, whose mapping takes long; four multipliers in DSP blocks
SMALL = make("small", (4, 4, 2), (2, 2), (4, 2), width=6, integer_bits=1, preactivation_integer_bits=1, table_bits=4)
SMALL = replace(SMALL, hardware=replace(SMALL.hardware, multipliers=4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("synth")
    save(SMALL, folder / "small.toml")
    return folder


@pytest.fixture
def run(folder, capsys):
    def run(*options: str) -> tuple[int, str, str]:
        status = main(["--design", str(folder / "small.toml"), "--build", str(folder / "build"), *options])
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize(("name", "block"), [("arty", "bram36"), ("ulx3s", "ebr")])
def test_a_small_design(run, folder, name, block):
    status, shown, told = run("--board", name)
    assert status == 0, shown + told
    made = folder / "build" / "synth" / name / "small"
    assert {path.name for path in made.iterdir()} == {
        "report.json", "synth.log", "synthesis.json", "netlist.json", "netlist.v",
    }  # fmt: skip
    report = json.loads((made / "report.json").read_text())
    chip = device(report["device"])
    assert report["limits"] == {"lut": chip.lut, "ff": chip.ff, "dsp": chip.dsp, block: chip.memory_blocks}
    assert report["lut"] == report["lut_logic"] + report["lutram"] + report["srl"]
    assert report["percent"]["lut"] == round(100 * report["lut"] / chip.lut, 1)
    wanted = expected(resolve(SMALL, chip), chip, "")
    assert (report["dsp"], report["lutram"], report[block]) == (wanted.dsp, wanted.lutram, wanted.block)
    assert report["multipliers"] == {"in_dsp": 4, "in_lut": 12}
    assert report["fits"] is True
    assert set(report["checks"].values()) == {"passed"}
    assert 20 < report["fmax_mhz"] == report["fmax_estimate_mhz"] < 400
    assert re.fullmatch(r"estimate before place and route, \+- \d+ %", report["fmax_source"])
    assert report["training_samples_per_second"] == round(1e6 * report["fmax_mhz"] / report["clocks_per_sample"])
    assert report["slowest_paths"][0]["ns"] == pytest.approx(1000 / report["fmax_mhz"], rel=0.01)
    assert report["route"] is None
    assert report["reasons"]["route"] == "not placed and routed"
    assert report["synthesis_cached"] is False
    text = (made / "netlist.v").read_text()
    assert text.count("\nmodule ") == 1
    assert "(*" not in text
    assert f"{report['lut']:,}" in shown
    assert "checks of the mapped cells passed" in shown
    assert "slowest path" in shown

    # an unchanged design is not synthesised twice
    before = (made / "netlist.json").stat().st_mtime_ns
    status, again, _ = run("--board", name)
    assert (status, again.splitlines()[:-1]) == (0, shown.splitlines()[:-1])
    assert (made / "netlist.json").stat().st_mtime_ns == before
    cached = json.loads((made / "report.json").read_text())
    assert cached["synthesis_cached"] is True
    assert cached["synthesis_seconds"] == report["synthesis_seconds"]


def test_a_failed_check_is_reported(run, folder, monkeypatch):
    # the netlist of the test before, of which now more DSP blocks are expected
    more = lambda *args: replace(expected(*args), dsp=5)  # noqa: E731
    monkeypatch.setattr(synth, "expected", more)
    status, shown, _ = run("--board", "arty")
    assert status == 1
    assert "CHECK FAILED, DSP blocks: there must be 5 DSP blocks, there are 4" in shown
    report = json.loads((folder / "build" / "synth" / "arty" / "small" / "report.json").read_text())
    assert report["checks"]["DSP blocks"] == "there must be 5 DSP blocks, there are 4"


def test_errors_are_one_line(run, folder, capsys):
    told = 'error: board must be one of arty, arty-100, nexys4ddr, ulx3s, got "nothing"\n'
    assert run("--board", "nothing") == (2, "", told)
    assert main(["--board", "arty", "--design", "nothing.toml"]) == 2
    assert capsys.readouterr().err == "error: nothing.toml: there is no such file\n"


def test_nothing_of_an_earlier_run_stays_after_a_failure(run, folder):
    status, _, told = run("--board", "arty-100", "--limit", "0.01")
    made = folder / "build" / "synth" / "arty-100" / "small"
    assert (status, told) == (2, f"error: yosys must end within 0 s, was still at start; see {made / 'synth.log'}\n")
    assert [path.name for path in made.iterdir()] == ["synth.log"]


def test_what_does_not_fit_and_what_was_estimated(folder):
    found = Found(
        count=synth.count({"LUT2": 110, "FDRE": 10, "RAMB18E1": 3}, "xc7"), cells={}, checks={}, timing=None,
        seconds=1.0, cached=False, yosys="0.70",
    )
    board = BOARDS["arty"]
    estimate = {"lut": 121, "ff": 10, "bram36": 1.0, "dsp": 0, "lutram": 1}
    report, _ = figures(board, SMALL, found, estimate)
    assert report["fits"] is True
    assert report["fmax_mhz"] is None
    # counted as nothing: no percentage can say how much too high one is
    assert report["estimate_error_percent"] == {"lut": 10.0, "ff": 0.0, "bram36": -33.33, "dsp": 0.0, "lutram": None}
    small = replace(found, count=replace(found.count, dsp=91))
    report, _ = figures(board, SMALL, small, {})
    assert report["fits"] is False
    assert report["percent"]["dsp"] == 101.1
    assert "91 of       90   101.1 %  does not fit" in summary(board, SMALL, report, small)
