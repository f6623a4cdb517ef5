"""The cost model against what synthesis has counted, kept here for designs that take minutes."""

import json
from pathlib import Path

import pytest

from boards import calibrate
from boards.calibrate import errors, main
from boards.known import board
from boards.sample import CALIBRATION, held_out_designs, sample
from sw.cost import cost as model
from sw.cost.coefficients import TABLE, present, read, values
from sw.cost.cost import cost
from sw.cost.devices import device
from sw.cost.logic import logic
from sw.cost.mapping import resolve
from sw.cost.units import Units
from tests.hw.designs import make

CHIP = board("arty-100").device
# what `python -m boards.calibrate --fit` counted, with yosys 0.70
COUNTED = json.loads(Path(__file__).with_name("counted.json").read_text())


@pytest.fixture(scope="module")
def held_out() -> list:
    return counted(held_out_designs())


def counted(designs) -> list:
    return [(resolve(design, CHIP), COUNTED[design.name]) for design in designs]


def worst(held_out, figure: str) -> float:
    return max(abs(errors(design, report, present())[figure][2]) for design, report in held_out)


def test_designs_that_were_counted(held_out):
    assert len(held_out) == 10
    for figure in ("multipliers", "dsp", "bram36", "lutram"):
        assert worst(held_out, figure) == 0, figure
    assert worst(held_out, "lut") <= 2.1  # as README.md and docs/architecture.md say
    assert worst(held_out, "ff") <= 1.6


@pytest.mark.parametrize("figure", ["lut", "ff"])
def test_a_unit_that_is_left_out_is_seen(held_out, monkeypatch, figure):
    def without_updates(design, coefficients):
        units = logic(design, coefficients)
        return Units(*({name: n for name, n in kind.items() if name != "updates"} for kind in (units.lut, units.ff)))

    monkeypatch.setattr(model, "logic", without_updates)
    assert worst(held_out, figure) > 10


def test_only_xc7_has_look_up_tables_and_flip_flops():
    design = make("small", (4, 4, 2), (2, 2), (4, 2))
    there, unknown = cost(design, CHIP), cost(design, device("ECP5-85F"))
    assert there.lut is not None
    assert there.lut == there.lut_logic + there.lutram
    assert unknown.lut is unknown.lut_logic is unknown.ff is None


def test_the_command(held_out, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrate, "held_out_designs", list)
    monkeypatch.setattr(calibrate, "_synthesised", lambda designs: held_out)
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert "sample-3" in shown
    assert shown.splitlines()[-1].startswith("largest")
    report = json.loads((tmp_path / "build/cost/report.json").read_text())
    assert report["designs"]["mnist-arty"]["lutram"] == [2452, 2452, 0]
    assert main(["--seeds", "7", "8"]) == 0
    assert (tmp_path / "build/cost/seeds-7-8.json").is_file()


@pytest.fixture
def table(monkeypatch, tmp_path):
    """A copy of the table, which the command writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrate, "TABLE", tmp_path / "table.toml")
    (tmp_path / "table.toml").write_bytes(TABLE.read_bytes())
    return tmp_path / "table.toml"


def test_the_fit_gives_the_table_again(held_out, monkeypatch, capsys, table):
    asked = []
    monkeypatch.setattr(calibrate, "held_out_designs", lambda: [design for design, _ in held_out])

    def synthesised(designs):
        asked.append([design.name for design in designs])
        return counted(designs)

    monkeypatch.setattr(calibrate, "_synthesised", synthesised)
    assert main(["--fit"]) == 0
    assert asked == [[f"sample-{seed}" for seed in CALIBRATION], [design.name for design, _ in held_out]]
    assert capsys.readouterr().out.splitlines()[0] == f"{table}: 0 of {len(read(TABLE))} coefficients changed"
    assert table.read_bytes() == TABLE.read_bytes()


def test_a_fit_to_others(held_out, monkeypatch, capsys, table):
    others = counted(sample(seed) for seed in CALIBRATION[:2])
    answers = [held_out, others]
    monkeypatch.setattr(calibrate, "_synthesised", lambda _: answers.pop(0))
    monkeypatch.setattr(calibrate, "held_out_designs", lambda: [design for design, _ in others])
    assert main(["--fit"]) == 0
    after = read(table)
    changed = [name for name, line in read(TABLE).items() if line != after[name]]
    assert "design_lut" in changed
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"{table}: {len(changed)} of {len(after)} coefficients changed"
    assert [line.split()[0] for line in shown[1 : len(changed) + 1]] == changed
    assert sum(line.startswith("largest") for line in shown) == 2
    report = json.loads((table.parent / "build/cost/fit.json").read_text())
    (mnist_arty,) = (one for one in held_out if one[0].name == "mnist-arty")
    assert report["fitted"]["mnist-arty"]["ff"] == list(errors(*mnist_arty, values(after))["ff"])
    assert list(report["held_out"]) == ["sample-100", "sample-101"]


def test_a_failed_check_of_a_netlist_leaves_the_table(monkeypatch, capsys, table):
    monkeypatch.setattr(calibrate, "synthesise", lambda *_: ({}, "", False))
    assert main(["--fit"]) == 2
    told = "error: sample-100: a check of its cells failed, see build/synth/arty-100/sample-100/report.json"
    assert capsys.readouterr().err.splitlines()[-1] == told
    assert table.read_bytes() == TABLE.read_bytes()


def test_a_table_that_is_not_sound_is_one_line(monkeypatch, capsys, table):
    table.write_text("")
    monkeypatch.setattr(calibrate, "_synthesised", lambda _: pytest.fail("nothing may be synthesised for it"))
    assert main(["--fit"]) == 2
    shown, told = capsys.readouterr()
    assert shown == ""
    assert told.startswith(f"error: {table}: the table needs all coefficients, design_lut, ")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("seeds", [("5", "4"), ("-1", "4")])
def test_seeds_in_the_wrong_order(seeds, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["--seeds", *seeds]) == 2
    shown, told = capsys.readouterr()
    assert shown == ""
    assert told.startswith("error: --seeds needs a first one of 0 or more")
    assert len(told.splitlines()) == 1
    assert not list(tmp_path.iterdir())
