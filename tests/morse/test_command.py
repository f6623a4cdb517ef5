"""`python -m sw.morse`: what each command prints and writes, and one line for every bad input."""

import json
import sys

import numpy as np
import pytest

from sw.data.load import load_raw
from sw.morse.__main__ import main
from sw.morse.archive import recipe_of
from sw.morse.generator import generate
from sw.morse.metrics import difficulty
from sw.morse.moments import Moments
from sw.morse.settings import MorseSettings
from sw.morse.variants import FAMILIES, VARIANTS

SMALL = ["--train", "20", "--validation", "0", "--test", "5"]


def run(capsys, *words):
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    return captured.out


def test_list(capsys):
    lines = run(capsys, "list").splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(VARIANTS)
    assert [line.partition(":")[0] for line in lines if not line.startswith("  ")] == list(FAMILIES)
    found = json.loads(run(capsys, "list", "--json"))
    assert {one["name"] for one in found} == set(VARIANTS)
    assert found[1]["settings"]["noise_sd"] == 4.0


def test_make(tmp_path, capsys):
    path = tmp_path / "d.npz"
    out = run(capsys, "make", "difficult", "--out", path, "--seed", 5, "--form", "bytes", *SMALL)
    assert out.startswith(f"{path}: 1,600 samples of 64 features, 64 classes, ")
    with np.load(path) as found:
        assert set(found.files) == {"xtr", "ytr", "xte", "yte", "recipe"}
        x, y = generate(VARIANTS["difficult"].settings, per_class=20, seed=5)
        np.testing.assert_array_equal(found["xtr"], x)
        np.testing.assert_array_equal(found["ytr"], y)


def test_make_takes_the_variant_s_size(tmp_path, capsys):
    run(capsys, "make", "size-50", "--out", tmp_path / "s.npz", "--validation", 1, "--test", 1)
    recipe = recipe_of(tmp_path / "s.npz")
    assert (recipe.train, recipe.validation, recipe.test, recipe.name) == (50, 1, 1, "size-50")


@pytest.mark.parametrize(("words", "knobs"), [
    (["--set", "noise_sd=2.5", "dash=3-7", "leading_spaces=yes", "frame=80"],
     {"noise_sd": 2.5, "dash": (3, 7), "leading_spaces": True, "frame": 80}),
    (["--set", "style=binary", "--set", "flips=3"], {"style": "binary", "flips": 3}),
    (["--symbols", "T", "E", ",", "1"], {"classes": (49, 34, 13, 16)}),
    (["--ratio", "4", "--jitter", "0", "--set", "frame=68"],
     {"dot": (2, 2), "dash": (8, 8), "space": (2, 2), "frame": 68}),
])
def test_make_with_knobs(words, knobs, tmp_path, capsys):
    out = json.loads(run(capsys, "make", "baseline", "--out", tmp_path / "m.npz", "--json", *words, *SMALL))
    assert recipe_of(tmp_path / "m.npz").settings == MorseSettings(**knobs)
    assert out["samples"] == 25 * len(MorseSettings(**knobs).class_indices)
    assert out["recipe"]["seed"] == 1
    assert set(out["checksums"]) == {"xtr", "ytr", "xte", "yte", "recipe"}


def test_metrics(tmp_path, capsys):
    path = tmp_path / "d.npz"
    run(capsys, "make", "difficult", "--out", path, *SMALL)
    with np.load(path) as found:
        x, y = (np.concatenate([found[f"{kind}tr"], found[f"{kind}te"]]) for kind in "xy")
    for words, script in (([], False), (["--script-definition"], True)):
        expected = difficulty(Moments.of([(x.astype(np.float64), y)]), script=script)
        found = json.loads(run(capsys, "metrics", path, "--json", *words))
        for name in ("v_lower", "v_upper", "v_dist", "v_thresh"):
            assert found[name] == pytest.approx(getattr(expected, name), rel=0.03)  # 8 bits
        assert (found["samples"], found["reasons"]) == (1600, {})
    lines = run(capsys, "metrics", path, "--without", 10, 1).splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["V_lower", "V_upper", "V_dist", "V_thresh"]
    assert lines[4] == "1,550 samples, 62 classes, 64 features; as defined"


def test_metrics_of_equal_centroids(tmp_path, capsys):
    x = np.array([[0, 1], [1, 0], [1, 0], [0, 1]], np.uint8)
    np.savez(tmp_path / "e.npz", xtr=x, ytr=np.eye(2)[[0, 0, 1, 1]], xte=x[:0], yte=np.zeros((0, 2)))
    found = json.loads(run(capsys, "metrics", tmp_path / "e.npz", "--json"))
    assert (found["v_dist"], found["v_lower"], found["identical"]) == (None, 0.5, [0, 1])
    assert found["reasons"]["v_dist"].startswith("infinite")
    assert "V_dist    infinite" in run(capsys, "metrics", tmp_path / "e.npz")


