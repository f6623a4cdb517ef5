"""The command line of the search on small data, from its words to a model that is loaded back."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch

from sw.common.errors import UserError
from sw.deepncheap.models import load
from sw.deepncheap.options import IDENTITY, parse
from sw.deepncheap.search import main, source_of

ROOT = Path(__file__).parents[2]
# as in the quick example of Deep-n-Cheap's README, on less data
QUICK = ("--network mlp --numepochs 3 --bo_prior_states 3 --bo_steps 3 --drop_probs_mlp 0 0.5 --penalize numparams "
         "--threads 1").split()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """tiny.npz: 240 + 40 samples of 4 x 4 values, three classes that can be told apart; numbers.npz: targets."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 280)
    x = rng.normal(size=(280, 16)) + 3.0 * np.eye(3, 16)[y]
    x = x.astype(np.float32)
    np.savez(folder / "tiny.npz", xtr=x[:240], ytr=y[:240], xte=x[240:], yte=y[240:])
    targets = x @ rng.normal(size=(16, 1)).astype(np.float32)
    np.savez(folder / "numbers.npz", xtr=x[:240], ytr=targets[:240], xte=x[240:], yte=targets[240:])
    return folder


def search(*words, status=0):
    assert main([str(word) for word in words]) == status


def results(out):
    found = list(out.glob("*/results.json"))
    assert len(found) == 1
    return json.loads(found[0].read_text())


@pytest.fixture(scope="module")
def quick(data, tmp_path_factory):
    """Folder of the quick example's study, and what it said."""
    out = tmp_path_factory.mktemp("quick")
    said = io.StringIO()
    with redirect_stdout(said):
        search("--dataset", "tiny.npz", "--data_folder", data, "--out", out, "--study", "x", *QUICK)
    return out, said.getvalue()


def test_quick_example(quick, data):
    out, said = quick
    assert re.search(r"^ ?16/16 training 5: .* \| done$", said, re.MULTILINE)
    assert "\nall stages are done\nbest: accuracy " in said
    found = results(out)
    assert found["complete"] is True
    assert sum(found["trials"].values()) == 16
    best = found["best"][0]
    assert best["value"] == min(one["value"] for one in found["best"] + found["pareto"])
    assert best["accuracy"] > 0.6
    folder = out / "x"
    assert {path.name for path in folder.iterdir()} >= {
        "results.json", "trials.csv", "pareto.csv", "history.svg", "pareto.svg", "index.html", "best-1.pt2", "study.db"}
    assert len((folder / "trials.csv").read_text().splitlines()) == 17
    page = (folder / "index.html").read_text()
    assert "All stages are done." in page
    assert page.count("<svg") >= 2

    arrays = np.load(data / "tiny.npz")
    x, y = torch.from_numpy(arrays["xte"]), torch.from_numpy(arrays["yte"])
    model = load(best["model"])
    with torch.inference_mode():
        outputs = model.module()(x)
        torch.testing.assert_close(torch.export.load(best["exported"]).module()(x), outputs)
    assert (outputs.argmax(1) == y).float().mean().item() == pytest.approx(best["test_accuracy"])


def winner(out):
    best = results(out)["best"][0]
    return {name: best[name] for name in ("configuration", "value", "error", "parameters", "seed", "stage", "number")}


def test_the_same_seed_gives_the_same_winner(quick, data, tmp_path):
    search("--dataset", data / "tiny.npz", "--out", tmp_path, *QUICK)
    assert winner(tmp_path) == winner(quick[0])


@pytest.mark.slow
def test_another_seed_gives_another_search(quick, data, tmp_path):
    search("--dataset", data / "tiny.npz", "--out", tmp_path, *QUICK, "--seed", 2)
    assert winner(tmp_path) != winner(quick[0])


def test_cnn_goes_through_every_stage(data, tmp_path):
    search("--dataset", data / "tiny.npz", "--out", tmp_path, "--numepochs", 1, "--bo-prior-states", 2, "--bo-steps", 1,
           "--num-conv-layers", 5, 6, "--channels-first", 30, 40, "--channels-upper", 80, "--bn-fracs", 0, 1,
           "--do-fracs", 0, 1, "--drop-probs-cnn", 0.3, "--threads", 1, "--wc", 0)
    folder = next(tmp_path.glob("tiny-cnn-*"))
    stages = {line.split(",")[1] for line in (folder / "trials.csv").read_text().splitlines()[1:]}
    assert {"widths", "ac", "bn", "do", "sc", "training"} <= stages
    assert (folder / "best-1.pt2").exists()


