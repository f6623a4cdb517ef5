"""Morse variants by name, limits of a design, and the errors; stored data by name are tested in tests/data."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.load import load as load_stored
from sw.design.design import Design
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings
from sw.morse.codebook import NAMES
from sw.morse.generator import generate
from sw.morse.variants import variant
from sw.sources import epochs_for, load, load_for, load_raw


def test_morse():
    data = load("morse")
    assert (data.xtr.shape, data.xte.shape) == ((20_000, 64), (2_000, 64))
    assert (data.name, data.classes, data.class_names) == ("morse", 64, NAMES)
    assert data.scaling.kind == "bytes"
    for labels in (data.ytr, data.yte):
        assert np.ptp(np.bincount(labels)) <= 1
    # The test samples are no copies of training samples (those of few values can agree by
    # chance: a dot may be one position long), nor in the same order of classes.
    long = [{bytes(row) for row in x if (row > 0).sum() > 9} for x in (data.xtr, data.xte)]
    assert len(long[1]) > 1000
    assert not long[0] & long[1]
    assert (data.ytr[:2000] == data.yte).mean() < 0.1


def test_morse_variants():
    data = load("morse:dilated-2-noise-4", train=128, test=64)
    assert (data.name, data.features, len(data.yte)) == ("morse:dilated-2-noise-4", 128, 64)
    x, y = generate(variant("dilated-2-noise-4").settings, samples=128, seed=1)
    np.testing.assert_array_equal(data.xtr, x)
    np.testing.assert_array_equal(data.ytr, y)
    np.testing.assert_array_equal(load("morse:baseline", train=9).xtr, load("morse", train=9).xtr)


def test_morse_counts_and_seed():
    data = load("morse", train=1000, test=0, seed=5)
    assert (data.xtr.shape, data.xte.shape, data.yte.shape) == ((1000, 64), (0, 64), (0,))
    np.testing.assert_array_equal(load("morse", train=1000, test=3, seed=5).xtr, data.xtr)
    assert (load("morse", train=1000, test=3, seed=6).xtr != data.xtr).any()


def test_stored_data():
    np.testing.assert_array_equal(load("digits", train=9, seed=2).xtr, load_stored("digits", train=9, seed=2).xtr)
    assert load_raw("digits", train=9).features["xtr"].max() == 16


def test_raw_features():
    raw = load_raw("morse", train=30, test=7)
    assert raw.features["xte"].shape == (7, 64)
    np.testing.assert_array_equal(raw.features["xtr"], load("morse", train=30).xtr)


@pytest.mark.parametrize(("source", "arguments", "message"), [
    ("morse:noisy", {}, "morse:noisy: variant must be one of baseline, "),
    ("morse:", {}, "morse:: variant must be one of baseline, "),
    ("morse", {"features": 63}, (
        "morse: samples must have at most 63 features, the inputs of the design, got 64: take a design with more, or "
        "one with keep in its [data] table, or fewer features by 'python -m sw.data reduce'")),
    ("morse", {"train": 0}, "train must be a whole number of at least 1, got 0"),
    ("none.npz", {}, "none.npz: there is no such file or folder"),
])
def test_load_wrong_source(source, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as error:
        load(source, **arguments)
    assert str(error.value).startswith(message)
    assert message.endswith(", ") or str(error.value) == message


def test_morse_needs_no_scikit_learn():
    code = ("import sys; sys.modules['sklearn'] = None\n"
            "from sw.sources import load; print(load('morse', train=64, test=1).xtr.shape)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("(64, 64)\n", "")


@pytest.mark.parametrize(("source", "given", "train", "test"), [
    (None, {}, 70, 9),  # the design's
    (None, {"train": 40}, 40, 9),
    (None, {"test": 0}, 70, 0),
    (None, {"train": 40, "test": 3}, 40, 3),
    ("{file}", {}, 30, 20),  # all that there are
    ("{file}", {"train": 12}, 12, 20),
    ("{file}", {"test": 0}, 30, 0),
])
def test_numbers_of_samples_for_a_design(tmp_path, source, given, train, test):
    path = save_samples(tmp_path, 30, 20)
    found = load_for(design(), source and source.format(file=path), **given)
    assert (len(found.xtr), len(found.xte)) == (train, test)


@pytest.mark.parametrize(("samples", "given", "epochs"), [
    (70, {}, 3),  # the design's own data
    (30, {"source": "f"}, 7),  # 210 updates in all, rounded up
    (70, {"source": "f"}, 3), (71, {"source": "f"}, 3), (69, {"source": "f"}, 4),
    (30, {"source": "f", "train": 30}, 3),  # for a short look
    (30, {"train": 30}, 3),
    (30, {"source": "f", "epochs": 2}, 2), (70, {"epochs": 2}, 2),
])
def test_epochs(samples, given, epochs):
    assert epochs_for(design(epochs=3), samples, **given) == epochs


def test_the_design_limits_and_scales(tmp_path):
    path = save_samples(tmp_path, 30, 20)
    assert load_for(design(), path).scaling.kind == "global"
    assert load_for(design(scaling="per_feature"), path).scaling.kind == "per_feature"
    with pytest.raises(DataError, match=r"samples must have at most 15 features, the inputs of the design, got 16: "):
        load_for(replace(design(), network=replace(design().network, inputs=15)), path)
    assert (load_for(design(), seed=2).xtr != load_for(design()).xtr).any()
    for name, low in (("train", 1), ("test", 0)):
        with pytest.raises(DataError) as error:
            load_for(design(), path, **{name: low - 1})
        assert str(error.value) == f"{name} must be a whole number of at least {low}, got {low - 1}"


def test_the_design_chooses_its_inputs_from_all_training_samples(tmp_path):
    rng = np.random.Generator(np.random.PCG64(2))
    x = {split: rng.integers(0, 256, (40, 16), dtype=np.uint8) for split in ("xtr", "xte")}
    x["xtr"][:, [0, 5, 9, 12]] //= 9
    x["xtr"][:20, 3] = 7  # would be left out, if only the first samples counted
    x["xte"][:, [1, 2, 3, 4]] //= 9  # or the test samples
    np.savez(tmp_path / "data.npz", ytr=np.arange(40) % 4, yte=np.arange(40) % 4, **x)
    kept = [n for n in range(16) if n not in (0, 5, 9, 12)]
    found = load_for(design(keep=12, scaling="auto"), tmp_path / "data.npz", train=20)
    np.testing.assert_array_equal(found.xtr, x["xtr"][:20, kept])
    np.testing.assert_array_equal(found.xte, x["xte"][:, kept])
    # a state's choice goes before that of other data
    np.savez(tmp_path / "other.npz", xtr=x["xte"], xte=x["xtr"], ytr=np.arange(40) % 4, yte=np.arange(40) % 4)
    again = load_for(design(keep=12), tmp_path / "other.npz", scaling=found.scaling)
    np.testing.assert_array_equal(again.xtr, x["xte"][:, kept])
    assert load_for(design(keep=20)).features == 20  # of Morse, which is generated
    with pytest.raises(DataError, match=r"data\.npz: keep must be at most the 16 features that are there, got 17$"):
        load_for(design(keep=17), tmp_path / "data.npz")


def save_samples(folder: Path, train: int, test: int) -> Path:
    rng = np.random.Generator(np.random.PCG64(1))
    np.savez(folder / "data.npz", xtr=rng.random((train, 16)), ytr=np.arange(train) % 4, xte=rng.random((test, 16)),
             yte=np.arange(test) % 4)
    return folder / "data.npz"


def design(**data) -> Design:
    return Design(
        name="small",
        network=Network((64, 64, 64), 64, 64, (4, 4), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(),
        hardware=Hardware((8, 8)),
        data=Data(**({"source": "morse", "train": 70, "test": 9, "scaling": "global"} | data)),
    )
