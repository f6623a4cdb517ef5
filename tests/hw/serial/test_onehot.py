"""A machine of states with a register for each."""

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.serial.onehot import OneHot
from tests.hw.play import play


class Machine(wiring.Component):
    def __init__(self):
        super().__init__({"go": In(1), "back": In(1), "one": Out(1), "two": Out(1), "three": Out(1), "beats": Out(4)})

    def elaborate(self, platform):
        m = Module()
        states = OneHot(m, "ONE")
        with states.at("ONE"), m.If(self.go):
            states.go("TWO")
        with states.at("TWO"):
            m.d.sync += self.beats.eq(self.beats + 1)
            with m.If(self.back):
                states.go("ONE")
            with m.Elif(self.go):
                states.go("THREE")
            with m.Else():
                states.go("TWO")
        with states.at("THREE"):
            states.go("ONE")
        m.d.comb += [self.one.eq(states.now("ONE")), self.two.eq(states.now("TWO")), self.three.eq(states.now("THREE"))]
        return m


def test_one_state_is_high_and_it_is_the_right_one():
    steps = [(0, 0), (1, 0), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1), (0, 0)]
    seen = play(Machine(), [{"go": go, "back": back} for go, back in steps], ["one", "two", "three", "beats"])
    order = [[name for name in ("one", "two", "three") if seen[name][i]] for i in range(len(steps))]
    assert order == [["one"], ["one"], ["two"], ["two"], ["one"], ["two"], ["three"], ["one"]]
    assert seen["beats"].tolist() == [0, 0, 0, 1, 2, 2, 3, 3]
