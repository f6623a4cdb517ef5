"""V_white, D and the score: by hand, against loops over random sets, and what they are to tell apart."""

import dataclasses
import itertools
import json

import numpy as np
import pytest
from scipy.stats import norm

from sw.data.build import Raw
from sw.morse import better
from sw.morse.__main__ import main
from sw.morse.better import KNOWN, WEIGHT, covariance, limits, outlook, outlook_of_dataset
from sw.morse.generator import generate
from sw.morse.metrics import difficulty
from sw.morse.moments import Moments
from sw.morse.settings import BASELINE, MorseError

RIDGE = 1e-3


def of(x, y, unit=1.0, per_class=10.0):
    x, y = np.asarray(x), np.asarray(y)
    moments = Moments.of([(x, y)], unit)
    return outlook(moments, covariance([(x, y)], moments, unit), per_class)


def by_loops(x, y, per_class):
    labels = sorted(set(y.tolist()))
    centroids = {label: x[y == label].mean(axis=0) for label in labels}
    within = sum(np.outer(row - centroids[label], row - centroids[label]) for row, label in zip(x, y, strict=True))
    inverse = np.linalg.inv(within / len(x) + RIDGE * np.eye(x.shape[1]))
    white = 0.0
    for m, j in itertools.permutations(labels, 2):
        gap = centroids[m] - centroids[j]
        white += (y == m).mean() * norm.sf(np.sqrt(gap @ inverse @ gap) / 2)
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))
    dimension = values.sum() ** 2 / (values ** 2).sum()
    return white, dimension, np.log10(white) + WEIGHT * np.log10(dimension) - np.log10(per_class) / 2


def test_one_feature_by_hand():
    # class 0: 0.1 +- 0.1, class 1: 0.6 +- 0.1; frequencies 1/3 and 2/3
    found = of([[0.0], [0.2], [0.5], [0.7], [0.5], [0.7]], [0, 0, 1, 1, 1, 1], per_class=4)
    assert found.v_white == pytest.approx(norm.sf(0.5 / np.sqrt(0.01 + RIDGE) / 2), rel=1e-6)
    assert found.dimension == pytest.approx(1)
    assert found.score == pytest.approx(np.log10(found.v_white) - np.log10(4) / 2)


@pytest.mark.parametrize("seed", range(4))
def test_against_loops(seed):
    random = np.random.Generator(np.random.PCG64(seed))
    y = random.choice([0, 2, 3, 7], 120, p=[0.1, 0.4, 0.3, 0.2])
    x = 0.3 * random.normal(size=(8, 5))[y] + random.normal(size=(120, 5)) @ random.normal(size=(5, 5))
    found = of(x, y, per_class=3)
    assert (found.v_white, found.dimension, found.score) == pytest.approx(by_loops(x, y, 3), rel=1e-3)
    # the fault: a spread that is the same in all directions, as V_upper has it
    assert difficulty(Moments.of([(x, y)])).v_upper != pytest.approx(found.v_white, rel=0.02)


def test_v_white_sees_along_which_direction_samples_vary():
    random = np.random.Generator(np.random.PCG64(5))
    y = np.repeat([0, 1], 500)
    spread = random.normal(size=(1000, 2)) * [1, 0.05]
    along, across = spread.copy(), spread.copy()
    along[y == 1, 0] += 0.5
    across[y == 1, 1] += 0.5
    assert of(along, y).v_white > 0.35 * 2 / 2
    assert of(across, y).v_white < 1e-3
    uppers = [difficulty(Moments.of([(x, y)])).v_upper for x in (along, across)]
    assert uppers[0] == pytest.approx(uppers[1], rel=0.1)


def test_the_dimension_counts_directions():
    random = np.random.Generator(np.random.PCG64(6))
    y = np.arange(4000) % 2
    one, all_of_them = random.normal(size=(4000, 1)) * np.ones(16), random.normal(size=(4000, 16))
    assert of(one, y).dimension == pytest.approx(1, rel=0.01)
    assert of(all_of_them, y).dimension == pytest.approx(16, rel=0.01)


