"""`make bitstream`: with the real tools for ECP5; with stand-ins that record, fail and hang for Vivado and open XC7."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from boards import bitstream, mapped, openxc7, vivado
from boards.bitstream import build
from boards.core import core
from boards.errors import BoardError
from boards.flow import JSON
from boards.known import BOARDS, board
from boards.mapped import check_clock
from boards.netlist.count import count
from boards.netlist.delays import delays
from boards.netlist.netlist import Cell, Netlist, read_netlist
from boards.netlist.risky import risky
from boards.netlist.timing import Path as Slow
from boards.netlist.timing import Timing
from boards.prepare import check_fits, prepare
from boards.report import Found
from boards.synth import Synthesis
from hw.circuit import converted
from sw.cost.mapping import resolve
from sw.design.files import load
from sw.design.hashes import circuit_hash
from tests.boards.cores import Blinker
from tests.hw.designs import quick

ARTY = board("arty")
PART = "xc7a35tcsg324-1"

# What a stand-in does: it keeps its arguments, then this.
NEXTPNR = """
case "$*" in *"--seed 1"*) mhz=60.1 ;; *) mhz=200.2 ;; esac
echo "Info: Max frequency for clock 'clk': 12.00 MHz (PASS)"
echo "Info: Max frequency for clock 'clk': $mhz MHz (PASS)"
echo fasm > top.fasm
"""
FRAMES, BIT = "echo frames", "echo bits > top.bit"
VIVADO = "echo 0.5 > slack.txt; echo bits > top.bit"
MAPPED = Found(count({}, "xc7"), {}, {}, Timing((), {}), 1.0, False, "0.70")
OPEN = {"nextpnr-xilinx": NEXTPNR, "fasm2frames": FRAMES, "xc7frames2bit": BIT}


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A PATH with nothing but what ``add(name, does)`` puts there; ``calls()``: the words of each call, in order."""

    class Tools:
        folder = tmp_path / "bin"

        def add(self, **programs: str) -> None:
            for name, does in programs.items():
                path = self.folder / name
                path.write_text(f'#!/bin/sh\necho "{name}" "$@" >> "{tmp_path}/calls"\n{does}\n')
                path.chmod(path.stat().st_mode | stat.S_IXUSR)

        def calls(self) -> list[list[str]]:
            path = tmp_path / "calls"
            return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

        def database(self) -> None:
            (tmp_path / "chips").mkdir()
            (tmp_path / "chips" / f"{PART}.bin").touch()
            part = tmp_path / "db" / "artix7" / PART
            part.mkdir(parents=True)
            (part / "part.yaml").touch()

    made = Tools()
    made.folder.mkdir()
    monkeypatch.setenv("PATH", f"{made.folder}:/usr/bin:/bin")
    monkeypatch.setenv(openxc7.CHIPDB, str(tmp_path / "chips"))
    monkeypatch.setenv(openxc7.DATABASE, str(tmp_path / "db"))
    monkeypatch.delenv(vivado.VARIABLE, raising=False)
    monkeypatch.setattr(vivado, "_PLACES", (str(tmp_path / "Xilinx"),))
    return made


def make(tmp_path: Path, target=ARTY, limit: float = 600.0, mhz: float = 80.0) -> dict:
    folder = tmp_path / "out" / "quick"
    folder.mkdir(parents=True, exist_ok=True)
    return build(quick(), target, folder, mhz, 1, limit, lambda *_: Blinker())


def test_ulx3s_with_the_real_tools(tmp_path):
    """A few hundred cells: the bitstream is there, the clock is the PLL's, and the report says so."""
    report = make(tmp_path, board("ulx3s"), mhz=60)
    written = (tmp_path / "out" / "quick.bit").read_bytes()
    assert written[:2] == b"\xff\x00"  # the comment that begins a bitstream of Lattice
    assert b"LFE5U-85F" in written
    assert report["clock_mhz"] == 60
    assert report["fmax_mhz"] > 60
    assert report["ebr"] == 2
    saved = json.loads((tmp_path / "out" / "quick" / "report.json").read_text())
    assert saved == report | {"reasons": saved["reasons"]}
    log = (tmp_path / "out" / "quick" / "nextpnr-1.log").read_text()
    assert "Derived frequency constraint of 60.0 MHz" in log


