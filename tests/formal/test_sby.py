# amaranth: UnusedElaboratable=no

"""The runner itself: verdicts on a counter, what fails is named, and no verdict is never taken for one."""

import subprocess
import sys
from pathlib import Path

import pytest
from amaranth.hdl import Assert, Cover, Elaboratable, Module, Mux, Signal

from tests.formal import __main__ as command
from tests.formal import sby
from tests.formal.monitors import within
from tests.formal.sby import FormalError, run

ROOT = Path(__file__).parents[2]


class Counter(Elaboratable):
    """Counts to 5 and back to 0, in clocks in which it may; said to be below ``limit``."""

    def __init__(self, limit: int):
        self.limit = limit
        self.may = Signal()
        self.inputs = [self.may]

    def elaborate(self, platform):
        m = Module()
        count, odd = Signal(4), Signal()
        with m.If(self.may):
            m.d.sync += [count.eq(Mux(count == 5, 0, count + 1)), odd.eq(~odd)]
        m.d.comb += [
            Assert(odd == count[0], "odd, as the count is"),
            Assert(count < self.limit, "below the limit"),
            Cover(count == self.limit - 1, "the limit"),
        ]
        within(m, "not odd for long", odd & self.may, 1)
        return m


@pytest.mark.formal
def test_what_holds_is_proven(tmp_path):
    assert run(Counter(6), tmp_path / "pdr", mode="prove", engine="abc pdr").holds
    assert run(Counter(6), tmp_path / "induction", mode="prove", engine="smtbmc yices", depth=12).holds


@pytest.mark.formal
@pytest.mark.parametrize(("engine", "mode"), [("abc pdr", "prove"), ("smtbmc yices", "bmc"), ("abc bmc3", "bmc")])
def test_what_fails_is_named_after_its_message(engine, mode, tmp_path):
    verdict = run(Counter(5), tmp_path / "run", mode=mode, engine=engine, depth=12)
    assert (verdict.holds, verdict.labels) == (False, ("below the limit",))


@pytest.mark.formal
def test_a_bound_is_a_bound_and_a_cover_not_reached_is_named(tmp_path):
    assert run(Counter(5), tmp_path / "bound", mode="bmc", engine="abc bmc3", depth=4).holds
    verdict = run(Counter(9), tmp_path / "cover", mode="cover", engine="smtbmc yices", depth=12)
    assert (verdict.holds, verdict.labels) == (False, ("the limit",))


@pytest.mark.formal
def test_who_waits_too_long_is_named(tmp_path):
    class Waits(Counter):
        def elaborate(self, platform):
            m = super().elaborate(platform)
            within(m, "it may in time", ~self.may, 3)
            return m

    verdict = run(Waits(6), tmp_path / "run", mode="bmc", engine="abc bmc3", depth=12)
    assert (verdict.holds, verdict.labels) == (False, ("it may in time",))
    assert run(Waits(6), tmp_path / "short", mode="bmc", engine="abc bmc3", depth=4).holds


@pytest.mark.formal
def test_no_verdict_is_an_error(tmp_path):
    # one clock back does not show why the limit holds
    with pytest.raises(FormalError, match="status UNKNOWN"):
        run(Counter(8), tmp_path / "induction", mode="prove", engine="smtbmc yices", depth=1)
    with pytest.raises(FormalError, match="ERROR: Invalid ABC command nonsense"):
        run(Counter(6), tmp_path / "engine", mode="prove", engine="abc nonsense")


def test_tools_that_are_missing_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sby, "_tools", lambda: {"yowasp-sby": "/bin/true", "yices-smt2": None, "yosys-abc": None})
    text = "formal proofs need yices-smt2, yosys-abc: install requirements/formal.txt"
    with pytest.raises(FormalError) as error:
        run(Counter(6), tmp_path / "a", mode="prove", engine="abc pdr")
    assert str(error.value) == text
    monkeypatch.setattr(command, "missing", sby.missing)
    assert command.main(["--folder", str(tmp_path / "b")]) == 2
    assert capsys.readouterr().err == f"error: {text}\n"
    assert not (tmp_path / "b").exists()


def test_the_command_refuses_a_name_that_is_not_there(capsys):
    assert command.main(["--only", "nonsense"]) == 2
    assert capsys.readouterr().err.startswith("error: --only must be part of a name, got 'nonsense'; the names are: ")


@pytest.mark.formal
def test_the_command_prints_and_writes_its_table(tmp_path):
    folder = tmp_path / "formal"
    done = subprocess.run(
        [sys.executable, "-m", "tests.formal", "--only", "ready", "--folder", folder],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "caught: a beat is taken exactly when it is used" in done.stdout
    assert '"right": true' in (folder / "report.json").read_text()