def test_noise_that_blurred_centroids_hide_raises_the_score():
    scores, uppers = [], []
    for noise in (0.0, 2.0, 4.0):
        x, y = generate(dataclasses.replace(BASELINE, leading_spaces=True, noise_sd=noise), per_class=100, seed=1)
        scores.append(of(x, y, 1 / 256, 100).score)
        uppers.append(np.log10(difficulty(Moments.of([(x, y)], 1 / 256)).v_upper))
    assert np.diff(scores).min() > 0.05
    assert max(uppers) - min(uppers) < 0.1


def test_more_samples_to_train_on_lower_the_score():
    x, y = generate(BASELINE, per_class=20, seed=1)
    assert of(x, y, 1 / 256, 20).score - of(x, y, 1 / 256, 2000).score == pytest.approx(1)


def test_blocks_and_every_kth_sample(monkeypatch):
    x, y = generate(BASELINE, per_class=60, seed=1)
    moments = Moments.of([(x, y)], 1 / 256)
    whole = covariance([(x, y)], moments, 1 / 256)
    around = x / 256 - moments.centroids[y]
    np.testing.assert_allclose(whole, around.T @ around / len(x), atol=1e-6)
    monkeypatch.setattr(better, "MOST", 700)  # every sixth
    blocks = [(x[:100], y[:100]), (x[100:101], y[100:101]), (x[101:], y[101:])]
    np.testing.assert_allclose(covariance(blocks, moments, 1 / 256), around[::6].T @ around[::6] / 640, atol=1e-6)


def test_some_samples_are_as_good_as_all(monkeypatch):
    x, y = generate(BASELINE, per_class=500, seed=1)
    found = of(x, y, 1 / 256)
    monkeypatch.setattr(better, "MOST", len(x))
    assert found.score == pytest.approx(of(x, y, 1 / 256).score, abs=0.02)


def test_of_a_dataset():
    (x, y), (xte, yte) = (generate(BASELINE, per_class=n, seed=1, split=split) for n, split in ((20, 0), (5, 1)))
    data = Raw(name="d", source="d", class_names=BASELINE.class_names, features={"xtr": x, "xte": xte},
               labels={"ytr": y, "yte": yte})
    found = outlook_of_dataset(data, Moments.of_dataset(data))
    assert found.per_class == 20
    both = of(np.concatenate([x, xte]), np.concatenate([y, yte]), 1 / 256, 20)
    assert dataclasses.astuple(found) == pytest.approx(dataclasses.astuple(both), rel=1e-6)
    fewer = outlook_of_dataset(data, Moments.of_dataset(data).without([10]))
    assert fewer.per_class == 20
    # one of the two classes that share a code: nearly 1/2 for both of them
    assert both.v_white - fewer.v_white > 0.9 / 64


@pytest.mark.parametrize(("x", "y", "per_class", "message"), [
    ([[0.0], [1.0]], [3, 3], 1, "at least two classes with samples, got 1"),
    ([[0.5], [0.5]], [0, 1], 1, "must differ from each other"),
    ([[0.0], [1.0]], [0, 1], 0, "per_class must be more than 0"),
])
def test_wrong(x, y, per_class, message):
    with pytest.raises(MorseError, match=message):
        of(x, y, per_class=per_class)


def test_no_score_for_very_many_features(monkeypatch):
    x, y = generate(BASELINE, per_class=4, seed=1)
    data = Raw(name="d", source="d", class_names=BASELINE.class_names, features={"xtr": x, "xte": x[:0]},
               labels={"ytr": y, "yte": y[:0]})
    moments = Moments.of_dataset(data)
    assert outlook_of_dataset(data, moments) is not None
    monkeypatch.setattr(better, "MOST_FEATURES", 63)
    assert outlook_of_dataset(data, moments) is None


def test_the_score_foretells_nothing_of_other_data():
    assert limits(0.5, morse=True) is None
    assert "nothing for data of other kinds" in limits(0.5, morse=False)
    assert "outside of -0.4 to 1.7" in limits(KNOWN[1] + 0.1, morse=True)


@pytest.mark.parametrize(("source", "says"), [("digits", "no forecast: it was fitted to Morse variants alone"),
                                              ("morse", "which goes with the errors of a small network")])
def test_the_command_says_so(source, says, capsys):
    assert main(["metrics", source]) == 0
    assert says in capsys.readouterr().out
    assert main(["metrics", source, "--json"]) == 0
    assert ("foretells" in json.loads(capsys.readouterr().out)["reasons"]) == (source == "digits")