@pytest.mark.slow
def test_tiny_with_its_shell_for_ulx3s(tmp_path):
    target = board("ulx3s")
    folder = tmp_path / "tiny"
    folder.mkdir()
    report = build(load("designs/tiny.toml"), target, folder, target.mhz, 1, 3000)
    assert report["fmax_mhz"] >= report["clock_mhz"] == target.mhz


def test_vivado(tmp_path, tools, monkeypatch):
    tools.add(vivado=VIVADO)
    monkeypatch.setattr(bitstream, "map_board", lambda *_, **__: MAPPED)
    report = make(tmp_path)
    folder = tmp_path / "out" / "quick"
    assert (tmp_path / "out" / "quick.bit").read_text() == "bits\n"
    assert tools.calls() == ["vivado -mode batch -nojournal -log vivado-full.log -source vivado.tcl".split()]
    assert report["fmax_mhz"] == round(1000 / 12.0, 2)  # 12.5 ns less the slack
    assert report["seed"] is None
    script = (folder / "vivado.tcl").read_text()
    assert "synth_design -top top -part xc7a35ticsg324-1L" in script
    read = [line.split()[1] for line in script.splitlines() if line.startswith("read_")]
    assert all((folder / name).is_file() for name in read), read
    assert "module top(" in (folder / "top.v").read_text()


@pytest.mark.parametrize(("does", "said"), [
    ("echo 'INFO: a'; echo 'ERROR: [Place 30-1] no room'; exit 1", "vivado failed: ERROR: [Place 30-1] no room; see "),
    ("echo 0.5 > slack.txt", "Vivado must write top.bit, has not"),
    ("echo bits > top.bit", "Vivado must write slack.txt with a number, has not"),
    ("echo -2.5 > slack.txt; echo bits > top.bit",
     r"must run at 80 MHz, reached 66.67 MHz (Vivado, slack -2.5 ns): give MHZ=66"),
    ("sleep 60", "vivado must end within 1 s, has not"),
])
def test_vivado_that_fails(tmp_path, tools, monkeypatch, does, said):
    tools.add(vivado=does)
    monkeypatch.setattr(bitstream, "map_board", lambda *_, **__: MAPPED)
    with pytest.raises(BoardError) as caught:
        make(tmp_path, limit=1 if "sleep" in does else 600)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "quick.bit").exists()
    assert not (tmp_path / "out" / "quick" / "report.json").exists()


