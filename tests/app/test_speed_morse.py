"""The Morse part of `make bench`: its plain loops draw and measure the same, and its report."""

import json

import numpy as np
import pytest

from sw.app import plain_morse
from sw.app import speed_morse as bench_morse
from sw.morse.generator import generate
from sw.morse.settings import MorseError
from sw.morse.variants import VARIANTS


@pytest.mark.parametrize("name", ["baseline", "difficult"])
def test_the_plain_loop_draws_the_same_data(name):
    """Mean of each class and feature, to five standard errors of the difference."""
    settings = VARIANTS[name].settings
    x, y = plain_morse.samples(settings, 60, 1)
    ours, labels = generate(settings, per_class=60, seed=2, form="units")
    assert (x.shape, y.shape, set(y.sum(axis=0))) == (ours.shape, (3840, 64), {60})
    for label in range(64):
        one, other = x[y[:, label] == 1], ours[labels == label].astype(np.float64)
        error = np.sqrt((one.var(axis=0) + other.var(axis=0)) / 60)
        assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) < 5.5 * error + 0.02).all()


def test_other_data_would_be_found():
    x = plain_morse.samples(VARIANTS["difficult"].settings, 60, 1)[0]
    ours = generate(VARIANTS["both-noise-3"].settings, per_class=60, seed=2, form="units")[0]
    assert abs(x.mean() - ours.mean()) > 0.01


def test_plain_and_vectorised_metrics_must_agree():
    x, y = plain_morse.samples(VARIANTS["difficult"].settings, 20, 1)
    plain = plain_morse.metrics(x, y)
    bench_morse.check(plain, x, y)
    with pytest.raises(MorseError, match="plain loop and metrics must agree"):
        bench_morse.check((plain[0] * 1.0001, *plain[1:]), x, y)


def test_report(tmp_path, capsys):
    assert bench_morse.main(["--train", "50", "--variant", "noise-2", "--build", str(tmp_path)]) == 0
    figures = json.loads((tmp_path / "bench" / "morse.json").read_text())
    assert (figures["dataset"], figures["samples"]) == ("noise-2", 64 * 70)
    for name in ("generation", "saving", "metrics"):
        assert figures[f"plain_per_{name}"] > 1
    assert 20 < figures["peak_megabytes"] < 2000
    assert 0.7 < figures["v_upper"] < 1.3
    assert "4,480 Morse samples, noise-2" in capsys.readouterr().out


def test_wrong_input_leaves_no_report(tmp_path, capsys):
    report = tmp_path / "bench" / "morse.json"
    report.parent.mkdir()
    report.write_text("{}")
    assert bench_morse.main(["--train", "49", "--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: train must be at least 50, got 49\n"
    assert bench_morse.main(["--variant", "hard", "--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: variant must be one of baseline, ")
    assert not report.exists()
