"""The cost model against what synthesis has counted, kept here for designs that take minutes."""

import json

import pytest

from boards import calibrate
from boards.calibrate import errors, main
from boards.known import board
from boards.netlist.expected import resolve
from boards.sample import held_out_designs
from sw.cost import cost as model
from sw.cost.cost import cost
from sw.cost.devices import device
from sw.cost.flip_flops import flip_flops
from sw.cost.look_up_tables import look_up_tables
from tests.hw.designs import make

CHIP = board("arty-100").device
# counted by `python -m boards.calibrate`, yosys 0.70
COUNTED = {
    "tiny": {"multipliers": {"in_dsp": 57}, "dsp": 57, "bram36": 1.5, "lutram": 848, "lut": 3037, "ff": 3810},
    "digits": {"multipliers": {"in_dsp": 226}, "dsp": 226, "bram36": 4, "lutram": 2604, "lut": 9055, "ff": 11967},
    "odd": {"multipliers": {"in_dsp": 79}, "dsp": 79, "bram36": 4, "lutram": 1512, "lut": 4817, "ff": 6281},
    "mnist-arty": {"multipliers": {"in_dsp": 89}, "dsp": 89, "bram36": 19.5, "lutram": 2452, "lut": 6329, "ff": 5342},
    "mnist": {
        "multipliers": {"in_dsp": 240, "in_lut": 114},
        "dsp": 240, "bram36": 68.5, "lutram": 3748, "lut": 26182, "ff": 22494,
    },
    "sample-0": {"multipliers": {"in_dsp": 44}, "dsp": 44, "bram36": 0.5, "lutram": 660, "lut": 2023, "ff": 2719},
    "sample-1": {"multipliers": {"in_dsp": 40}, "dsp": 40, "bram36": 1.5, "lutram": 720, "lut": 3298, "ff": 2979},
    "sample-2": {"multipliers": {"in_dsp": 21}, "dsp": 21, "bram36": 8, "lutram": 252, "lut": 1660, "ff": 2022},
    "sample-3": {"multipliers": {"in_dsp": 24}, "dsp": 24, "bram36": 3.5, "lutram": 352, "lut": 1531, "ff": 1967},
    "sample-4": {"multipliers": {"in_dsp": 137}, "dsp": 137, "bram36": 2, "lutram": 1376, "lut": 4890, "ff": 6229},
}  # fmt: skip


@pytest.fixture(scope="module")
def held_out() -> list:
    return [(resolve(design, CHIP), COUNTED[design.name]) for design in held_out_designs()]


def worst(held_out, figure: str) -> float:
    return max(abs(errors(design, report)[figure][2]) for design, report in held_out)


def test_the_ten_designs(held_out):
    assert len(held_out) == 10
    for figure in ("multipliers", "dsp", "bram36", "lutram"):
        assert worst(held_out, figure) == 0, figure
    assert worst(held_out, "lut") <= 10
    assert worst(held_out, "ff") <= 10


@pytest.mark.parametrize(("figure", "count"), [("lut", look_up_tables), ("ff", flip_flops)])
def test_a_unit_that_is_left_out_is_seen(held_out, monkeypatch, figure, count):
    def without_updates(design):
        return {name: amount for name, amount in count(design).items() if name != "updates"}

    monkeypatch.setattr(model, count.__name__, without_updates)
    assert worst(held_out, figure) > 10


def test_every_unit_of_the_widest_variety_counts():
    design = make("varied", (16, 8, 4), (4, 2), (8, 4), activation=("relu", "sigmoid"), dither=True)
    for units in (look_up_tables(design), flip_flops(design)):
        assert all(amount >= 0 for amount in units.values())
        assert {"updates", "sums", "left deltas", "crossbars", "results", "configuration port"} <= set(units)


def test_only_xc7_has_look_up_tables_and_flip_flops():
    design = make("small", (4, 4, 2), (2, 2), (4, 2))
    there, unknown = cost(design, CHIP), cost(design, device("ECP5-85F"))
    assert there.lut is not None
    assert there.lut == there.lut_logic + there.lutram
    assert unknown.lut is unknown.lut_logic is unknown.ff is None


def test_the_command(held_out, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrate, "held_out_designs", list)
    monkeypatch.setattr(calibrate, "_synthesised", lambda designs: held_out[5:7])
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert "sample-1" in shown
    assert shown.splitlines()[-1].startswith("largest")
    report = json.loads((tmp_path / "build/cost/report.json").read_text())
    assert report["designs"]["sample-0"]["lutram"] == [660, 660, 0]
    assert main(["--seeds", "7", "8"]) == 0
    assert (tmp_path / "build/cost/seeds-7-8.json").is_file()


@pytest.mark.parametrize("seeds", [("5", "4"), ("-1", "4")])
def test_seeds_in_the_wrong_order(seeds, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["--seeds", *seeds]) == 2
    shown, told = capsys.readouterr()
    assert shown == ""
    assert told.startswith("error: --seeds needs a first one of 0 or more")
    assert len(told.splitlines()) == 1
    assert not list(tmp_path.iterdir())
