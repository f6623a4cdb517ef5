"""What experiments make of data: components, features, means; which data and points are refused or told apart."""

from dataclasses import replace

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.experiments.checks import check_data
from sw.experiments.sources import Source, pooled
from sw.sources import load_raw
from sw.sparse.errors import SparseError
from sw.sparse.settings import Settings
from tests.experiments.made_up import SMALL


def test_principal_components_are_those_of_the_training_samples():
    whole, few = Source("digits", 300, 100).load(), Source("digits", 300, 100, pca=20).load()
    assert few.name == "digits-pca-20"
    assert (few.xtr.shape, few.xte.shape, few.classes) == ((300, 20), (100, 20), 10)
    assert (few.ytr == whole.ytr).all()
    raw = load_raw("digits", train=300, test=100).features
    x, xte = raw["xtr"] / 16, raw["xte"] / 16
    variances = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1][:20]
    np.testing.assert_allclose(few.xtr.var(axis=0), variances, rtol=1e-4)
    # directions keep lengths: a test sample is no longer than in all features, from the training samples' mean
    spread = np.linalg.norm(xte - x.mean(axis=0), axis=1)
    assert (np.linalg.norm(few.xte, axis=1) < spread + 1e-5).all()
    assert np.linalg.norm(few.xte, axis=1).mean() > 0.8 * spread.mean()
    with pytest.raises(DataError, match="digits: train must be at most the 1437 samples that are there, got 1438"):
        Source("digits", 1438, pca=20).load()


def test_the_most_varied_features_are_those_of_the_training_samples():
    whole, few = Source("digits", 300, 100).load(), Source("digits", 300, 100, keep=20).load()
    assert few.name == "digits-keep-20"
    varied = whole.xtr.astype(float).var(axis=0)
    kept = [n for n in range(64) if (varied > varied[n]).sum() < 20]
    assert len(kept) == 20
    for split in ("xtr", "xte"):
        np.testing.assert_array_equal(getattr(few, split), getattr(whole, split)[:, kept])
        assert getattr(few, split).dtype == np.float32
    assert (few.yte == whole.yte).all()
    with pytest.raises(SparseError, match="pca and keep must not be given together"):
        Source("digits", pca=3, keep=4)


def test_features_as_floats():
    """Bytes stay so; others are not rounded to 8 bits; the same ones are kept whatever is made of them."""
    assert Source("morse", 200, 100).load().xtr.dtype == np.uint8
    whole = load_raw("sklearn:wine").features["xtr"]
    raw, standard, unit = (Source("sklearn:wine", features_as=choice).load().xtr
                           for choice in ("raw", "standardised", "unit"))
    np.testing.assert_array_equal(raw, whole.astype(np.float32))
    np.testing.assert_allclose(standard, (whole - whole.mean(axis=0)) / whole.std(axis=0), rtol=1e-4, atol=1e-5)
    assert np.abs(256 * unit - np.rint(256 * unit)).max() > 0.4
    kept = [Source("sklearn:wine", keep=4, features_as=choice).load().xtr for choice in ("unit", "standardised")]
    columns = [n for n in range(13) if any((unit[:, n] == kept[0][:, k]).all() for k in range(4))]
    np.testing.assert_array_equal(kept[1], standard[:, columns])


def test_pooled_pixels_are_means():
    images = np.arange(32, dtype=np.uint8).reshape(2, 16)
    np.testing.assert_allclose(pooled(images, 2)[0] * 256, [2.5, 4.5, 10.5, 12.5])
    assert pooled(images / np.float32(256), 4).shape == (2, 1)
    with pytest.raises(SparseError, match="pool must divide the side of square images, got 3 and 16 features"):
        pooled(images, 3)


def leaked(data, count):
    """The first test samples among the training samples."""
    return replace(data, xtr=np.concatenate([data.xtr, data.xte[:count]]),
                   ytr=np.concatenate([data.ytr, data.yte[:count]]))


def test_test_samples_that_were_trained_on_are_refused():
    data = Source("digits", 300, 100).load()
    check_data(data)
    check_data(leaked(data, 1))
    with pytest.raises(SparseError, match=r"digits: at most 1.0% of the test samples may be .*, got 2.0%"):
        check_data(leaked(data, 2))


def test_one_sample_of_a_small_set_may_be_there_twice():
    """As two flowers of iris are alike, one in either split; of very few test samples none may."""
    data = Source("sklearn:iris").load()
    check_data(data)
    with pytest.raises(SparseError, match=r"iris: at most 3.3% of the test samples may be training samples, got 6.7%"):
        check_data(leaked(data, 1))
    for tests in (1, 2, 19):
        few = Source("digits", 300, tests).load()
        check_data(few)
        with pytest.raises(SparseError, match=r"at most 1.0% of the test samples may be training samples"):
            check_data(leaked(few, 1))


def test_a_collection_that_holds_its_samples_twice_is_refused():
    """Its splits look as if samples were drawn from few: only those that are generated may repeat each other."""
    data = Source("digits", 1000, 300).load()
    x, y = (np.concatenate([a, b]).repeat(2, axis=0) for a, b in ((data.xtr, data.xte), (data.ytr, data.yte)))
    order = np.random.Generator(np.random.PCG64(1)).permutation(len(x))
    x, y = x[order], y[order]
    with pytest.raises(SparseError, match=r"at most 1.0% of the test samples may be training samples, got"):
        check_data(replace(data, xtr=x[600:], ytr=y[600:], xte=x[:600], yte=y[:600]))


