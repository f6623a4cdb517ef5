"""The delays of wires, fitted to what was placed and routed."""

import json
import math
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from boards import calibrate_timing
from boards.calibrate_timing import Entry, entry_of, errors, fit, main, read, unseen
from boards.netlist.delays import TABLE, Delays, Wire, delays
from tests.boards.netlists import register

TRUE = Delays({}, wire=0.9, load=0.2, power=0.0, growth=0.25, block=0.8, margin=1.0, near=0.1)


def planted(number: int, table: Delays = TRUE) -> Entry:
    """A random design that took just as long as ``table`` says."""
    rng = np.random.Generator(np.random.PCG64(number))

    def path() -> tuple[float, tuple[Wire, ...]]:
        wires = [Wire(int(2 ** rng.integers(0, 10)), int(rng.integers(0, 3))) for _ in range(int(rng.integers(1, 6)))]
        return float(rng.uniform(1, 6)), (*wires, Wire(1, near=True))

    paths = tuple(path() for _ in range(4))
    entry = Entry(f"design {number}", "ecp5", "planted", int(rng.integers(1000, 40_000)), 1.0, False, paths)
    return replace(entry, ns=entry.says(table))


def test_what_was_planted_is_found():
    entries = [planted(number) for number in range(30)]
    found = fit(entries, TRUE)
    assert max(map(abs, errors(entries, found).values())) < 2
    assert found.wire == pytest.approx(TRUE.wire, rel=0.25)
    assert found.growth == pytest.approx(TRUE.growth, abs=0.05)


def test_entries_that_are_held_out_have_no_part():
    entries = [planted(number) for number in range(12)]
    strange = replace(planted(99), ns=200.0, held_out=True)
    assert fit([*entries, strange], TRUE) == fit(entries, TRUE)
    assert unseen([*entries, strange], TRUE) == errors([strange], TRUE)
    assert unseen([*entries, strange], TRUE)["design 99"] > 100
    # without any, each is told by the others: one that does not belong there stands out
    wrong = [*entries[1:], replace(entries[0], ns=2 * entries[0].ns)]
    told = unseen(wrong, TRUE)
    assert max(told, key=lambda name: abs(told[name])) == entries[0].name


def test_a_line_keeps_an_entry(tmp_path):
    entry = replace(planted(1), paths=((1.25, (Wire(3, 1), Wire(1, near=True))),))
    path = tmp_path / "measured.jsonl"
    path.write_text(entry.line() + "\n")
    assert read(path) == [entry]


def test_the_table_that_is_kept():
    """What delays.toml says of its own error is what the entries show, and the issue's limit holds."""
    entries = read()
    assert len({entry.name for entry in entries}) == len(entries)
    for family in ("ecp5", "xc7"):
        group = [entry for entry in entries if entry.family == family]
        off = errors([entry for entry in group if entry.held_out or family == "ecp5"], delays(family))
        assert max(map(abs, off.values())) <= delays(family).error_percent


@pytest.fixture
def routed(tmp_path):
    """A folder as make synth ROUTE=1 leaves it, of two flip-flops."""
    pins = {"CLK": "input", "DI": "input", "Q": "output"}
    cells = {
        name: {"type": "TRELLIS_FF", "port_directions": pins, "connections": {"CLK": [2], "DI": [d], "Q": [q]}}
        for name, d, q in (("a", 4, 3), ("b", 3, 4))
    }
    (tmp_path / "netlist.json").write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
    for seed, mhz in ((1, 400), (2, 500)):
        (tmp_path / f"route-{seed}.json").write_text(json.dumps({"report": {"fmax": {"clk": {"achieved": mhz}}}}))
    return tmp_path


def test_the_command(routed, tmp_path, monkeypatch, capsys):
    measured, table = tmp_path / "measured.jsonl", tmp_path / "delays.toml"
    measured.write_text("".join(planted(number).line() + "\n" for number in range(8)))
    table.write_text(TABLE.read_text())
    monkeypatch.setattr(calibrate_timing, "MEASURED", measured)
    monkeypatch.setattr(calibrate_timing, "TABLE", table)
    assert main(["--add", str(routed), "--name", "two", "--source", "here"]) == 0
    assert "two " in capsys.readouterr().out
    made = read(measured)[-1]
    assert (made.name, made.ns, made.source) == ("two", 2.25, "here; 2 seeds")
    assert made.says(delays("ecp5")) == pytest.approx(
        delays("ecp5").cell("flip-flop clock") + delays("ecp5").wire_ns(Wire(1), 0) + delays("ecp5").margin, abs=0.002
    )
    assert main(["--fit"]) == 0
    before, after = tomllib.loads(TABLE.read_text()), tomllib.loads(table.read_text())
    assert before["xc7"] == after["xc7"]
    assert before["ecp5"]["cells"] == after["ecp5"]["cells"]
    assert before["ecp5"]["wire"] != after["ecp5"]["wire"]
    assert after["ecp5"]["error_percent"] == math.ceil(after["ecp5"]["error_percent"])
    (routed / "route-1.json").unlink()
    (routed / "route-2.json").unlink()
    assert main(["--add", str(routed), "--name", "two", "--source", "here"]) == 2
    assert "must have a route-<seed>.json" in capsys.readouterr().err
    assert main(["--add", str(routed)]) == 2
    assert capsys.readouterr().err == "error: --add needs --name and --source\n"


def test_an_entry_keeps_the_paths_that_may_be_the_slowest(tmp_path):
    """With other coefficients another path is the slowest, and the entry still says what the netlist would."""
    pins = {"CLK": "input", "DI": "input", "Q": "output"}
    ffs = {register(q): ("TRELLIS_FF", pins, {"CLK": [2], "DI": [d], "Q": [q]})
           for d, q in ((30, 10), (31, 11), *((11, n) for n in range(40, 60)))}  # fmt: skip
    wires = {"A": "input", "Z": "output"}
    luts = {f"l{z}": ("LUT4", wires, {"A": [a], "Z": [z]}) for a, z in ((10, 20), (20, 21), (21, 30), (11, 31))}
    cells = {
        name: {"type": kind, "port_directions": way, "connections": bits}
        for name, (kind, way, bits) in (ffs | luts).items()
    }
    path = tmp_path / "netlist.json"
    path.write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
    entry = entry_of(path, "ecp5", 5.0, name="n", source="s", held_out=False)
    now = delays("ecp5")
    deep, wide = replace(now, wire=9.0, load=0.0), replace(now, wire=0.0, load=9.0)
    many = math.log(21) * 9 * (entry.luts / 10_000) ** now.growth
    assert entry.says(wide) == pytest.approx(0.525 + now.margin + 0.236 + now.near + many, abs=0.01)
    each = 9.0 * max(1.0, entry.luts) ** now.growth / 10_000**now.growth
    assert entry.says(deep) == pytest.approx(0.525 + 3 * 0.236 + 3 * each + now.near + now.margin, abs=0.01)
