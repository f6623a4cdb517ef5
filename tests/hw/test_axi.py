"""The accelerator behind AXI ports: bit for bit the golden model, whatever pauses are on whichever channel."""

import numpy as np
import pytest

from hw.axi import AxiAccelerator, stream_bits
from hw.circuit import converted
from hw.verilog import verilog
from sim.testbench.plan import Plan, mixed_slots, start_state
from sim.testbench.runner import BenchFailed, build_bench, run_bench
from sw.design.files import load
from sw.design.registers import REGISTERS
from tests.hw.designs import quick

CHANNELS = {
    "s_axis_slots": ("tdata", "tlast", "tvalid", "tready"),
    "m_axis_results": ("tdata", "tlast", "tvalid", "tready"),
    "s_axil": ("awaddr", "awvalid", "awready", "wdata", "wstrb", "wvalid", "wready", "bresp", "bvalid", "bready",
               "araddr", "arvalid", "arready", "rdata", "rresp", "rvalid", "rready"),
}
PINS = ["aclk", "aresetn", *(f"{port}_{name}" for port, names in CHANNELS.items() for name in names)]
SLOTS = 24
TINY = load("designs/tiny.toml")


@pytest.fixture(scope="module")
def text():
    return verilog(converted(lambda: AxiAccelerator(TINY), "top"))


def run(design, text, cache, folder, chance):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "top.v").write_text(text)
    rng = np.random.Generator(np.random.PCG64(5))
    inputs, classes = design.network.inputs, design.network.classes
    features = rng.integers(0, 256, (SLOTS, inputs), np.uint8)
    slots = mixed_slots(design, features, rng.integers(0, classes, SLOTS), SLOTS, seed=3)
    start, report = start_state(design), folder / "report.json"
    plan = Plan(design, start, slots, SLOTS // 2, chance, seed=7, ports=folder / "ports.json", report=report)
    built = build_bench(folder / "top.v", cache=cache, visible=PINS)
    return run_bench(built, plan, folder, module="tests.hw.axi_bench").report


@pytest.mark.verilator
@pytest.mark.parametrize("chance", [0.0, 0.4])
def test_every_bit_is_the_golden_models(text, build_cache, tmp_path, chance):
    report = run(TINY, text, build_cache, tmp_path, chance)
    assert report["results"] >= SLOTS // 2
    assert report["values_compared"] > 0


@pytest.mark.verilator
@pytest.mark.slow
@pytest.mark.parametrize(("true", "planted"), [
    (".wready(s_axil_wready),", ".wready(),"),  # the master's write data are never taken
    ("assign m_axis_results_tlast = results__payload[", "assign m_axis_results_tlast = ~results__payload["),
    (".rdata(s_axil_rdata),", ".rdata(s_axil_rdata[30:0]),"),
])
def test_a_fault_is_seen(build_cache, tmp_path, true, planted):
    text = verilog(converted(lambda: AxiAccelerator(quick()), "top"))
    assert text.count(true) == 1
    with pytest.raises(BenchFailed):
        run(quick(), text.replace(true, planted), build_cache, tmp_path, 0.4)


def test_registers_do_not_overlap():
    offsets = [register.offset for register in REGISTERS.values()]
    assert len(set(offsets)) == len(offsets)
    assert all(offset % 4 == 0 and 0 <= offset < 0x7C for offset in offsets)


@pytest.mark.parametrize(("payload", "bits"), [(1, 8), (8, 8), (42, 48), (256, 256), (257, 264)])
def test_whole_bytes(payload, bits):
    assert stream_bits(payload) == bits