def test_vivado_where_it_is_installed(tmp_path, tools, monkeypatch):
    for version in ("2023.2", "2025.1"):
        folder = tmp_path / "Xilinx" / "Vivado" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "vivado").write_text("#!/bin/sh\n")
        (folder / "vivado").chmod(0o755)
    assert vivado.find().found["vivado"] == folder / "vivado"
    older = tmp_path / "Xilinx" / "Vivado" / "2023.2"
    monkeypatch.setenv(vivado.VARIABLE, str(older))
    assert vivado.find().found["vivado"] == older / "bin" / "vivado"
    monkeypatch.setenv(vivado.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(BoardError, match="CLASHFREE_VIVADO must name vivado"):
        vivado.find()


def test_open_tools(tmp_path, tools):
    """The first seed is too slow, the second is good; each program gets what it needs."""
    tools.database()
    tools.add(**OPEN)
    report = make(tmp_path)
    assert (tmp_path / "out" / "quick.bit").read_text() == "bits\n"
    first, second, frames, bits = tools.calls()
    assert first[: first.index("--seed")] == (
        f"nextpnr-xilinx --chipdb {tmp_path}/chips/{PART}.bin --xdc pins.xdc --json netlist.json --fasm top.fasm "
        "--freq 80".split()
    )
    assert second[second.index("--seed") + 1] == "2"
    assert frames == f"fasm2frames --part {PART} --db-root {tmp_path}/db/artix7 top.fasm".split()
    assert bits == (f"xc7frames2bit --part_file {tmp_path}/db/artix7/{PART}/part.yaml --part_name {PART} --frm_file "
                    "top.frames --output_file top.bit").split()  # fmt: skip
    folder = tmp_path / "out" / "quick"
    assert (folder / "top.frames").read_text() == "frames\n"
    assert (report["seed"], report["fmax_mhz"]) == (2, 200.2)
    assert "estimate" in report["fmax_source"]
    script = (folder / "open.sh").read_text()
    assert all(name in script for name in openxc7.PROGRAMS)
    netlist = read_netlist(folder / JSON)
    types = netlist.types()
    assert risky(netlist, ARTY.device) == []
    assert (types["RAMB18E1"], types["RAMB36E1"]) == (2, 0), "9 bits wide, and only in halves"
    assert types["PLLE2_ADV"] == 1
    assert types["IBUF"] == 2
    assert types["OBUF"] == 5


@pytest.mark.parametrize(("program", "does", "said"), [
    ("nextpnr-xilinx", "echo 'ERROR: no bels'; exit 1", "nextpnr-xilinx failed: ERROR: no bels; see "),
    ("nextpnr-xilinx", "echo fasm > top.fasm", "must say what clock it reached"),
    ("nextpnr-xilinx", NEXTPNR.replace("200.2", "70.5"), "at 80 MHz, reached 70.5 MHz (nextpnr-xilinx, seed 3)"),
    ("nextpnr-xilinx", "sleep 60", "nextpnr-xilinx must end within 1 s, has not"),
    ("fasm2frames", "echo 'KeyError: x' >&2; exit 1", "fasm2frames failed: KeyError: x; see "),
    ("xc7frames2bit", "exit 0", "xc7frames2bit must write top.bit, has not"),
])
def test_open_tools_that_fail(tmp_path, tools, monkeypatch, program, does, said):
    tools.database()
    tools.add(**(OPEN | {program: does}))
    monkeypatch.setattr(bitstream, "map_board", lambda *_, **__: MAPPED)  # all but the tools is tested above
    with pytest.raises(BoardError) as caught:
        make(tmp_path, limit=1 if "sleep" in does else 600)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "quick.bit").exists()
    if "sleep" in does:
        assert [call[call.index("--seed") + 1] for call in tools.calls()] == ["1", "2", "3"]


def test_no_tools(tmp_path, tools):
    """One line that says what was looked for and where; everything else is left ready."""
    tools.add(fasm2frames=FRAMES)
    with pytest.raises(BoardError) as caught:
        make(tmp_path)
    text = str(caught.value)
    assert "\n" not in text
    for what in ("vivado (looked in CLASHFREE_VIVADO, PATH, ", "nextpnr-xilinx, xc7frames2bit (looked in PATH)",
                 f"{PART}.bin (looked in {openxc7.CHIPDB}, ", "part.yaml (looked in ", "openXC7"):  # fmt: skip
        assert what in text
    folder = tmp_path / "out" / "quick"
    assert str(folder) in text
    left = {"top.v", "top.il", "pins.xdc", "vivado.xdc", "vivado.tcl", "open.sh", "synth.ys", "soft_mul.v",
            "memories_xc7.txt", "after_level.v"}  # fmt: skip
    assert {file.name for file in folder.iterdir()} == left
    assert tools.calls() == []


def test_a_mapping_that_goes_wrong_stops_the_open_flow(tmp_path, tools, monkeypatch):
    tools.database()
    tools.add(**OPEN)
    table = Cell("table", "RAMB36E1", {"READ_WIDTH_A": "1001"}, {}, frozenset())
    made = Synthesis(tmp_path, 1.0, False, "0.70")
    monkeypatch.setattr(mapped, "map_circuit", lambda *_, **__: made)
    monkeypatch.setattr(mapped, "read_netlist", lambda _: Netlist((table,)))
    with pytest.raises(BoardError, match="RAMB36E1 with a port of 1 or 9 bits: table: goes wrong in open place and"):
        make(tmp_path)
    assert tools.calls() == []


