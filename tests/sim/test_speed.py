"""Parts of `make bench` and of the reports that need no simulator."""

import json

import numpy as np
import pytest

from sim import speed
from sim.errors import SimError
from sw.common.report import write_report
from sw.golden.plain import PlainJunction
from tests.sim.designs import tiny


def test_the_plain_model_is_measured_only_where_it_agrees(monkeypatch):
    rng = np.random.Generator(np.random.PCG64(1))
    given = rng.integers(0, 256, (5, 14), dtype=np.uint8), rng.integers(0, 3, 5), rng.integers(0, 6, 5)
    assert speed._plain(tiny(), *given) > 0
    monkeypatch.setattr(PlainJunction, "f", lambda self, s: 1)
    with pytest.raises(SimError, match=r"^plain model and golden model differ on tiny, in the first 5 samples$"):
        speed._plain(tiny(), *given)


def test_wrong_input_is_one_line_and_leaves_no_report(tmp_path, capsys):
    report = tmp_path / "bench" / "report.json"
    report.parent.mkdir()
    report.write_text("{}")
    assert speed.main(["--design", "nothing.toml", "--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: nothing.toml: there is no such file\n"
    assert not report.exists()
    assert speed.main(["--train", "1", "--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: train must be at least 2, got 1\n"


def test_a_null_figure_needs_a_reason(tmp_path):
    path = tmp_path / "a" / "report.json"
    with pytest.raises(ValueError, match="needs a reason: accuracy"):
        write_report(path, {"accuracy": None}, {})
    assert not path.exists()
    write_report(path, {"accuracy": None, "samples": 3}, {"accuracy": "no samples", "samples": "unused"})
    assert json.loads(path.read_text()) == {"accuracy": None, "samples": 3, "reasons": {"accuracy": "no samples"}}