@pytest.mark.parametrize(("name", "train", "test"), [
    ("morse:flips-0", 32000, 6400), ("morse:flips-0", 640, 640), ("morse:flips-4", 32000, 6400)])
def test_samples_that_are_drawn_again_by_chance_are_no_leak(name, train, test):
    """Of black and white code a sixth of the study's test samples are training samples; some more are refused."""
    data = Source(name, train, test).load()
    check_data(data, drawn=True)
    with pytest.raises(SparseError, match=r"at most 1.0% of the test samples may be training samples, got"):
        check_data(data)
    with pytest.raises(SparseError, match=r"at most 1.0% and \d+\.\d% by chance of the test samples may be .*, got \d"):
        check_data(leaked(data, test // 5), drawn=True)


@pytest.mark.parametrize(("train", "test"), [(50, 10_000), (200, 10_000), (640, 6400), (3200, 6400), (1000, 100)])
def test_how_often_independent_samples_are_taken_for_a_leak(train, test):
    """Of 1000 kinds, a hundred times: hardly ever."""
    data, random, refused = Source("digits", 20, 20).load(), np.random.Generator(np.random.PCG64(1)), 0
    for _ in range(100):
        x = random.integers(0, 1000, (train + test, 1))
        y = random.integers(0, 10, train + test)
        try:
            check_data(replace(data, xtr=x[:train], ytr=y[:train], xte=x[train:], yte=y[train:]), drawn=True)
        except SparseError:
            refused += 1
    assert refused <= 1


def test_a_feature_that_is_the_label_is_refused():
    data = Source("digits", 300, 100).load()
    xtr, xte = data.xtr.copy(), data.xte.copy()
    xtr[:, 5], xte[:, 5] = data.ytr / 10, data.yte / 10
    with pytest.raises(SparseError, match="no feature may tell the label alone, and feature 5 does"):
        check_data(replace(data, xtr=xtr, xte=xte))


def test_results_are_kept_under_the_content_of_files(tmp_path, monkeypatch):
    data = {"xtr": np.arange(12.0).reshape(4, 3), "ytr": [0, 1, 0, 1], "xte": np.ones((1, 3)), "yte": [0]}
    for name, change in (("a", 0), ("b", 0), ("c", 1)):
        np.savez(tmp_path / f"{name}.npz", **(data | {"xtr": data["xtr"] + change}))
    a, b, c = (replace(SMALL, source=Source(str(tmp_path / f"{name}.npz"))).identity for name in "abc")
    assert a == b
    assert a != c
    np.savez(tmp_path / "b.npz", **(data | {"ytr": [1, 1, 0, 1]}))
    assert replace(SMALL, source=Source(str(tmp_path / "b.npz"))).identity != a
    assert Source("digits").content == Source("morse").content == Source("sklearn:wine").content == ""
    (tmp_path / "a,b.npz").write_bytes((tmp_path / "a.npz").read_bytes())
    assert Source(str(tmp_path / "a,b.npz")).content == Source(str(tmp_path / "a.npz")).content != ""
    monkeypatch.chdir(tmp_path)
    for name in ("digits", "morse"):  # data that follow from their name, whatever files there are
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.npy").write_bytes(b"1")
    assert Source("digits").content == Source("morse").content == ""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "one-x.npy").write_bytes(b"1")
    first = Source(str(tmp_path / "set" / "one")).content
    assert first == Source(str(tmp_path / "set")).content != ""
    (tmp_path / "set" / "two-x.npy").write_bytes(b"2")
    assert Source(str(tmp_path / "set" / "one")).content == first != Source(str(tmp_path / "set")).content


def test_a_point_is_known_by_all_that_it_is():
    others = [
        replace(SMALL, seeds=(1, 3)), replace(SMALL, out_degrees=(4, 10)), replace(SMALL, kind="random"),
        replace(SMALL, source=Source("digits", 201, 100)), replace(SMALL, settings=Settings(epochs=2)),
        replace(SMALL, validation=10), replace(SMALL, dither=True),
        replace(SMALL, source=Source("digits", 200, 100, keep=30)),
        replace(SMALL, source=Source("digits", 200, 100, features_as="standardised")),
        replace(SMALL, source=Source("digits", 200, 100, label="a")),
    ]
    assert len({point.identity for point in (SMALL, *others)}) == 1 + len(others)
    assert replace(SMALL).identity == SMALL.identity


@pytest.mark.parametrize("seeds", [(), tuple(range(256))])
def test_a_number_of_seeds_that_cannot_be_kept_is_refused(seeds):
    replace(SMALL, seeds=tuple(range(255)))
    with pytest.raises(SparseError, match=f"a configuration must have 1 to 255 seeds, got {len(seeds)}"):
        replace(SMALL, seeds=seeds)


def test_equal_seeds_are_refused():
    with pytest.raises(SparseError, match=r"the seeds of a configuration must differ, got \(1, 2, 1\)"):
        replace(SMALL, seeds=(1, 2, 1))
