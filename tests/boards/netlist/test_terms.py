"""Names of nets in the project's own terms."""

import re

import pytest

from boards.netlist.terms import kind, name_of, term
from hw.circuit import circuit
from tests.boards.netlists import cell, netlist
from tests.hw.designs import make


@pytest.mark.parametrize(("name", "said"), [
    ("junction_1.update.difference_003[2]", "junction 1, update (hw/update.py): difference_003[2]"),
    ("junction_2.update_bias.load", "junction 2, update_bias (hw/update.py): load"),
    ("junction_2.left_delta.read__addr$3[2]", "junction 2, left_delta (hw/leftdelta.py): read__addr"),
    ("junction_1.lfsr_3.state[1]", "junction 1, lfsr 3 (hw/lfsr.py): state[1]"),
    ("junction_1.weights_2.0.3", "junction 1 (hw/junction.py): weights_2"),
    ("output.buffer.r_rdy", "output, buffer (hw/buffer.py): r_rdy"),
    ("config_port.request.junction", "config_port, request (hw/config.py): junction"),
    ("store.there[0]", "store (hw/serial/store.py): there[0]"),
    ("count_correct[3]", "accelerator (hw/accelerator.py): count_correct[3]"),
    ("$flatten\\junction_2.$337.genblk1.rows", "junction 2 (hw/junction.py): logic"),
    ("$auto$ff.cc:337:slice$9662", ""),
])
def test_names(name, said):
    assert term(name) == said


def test_lanes_and_bits_fall_together():
    assert kind("junction_1.update.difference_003[2]") == kind("junction_1.update.difference_017$4[11]")
    assert kind("junction_1.a") != kind("junction_1.b")


def test_a_cell_is_named_after_what_it_drives():
    known, unknown = cell("$1", "LUT1", I0=3, O=4), cell("$2", "LUT1", I0=4, O=5)
    memory = cell("rows.0.1", "RAM32M", DOA=6)
    found = netlist(known, unknown, memory, names={4: "left", 6: "data"})
    assert [name_of(one, found) for one in found.cells] == ["left", "$2", "rows.0.1"]


def test_every_unit_has_a_file():
    """No module of a design but a memory is taken for the accelerator itself, or for the junction around it."""
    design = make("small", (4, 4, 2), (2, 2), (4, 2), width=6, integer_bits=1, preactivation_integer_bits=1,
                  table_bits=4)  # fmt: skip
    modules = dict(re.findall(r"^module \\top\.(\S+)$(.*?)^end$", circuit(design), re.MULTILINE | re.DOTALL))
    units = [name for name, body in modules.items() if "  memory " not in body]
    assert len(units) >= 8
    for unit in units:
        said = term(f"{unit}.x")
        around = "accelerator" if "." not in unit else "junction" if unit.startswith("junction") else ""
        assert f"(hw/{around}.py)" not in said, said
