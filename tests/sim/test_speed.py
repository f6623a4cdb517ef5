"""Parts of `make bench` and of the reports that need no simulator."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sim.errors import SimError
from sim.plain import PlainNetwork
from sim.speed import main
from sw.common.report import write_report
from sw.design.settings import Arithmetic
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork
from tests.sim.designs import tiny


@pytest.mark.parametrize("cost", ["cross_entropy", "quadratic"])
def test_the_plain_model_is_the_golden_model(cost):
    design = tiny(network=replace(tiny().network, cost=cost))
    rng = np.random.Generator(np.random.PCG64(1))
    count = 60
    features = rng.integers(0, 256, (count, 14), dtype=np.uint8)
    labels, shifts = rng.integers(0, 3, count), rng.integers(0, 6, count)
    plain, golden = PlainNetwork(design), GoldenNetwork(design)
    outputs = [plain.train(features[n], int(labels[n]), int(shifts[n])) for n in range(count)]
    assert (golden.run(Slots.train(features, labels, shifts)).activations == outputs).all()
    state = golden.state()
    for name in ("weights", "biases"):
        for ours, theirs in zip(getattr(plain, name), getattr(state, name), strict=True):
            assert ours == theirs.tolist()


def test_the_plain_model_refuses_what_it_cannot_do():
    with pytest.raises(SimError, match="tiny must have sigmoid activations and rounding to nearest"):
        PlainNetwork(tiny(arithmetic=Arithmetic(rounding="stochastic")))


def test_wrong_input_is_one_line_and_leaves_no_report(tmp_path, capsys):
    report = tmp_path / "bench" / "report.json"
    report.parent.mkdir()
    report.write_text("{}")
    assert main(["--design", "nothing.toml", "--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: nothing.toml: there is no such file\n"
    assert not report.exists()
    assert main(["--train", "1", "--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: train must be at least 2, got 1\n"


def test_a_null_figure_needs_a_reason(tmp_path):
    path = tmp_path / "a" / "report.json"
    with pytest.raises(ValueError, match="needs a reason: accuracy"):
        write_report(path, {"accuracy": None}, {})
    assert not path.exists()
    write_report(path, {"accuracy": None, "samples": 3}, {"accuracy": "no samples", "samples": "unused"})
    assert json.loads(path.read_text()) == {"accuracy": None, "samples": 3, "reasons": {"accuracy": "no samples"}}