@pytest.mark.slow
def test_regression(data, tmp_path):
    search("--dataset", data / "numbers.npz", "--problem_type", "regression", "--out", tmp_path, *QUICK,
           "--batch-size", 8, 32, "--lr", -2.5, -1.5, "--num-best", 2)
    assert len(results(tmp_path)["best"]) == 2
    best = results(tmp_path)["best"][0]
    assert 0 < best["error"] < 1
    assert "accuracy" not in best


@pytest.mark.parametrize(("words", "said"), [
    (["--dataset", "none.npz"], "none.npz: there is no such file"),
    (["--dataset", "nothing"], "data source must be"),
    (["--network", "rnn"], "argument --network: invalid choice: 'rnn'"),
    (["--wc", "-1"], "argument --wc: must be a number of at least 0, got -1"),
    (["--numepochs", "2.5"], "argument --numepochs: must be a whole number, got '2.5'"),
    (["--bo_prior_states", "0"], "argument --bo-prior-states: must be a whole number of at least 1, got 0"),
    (["--hidden_nodes", "400", "20"], "argument --hidden-nodes: must ascend, got 400 20"),
    (["--do_fracs", "0", "1.5"], "argument --do-fracs: must be a number from 0 to 1, got 1.5"),
    (["--grid-search-order", "ac", "ac"], "argument --grid-search-order: each at most once, got ac ac"),
    (["--channels_upper", "8"], "argument --channels-upper: must be at least the 64 of --channels-first, got 8"),
    (["--time-budget", "0"], "argument --time-budget: must be a time above 0 such as 90s, 20m or 1.5h, got '0'"),
    (["--augment", "perhaps"], "argument --augment: must be true or false, got 'perhaps'"),
    (["--output_size", "4"], "argument --output-size: must be the 3 of the data, got 4"),
    (["--input_size", "3", "3"], "the shape of a sample must be (channels, rows, columns) with 16 values, got (3, 3)"),
    (["--device", "cuda"], "argument --device: cuda must be there, and torch finds none; valid here: cpu, auto"),
    (["--dl_framework", "tf.keras"], "argument --dl-framework: invalid choice: 'tf.keras'"),
    (["--storage", "mysql://x/y"], "storage must be sqlite:///FILE or postgresql://"),
    (["--storage", "postgresql://me@127.0.0.1:1/x"], "postgresql://me@127.0.0.1:1/x: cannot be reached: "),
    (["--study", "../x"], "argument --study: must be letters, digits and ._- alone, no dot first, got '../x'"),
    (["--precision", "half"], "argument --precision: invalid choice: 'half'"),
    (["--bo_prior"], "unrecognized arguments: --bo-prior"),
])
def test_bad_input(words, said, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    search("--dataset", "tiny.npz", "--data-folder", data, "--out", tmp_path, *words, status=2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert not list(tmp_path.rglob("*.json"))


def test_another_search_under_the_same_name_is_refused(quick, data, capsys):
    words = ["--dataset", data / "tiny.npz", "--out", quick[0], *QUICK, "--study", "x"]
    search(*words, "--wc", 1, status=2)
    assert "study 'x' was begun otherwise: --wc was 0.1, now it is 1.0; " in capsys.readouterr().err
    search("--dataset", "sklearn:iris", *words[2:], status=2)
    assert re.search(r"--dataset was tiny \(.*\), now it is iris \(.*\); ", capsys.readouterr().err)


@pytest.mark.slow
def test_a_stopped_search_leaves_a_report_and_goes_on(data, tmp_path):
    command = [sys.executable, "-m", "sw.search", "--dataset", str(data / "tiny.npz"), "--out", str(tmp_path), *QUICK]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    while "widths 1" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "stopped; the same command goes on\n")
    assert results(tmp_path)["ended"] == "it was stopped; the same command goes on"
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=240).returncode == 0
    assert sum(results(tmp_path)["trials"].values()) == 16


@pytest.mark.slow
def test_time_budget(data, tmp_path):
    begun = time.monotonic()
    search("--dataset", data / "tiny.npz", "--out", tmp_path, "--network", "mlp", "--bo-steps", 5000, "--prune",
           "false", "--time-budget", "40s")
    assert time.monotonic() - begun < 70
    found = results(tmp_path)
    assert found["ended"] == "the time budget is used up; the same command goes on"


