"""`python -m sw.sparse`: a network is trained, written, read back; wrong input is one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from sw.data.load import SOURCES
from sw.design import files
from sw.design.states import load_state, save_state
from sw.golden.network import GoldenNetwork
from sw.sparse.__main__ import main


def run(*arguments):
    return main([str(a) for a in arguments])


def test_there_and_back(tmp_path, capsys):
    folder = tmp_path / "tiny-trained"
    arguments = ["train", "--design", "designs/tiny.toml", "--epochs", 12, "--batch", 32, "--rate", 0.01,
                 "--out", folder, "--validation", 200, "--restore-best", "--checkpoint", tmp_path / "run.pt"]
    assert run(*arguments) == 0
    text = capsys.readouterr().out
    report = json.loads((folder / "report.json").read_text())
    assert report["train"] == 1237
    assert 1 <= report["kept_epoch"] <= 12
    assert report["accuracy"]["golden"] > 0.6
    assert f"{report['accuracy']['golden']:.2%}" in text
    design = files.load(folder / "tiny-trained.toml")
    _, _, biases, lfsr = load_state(folder / "tiny-trained.npz", design)
    assert run("state", "--design", folder / "tiny-trained.toml", "--state", folder / "tiny-trained.npz") == 0
    assert f"{report['accuracy']['golden']:.2%}" in capsys.readouterr().out
    # the checkpoint is of another network if the seed is another
    assert run(*arguments, "--seed", 2) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'run.pt'}: the checkpoint of another design: ")
    # what a machine that has not been trained saves is worse
    golden = GoldenNetwork(design)
    save_state(tmp_path / "state.npz", design, golden.state().weights, biases, lfsr)
    assert run("state", "--design", folder / "tiny-trained.toml", "--state", tmp_path / "state.npz") == 0
    assert f"{report['accuracy']['golden']:.2%}" not in capsys.readouterr().out


def test_features_as_floats(tmp_path, capsys):
    """Whatever it is trained on, the hardware's numbers do as well, on its 8 bits; by names of classes."""
    given = ["train", "--design", "designs/digits.toml", "--data", "sklearn:wine", "--epochs", 60, "--batch", 16,
             "--rate", 0.01, "--out", tmp_path, "--predictions", tmp_path / "p.csv"]
    for choice in ("unit", "standardised"):
        assert run(*given, "--features", choice) == 0
        assert f"trained on: {choice} features, " in capsys.readouterr().out
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["features_as"] == choice
        assert min(report["accuracy"].values()) > 0.9
        assert [one["class"] for one in report["per_class"]] == ["class_0", "class_1", "class_2"]
        right = sum(one["samples"] * one["accuracy"] for one in report["per_class"]) / 36
        assert right == pytest.approx(report["accuracy"]["golden"], abs=1e-5)
    rows = [line.split(",") for line in (tmp_path / "p.csv").read_text().splitlines()]
    assert rows[0] == ["sample", "label", "golden"]
    assert np.mean([row[1] == row[2] for row in rows[1:]]) == pytest.approx(report["accuracy"]["golden"])
    written = (tmp_path / "p.csv").read_bytes()
    state = ("state", "--design", tmp_path / "digits-trained.toml", "--state", tmp_path / "digits-trained.npz")
    assert run(*state, "--data", "sklearn:wine", "--predictions", tmp_path / "again.csv") == 0
    assert (tmp_path / "again.csv").read_bytes() == written
    # a range of 1,400 does not fit the numbers of the hardware
    assert run(*given, "--features", "raw") == 2
    assert capsys.readouterr().err.startswith("error: integer bits: ")


def test_data_that_is_given_counts_as_a_whole(tmp_path, capsys):
    """The design would take 1,437 and 360 samples."""
    rng = np.random.Generator(np.random.PCG64(1))
    arrays = {f"x{part}": rng.integers(0, 256, (n, 64), dtype=np.uint8) for part, n in (("tr", 30), ("te", 20))}
    np.savez(tmp_path / "data.npz", **arrays, ytr=np.arange(30) % 10, yte=np.arange(20) % 10)
    given = ("train", "--design", "designs/tiny.toml", "--data", tmp_path / "data.npz", "--epochs", 1)
    for more, train, test in (((), 30, 20), (("--train", 12), 12, 20), (("--test", 11), 30, 11)):
        assert run(*given, *more, "--out", tmp_path / "out") == 0
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        assert (report["train"], report["test"]) == (train, test)


@pytest.mark.parametrize(("arguments", "message"), [
    (("train", "--design", "none.toml"), "none.toml: there is no such file"),
    (("train", "--design", "designs/tiny.toml", "--data", "none"),
     f"data source must be {SOURCES}, got 'none'"),
    (("train", "--design", "designs/tiny.toml", "--epochs", 0), "epochs must be at least 1, got 0"),
    (("train", "--design", "designs/tiny.toml", "--validation", 1437),
     "--validation must leave a training sample: 0..1436, got 1437"),
    (("train", "--design", "designs/tiny.toml", "--test", 0), "the table of accuracies needs test samples, got none"),
    (("train", "--design", "designs/tiny.toml", "--threads", 0), "--threads must be at least 1, got 0"),
    (("train", "--design", "designs/tiny.toml", "--output", "tanh"),
     'output must be one of softmax, sigmoid, got "tanh"'),
    (("train", "--design", "designs/tiny.toml", "--execution", "csr"),
     'execution must be one of masked, gather, blocks, got "csr"'),
    (("train", "--design", "designs/tiny.toml", "--epochs", 1, "--saturated", 1),
     "the share that may saturate must be 0 or more and below 1, got 1.0"),
    (("train", "--design", "designs/tiny.toml", "--epochs", 1, "--name", "a/b"),
     "name must be letters, digits, - _ and ., got 'a/b'"),
    (("train", "--design", "designs/tiny.toml", "--train", 0), "train must be a whole number of at least 1, got 0"),
    (("state", "--design", "designs/tiny.toml", "--state", "none.npz"), "none.npz: there is no such file"),
])
def test_wrong_input(arguments, message, capsys, tmp_path):
    before = list(tmp_path.iterdir())
    more = ("--out", tmp_path / "out") if arguments[0] == "train" else ()
    assert run(*arguments, *more) == 2
    shown = capsys.readouterr().err.strip()
    assert shown == f"error: {message}"
    assert list(tmp_path.iterdir()) == before


@pytest.mark.parametrize(("arguments", "message"), [
    (("--name", "a/b"), "name must be letters, digits, - _ and ., got 'a/b'"),
    (("--saturated", 1), "the share that may saturate must be 0 or more and below 1, got 1.0"),
    (("--out", "file/out"), "file/out: the folder cannot be made: a file is in its place"),
    (("--checkpoint", "file/run.pt"), "file: the folder cannot be made: a file is in its place"),
])
def test_what_can_fail_early_does(arguments, message, capsys, tmp_path, monkeypatch):
    def never(*arguments, **more):
        raise AssertionError("trained")

    monkeypatch.setattr("sw.sparse.__main__.train", never)
    design = Path("designs/tiny.toml").resolve()
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    assert run("train", "--design", design, *arguments) == 2
    assert capsys.readouterr().err.strip() == f"error: {message}"