def test_what_does_not_fit_is_told_before_any_tool_starts(tmp_path, tools):
    tools.add(vivado=VIVADO)
    large = load("designs/mnist.toml")
    with pytest.raises(BoardError, match=r"mnist must fit Digilent Arty A7-35 \(XC7A35T\), needs about .* of 20,800"):
        build(large, ARTY, tmp_path, 80.0, 1, 60.0)
    assert tools.calls() == []
    check_fits(large, board("arty-100"))


def test_a_clock_that_is_too_high_is_told_before_place_and_route():
    """The estimate may be wrong, and then in favour of the design."""
    path = Slow(20.0, "start (FDRE.Q)", 0.5, (), "end (FDRE.D)")
    found = replace(MAPPED, timing=Timing((path,), {}))
    most = 50 * (1 + delays("xc7").error_percent / 100)
    check_clock(found, ARTY, most, "one")
    with pytest.raises(BoardError, match=r"one must run at .* MHz, .* to reach 50 .* 20.0 ns .*; give MHZ=50"):
        check_clock(found, ARTY, most + 1, "one")


def test_cells_that_do_not_fit_are_told_before_place_and_route():
    with pytest.raises(BoardError, match="needs 91 DSP blocks of 90"):
        mapped._check_room(replace(MAPPED, count=replace(MAPPED.count, dsp=91)), ARTY, "one")


def test_an_estimate_needs_no_tools(tmp_path, tools, monkeypatch, capsys):
    monkeypatch.setattr(bitstream, "map_board", lambda *_, **__: MAPPED)
    monkeypatch.setattr(bitstream, "core", lambda *_: Blinker())
    words = ["--board", "arty", "--design", "designs/tiny.toml", "--build", str(tmp_path), "--estimate"]
    assert bitstream.main(words) == 0
    assert "no bitstream, an estimate" in capsys.readouterr().out
    report = json.loads((tmp_path / "bitstream" / "arty" / "tiny" / "report.json").read_text())
    assert report["bitstream"] is None
    assert report["reasons"]["bitstream"] == "stopped before place and route"
    assert report["rates"]["peak"] == report["training_samples_per_second"] == int(1e6 * report["clock_mhz"] / 16)


def test_a_host_knows_it_by_the_hashes_of_the_file():
    """Where "auto" has become a number, too."""
    design = quick()
    built = resolve(design, board("ulx3s").device)
    assert built != design
    made = []

    def make_core():
        made.append(core(built, design, board("ulx3s"), 50_000_000, 8))
        return made[0]

    converted(make_core, "top")
    (shell,) = made
    assert shell.identity.circuit_hash.hex() == circuit_hash(design) != circuit_hash(built)
    assert shell.identity.board.rstrip(b"\0") == b"ulx3s"
    assert shell.identity.store_samples > 500
    assert shell.accelerator.design is built


def test_fewer_dsp_blocks_for_the_open_tools_on_the_small_die(tmp_path):
    design = load("designs/mnist-arty.toml")
    ready = prepare(design, ARTY, 80.0, tmp_path, lambda *_: Blinker())
    assert ready.open.design == replace(design, hardware=replace(design.hardware, multipliers=60))
    assert ready.full.design.hardware.multipliers != 60
    ready = prepare(design, board("arty-100"), 80.0, tmp_path, lambda *_: Blinker())
    assert ready.open is ready.full


@pytest.mark.parametrize("name", ["arty", "arty-100", "nexys4ddr"])
def test_parts(name):
    assert openxc7.part(board(name)) == {"arty": "xc7a35tcsg324-1"}.get(name, "xc7a100tcsg324-1")
    assert BOARDS[name].part.startswith(BOARDS[name].chip.lower())


@pytest.mark.parametrize(("words", "said"), [
    (["--board", "none"], "board must be one of arty, arty-100, nexys4ddr, ulx3s"),
    (["--design", "none.toml"], "there is no such file"),
    (["--mhz", "5"], "must be 10 to 400 MHz, got 5"),
    (["--mhz", "0"], "must be 10 to 400 MHz, got 0"),
    (["--mhz", "nan"], "must be 10 to 400 MHz, got nan"),
    (["--seed", "-1"], "SEED must be 0 to"),
])
def test_bad_options(tmp_path, capsys, words, said):
    assert bitstream.main(["--build", str(tmp_path), *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