def test_metrics_of_features_as_floats(capsys):
    found = {choice: json.loads(run(capsys, "metrics", "sklearn:wine", "--features", choice, "--json"))
             for choice in ("raw", "unit", "standardised")}
    assert all(one["features_as"] == choice for choice, one in found.items())
    assert json.loads(run(capsys, "metrics", "sklearn:wine", "--json"))["v_lower"] == found["raw"]["v_lower"]
    # one feature of 13 has nearly all the variance as they are
    assert found["raw"]["v_upper"] > 2 * found["standardised"]["v_upper"]
    assert run(capsys, "metrics", "sklearn:wine", "--features", "unit").endswith(
        "\nof unit features: 0 to 1 by the feature scaling, neither rounded nor clipped\n")
    data = load_raw("sklearn:wine")
    x = np.concatenate([data.features["xtr"], data.features["xte"]])
    x = (x - data.features["xtr"].mean(axis=0)) / data.features["xtr"].std(axis=0)
    by_hand = difficulty(Moments.of([(x, np.concatenate([data.labels["ytr"], data.labels["yte"]]))]))
    assert found["standardised"]["v_dist"] == pytest.approx(by_hand.v_dist, rel=1e-5)


def test_equal_centroids_are_told_by_name(tmp_path, capsys):
    np.savez(tmp_path / "e.npz", xtr=np.array([[0.0], [0.0], [1.0]]), ytr=["dot", "dash", "gap"],
             xte=np.zeros((0, 1)), yte=np.zeros(0, "<U4"))
    assert "equal centroids: classes 0 (dash), 1 (dot); V_dist" in run(capsys, "metrics", tmp_path / "e.npz")


def test_metrics_of_the_digits(capsys):
    found = json.loads(run(capsys, "metrics", "digits", "--json"))
    assert (found["classes"], found["features"], found["samples"]) == (10, 64, 1797)
    assert 0 < found["v_lower"] < 0.5


@pytest.mark.parametrize(("words", "message"), [
    (["make", "hard", "--out", "{}"], "variant must be one of baseline, difficult, "),
    (["make", "baseline", "--out", "{}", "--train", "0"], "train must be a whole number of at least 1, got 0\n"),
    (["make", "baseline", "--out", "{}", "--seed", "-1"], "seed must be a whole number of at least 0, got -1\n"),
    (["make", "baseline", "--out", "{}", "--set", "noise=1"], "set must be KNOB=VALUE with a knob of frame, "),
    (["make", "baseline", "--out", "{}", "--set", "noise_sd"], "set must be KNOB=VALUE with a knob of frame, "),
    (["make", "baseline", "--out", "{}", "--set", "noise_sd=loud"], "noise_sd must be a number, got 'loud'\n"),
    (["make", "baseline", "--out", "{}", "--set", "dash=4"], "dash must be two whole numbers, as 4-9, got '4'\n"),
    (["make", "baseline", "--out", "{}", "--set", "leading_spaces=1"],
     "leading_spaces must be yes or no, got '1'\n"),
    (["make", "baseline", "--out", "{}", "--set", "frame=40"],
     "frame must hold the longest codeword: symbol ! (-.-.--) takes up to 57 positions, got frame 40\n"),
    (["make", "baseline", "--out", "{}", "--symbols", "A", "a"], "symbols must be names of the codebook (J^ "),
    (["make", "baseline", "--out", "{}", "--jitter", "1"], "jitter must be at least 0 and below 1, got 1.0\n"),
    (["make", "baseline", "--out", "none/{}"], "none/{}: cannot be written: No such file or directory\n"),
    (["metrics", "none.npz"], "none.npz: there is no such file or folder\n"),
    (["metrics", "digits", "--without", "11"], "without must name classes that have samples, got 11\n"),
    (["metrics", "digits", "--without", *"123456789"], "metrics need at least two classes with samples, got 1\n"),
    (["picture", "frame", "--out", "f.jpg"], "out must end in .svg or .png, got 'f.jpg'\n"),
    (["picture", "frame", "--symbols", "a", "--out", "f.svg"], "symbols must be names of the codebook (J^ "),
    (["picture", "centroids", "--data", "morze", "--out", "f.svg"], "data source must be morse, digits, "),
])
def test_bad_input_is_one_line(words, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([word.format("m.npz") for word in words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: " + message.format("m.npz"))
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_commands(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(word in out for word in ("list", "make", "metrics", "picture"))
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2


def test_without_matplotlib(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["picture", "frame", "--out", str(tmp_path / "f.svg")]) == 2
    assert capsys.readouterr().err == "error: drawing needs matplotlib, which 'make lint' installs in .venv\n"
    assert list(tmp_path.iterdir()) == []
