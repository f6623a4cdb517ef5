"""A machine of states with a register for each."""

import pytest
from amaranth import ClockDomain, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.serial.states import STEP, States
from tests.hw.play import play, simulate


class Machine(wiring.Component):
    def __init__(self):
        super().__init__({"go": In(1), "back": In(1), "one": Out(1), "two": Out(1), "three": Out(1), "beats": Out(4)})

    def elaborate(self, platform):
        m = Module()
        states = States(m, ("ONE", "TWO", "THREE"))
        with states.at("ONE", self.go):
            states.go("TWO")
        with states.at("TWO"):
            m.d.sync += self.beats.eq(self.beats + 1)
        with states.at("TWO", self.back):
            states.go("ONE")
        with states.at("TWO", ~self.back & self.go):
            states.go("THREE")
        with states.at("TWO", ~self.back & ~self.go):
            states.go("TWO")
        with states.at("THREE"):
            states.go("ONE")
        m.d.comb += [self.one.eq(states.now("ONE")), self.two.eq(states.now("TWO")), self.three.eq(states.now("THREE"))]
        return m


def seen(steps: list[dict]) -> tuple[list[list[str]], list[int]]:
    """In each clock the states that the machine is in; its beats."""
    found = play(Machine(), steps, ["one", "two", "three", "beats"])
    order = [[name for name in ("one", "two", "three") if found[name][i]] for i in range(len(steps))]
    return order, found["beats"].tolist()


def test_one_state_is_high_and_it_is_the_right_one():
    steps = [(0, 0), (1, 0), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1), (0, 0)]
    order, beats = seen([{"go": go, "back": back} for go, back in steps for _ in range(STEP)])
    assert order[::STEP] == [["one"], ["one"], ["two"], ["two"], ["one"], ["two"], ["three"], ["one"]]
    assert beats[::STEP] == [0, 0, 0, 1, 2, 2, 3, 3]


def test_a_step_ends_with_its_last_clock_and_asks_in_the_one_before():
    for clock in range(STEP):
        order, _ = seen([{"go": i == clock} for i in range(2 * STEP)])
        assert order == [["one"]] * STEP + [["two"] if clock == STEP - 2 else ["one"]] * STEP


@pytest.mark.parametrize("clock", range(STEP, 3 * STEP))
def test_a_reset_of_one_clock_begins_anew_whenever_it_comes(clock):
    dut, domain, seen_one = Machine(), ClockDomain("sync"), []

    async def testbench(context):
        for i in range(5 * STEP):
            context.set(dut.go, i < STEP)
            context.set(domain.rst, i == clock)
            _, _, one = await context.tick().sample(dut.one)
            seen_one.append(one)
        assert context.get(dut.beats) == 0

    simulate(dut, testbench, domain=domain)
    assert seen_one[: STEP + 1] == [1] * STEP + [0]
    assert seen_one[clock + 2 :] == [1] * len(seen_one[clock + 2 :])
