"""Yosys in a process of its own: its output comes back, its messages only when it fails."""

import pytest

from hw import yosys
from sw.design.errors import DesignError

SOURCE = "module top(input a, output y); assign y = ~a; endmodule\n"
PASSES = ["read_verilog top.v", "write_json out.json"]


def test_output_comes_back_and_nothing_is_printed(capfd):
    assert '"$not"' in yosys.run(PASSES, inputs={"top.v": SOURCE}, output="out.json")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("passes", "message"),
    [
        (["read_verilog none.v"], r"^yosys ended with status 1: ERROR: .*none\.v"),
        (["read_verilog top.v", "frobnicate"], r"^yosys ended with status 1: .*frobnicate"),
        (["read_verilog top.v", "hierarchy -check -top absent"], r"^yosys ended with status 1: .*absent"),
        (PASSES[:1], r"^yosys ended with status 0.*"),
    ],
)
def test_a_failure_is_one_line(capfd, passes, message):
    with pytest.raises(yosys.YosysError, match=message) as raised:
        yosys.run(passes, inputs={"top.v": SOURCE}, output="out.json")
    assert "\n" not in str(raised.value)
    assert isinstance(raised.value, DesignError)
    assert capfd.readouterr() == ("", "")
