"""The hardware's arithmetic on small data against scikit-learn's network: what is compared, and the report."""

import json

import pytest

from sw.app import small_data
from sw.app.small_data import compare, main
from sw.design.files import load


def test_both_learn(tmp_path, capsys):
    out = tmp_path / "small.json"
    assert main(["--data", "iris", "--seeds", "1", "--epochs", "30", "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert (report["design"], report["epochs"]) == ("digits", 30)
    (ours,), (theirs,) = (report["accuracy_percent"]["iris"][name] for name in ("golden", "mlp_classifier"))
    assert min(ours, theirs) > 80
    assert f"iris{ours:>30.1f}{theirs:>18.1f}{ours - theirs:>+12.1f}" in capsys.readouterr().out


def test_epochs_are_those_of_make_sim(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(small_data, "accuracy", lambda design, data, epochs: asked.append(epochs) or 1.0)
    assert main(["--data", "iris", "wine", "--seeds", "1", "--out", str(tmp_path / "small.json")]) == 0
    assert asked == [-(-30 * 1437 // 120), -(-30 * 1437 // 142)]
    assert json.loads((tmp_path / "small.json").read_text())["reasons"].keys() == {"epochs"}


def test_features_of_unlike_ranges_are_learnt():
    """Wine by one range for all features stays near 70 %, as most features become one or two steps of 255."""
    ((ours, _),) = compare(load("designs/digits.toml"), "wine", [1], 20)
    assert ours > 0.9


@pytest.mark.parametrize(("words", "message"), [
    (["--seeds", "0"], "--seeds must be at least 1, got 0"),
    (["--epochs", "0"], "--epochs must be at least 1, got 0"),
])
def test_wrong_options(words, message, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