# the table of the reference's command line: option, default
REFERENCE = {
    "network": "cnn", "data_folder": "./", "dataset": "mnist", "val_split": 0.2, "verbose": False, "wc": 0.1,
    "penalize": "t_epoch", "tbar_epoch": 10, "numepochs": 100, "val_patience": 10**9, "bo_steps": 15,
    "bo_explore": 1000, "grid_search_order": ("ac", "ds", "bn", "do", "sc"), "num_conv_layers": (4, 16),
    "channels_first": (16, 64), "channels_upper": 512, "num_hidden_layers": (0, 2), "hidden_nodes": (20, 400),
    "lr": (-5, -1), "weight_decay": (-6, -3), "batch_size": (32, 512), "bn_fracs": (0, 0.25, 0.5, 0.75, 1),
    "do_fracs": (0, 0.25, 0.5, 0.75, 1), "input_drop_probs": (0.1, 0.2), "drop_probs_cnn": (0.15, 0.3, 0.45),
    "drop_probs_mlp": (0, 0.1, 0.2, 0.3, 0.4, 0.5), "num_best": 1, "prior_time": 0, "dl_framework": "torch",
    "problem_type": "classification",
    # there 3 32 32 and 10 whatever the data are, 15 whatever the optimiser is, and augment for data by their names
    "input_size": None, "output_size": None, "bo_prior_states": None, "augment": None,
}


def test_the_options_of_the_reference_have_its_defaults():
    found = vars(parse([]))
    assert {name: found[name] for name in REFERENCE} == REFERENCE


def test_underscores_and_hyphens_are_the_same():
    one = parse("--bo_prior_states 3 --input_size 1 28 28 --augment False --weight_decay -4 -3 --study a_b".split())
    other = parse("--bo-prior-states=3 --input-size 1 28 28 --augment no --weight-decay -4 -3 --study=a_b".split())
    assert one == other
    assert (one.augment, one.study, one.weight_decay) == (False, "a_b", [-4, -3])


def test_what_makes_a_search_what_it_is():
    assert {"wc", "seed", "dataset", "network", "hidden-nodes", "optimiser", "prune", "precision"} <= set(IDENTITY)
    assert not {"workers", "storage", "time-budget", "study", "out", "data-folder"} & set(IDENTITY)


def test_sources(tmp_path):
    (tmp_path / "mnist.npz").touch()
    (tmp_path / "own").mkdir()
    assert source_of("mnist.npz", tmp_path) == source_of("mnist", tmp_path) == str(tmp_path / "mnist.npz")
    assert source_of("own", tmp_path) == str(tmp_path / "own")
    assert source_of("digits", tmp_path) == "digits"
    assert source_of("fmnist", tmp_path) == "torchvision:FashionMNIST"


def test_help_teaches(capsys):
    with pytest.raises(SystemExit):
        parse(["--help"])
    said = capsys.readouterr().out
    assert "f = log10(f_p + wc f_c)" in said
    for title in ("data:", "what is best:", "how long:", "the space:", "the machine:"):
        assert f"\n{title}\n" in said


def test_the_file_goes_on_in_the_virtual_environment(monkeypatch):
    """`python sw/search.py ...` in any Python and folder: it installs, then runs the module from the root."""
    import sw.search as program

    done: list[object] = []
    monkeypatch.setattr("sw.common.install.main", lambda words: done.append(words) or 0)
    monkeypatch.setattr(os, "chdir", done.append)
    monkeypatch.setattr(sys, "path", ["sw", *sys.path[1:]])
    monkeypatch.setattr(os, "execv", lambda python, words: done.append(words))
    monkeypatch.setattr(sys, "argv", ["sw/search.py", "--dataset", "digits"])
    program.install()
    assert done == [str(ROOT), ["search"], [".venv/bin/python", "-m", "sw.search", "--dataset", "digits"]]
    assert sys.path[0] == str(ROOT)  # and not sw/, whose modules would hide others
    monkeypatch.setattr("sw.common.install.main", lambda words: 2)
    with pytest.raises(SystemExit) as caught:
        program.install()
    assert caught.value.code == 2


def test_errors_are_those_of_users():
    with pytest.raises(UserError):
        parse(["--seed", "-1"])
