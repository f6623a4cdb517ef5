"""Noise against its definition, Gaussian and clipped or as flips: each check, and faults it finds.

Limits are five standard deviations of the sampling error. Positions 57..63 of a baseline frame are
always spaces (the longest codeword has 57), position 0 always belongs to an element.
"""

import dataclasses

import numpy as np
import pytest
from scipy.stats import chisquare, norm

from sw.morse.generator import BASELINE, generate

NOISY = dataclasses.replace(BASELINE, noise_sd=4.0)
FLIPS = 6
FLIPPED = dataclasses.replace(BASELINE, style="binary", flips=FLIPS)
PER_CLASS = 500


def share(what, hits, expected):
    """Share of True against a probability."""
    error = 5 * np.sqrt(expected * (1 - expected) / hits.size)
    return [] if abs(hits.mean() - expected) < error else [what]


def mean(what, values, expected, deviation):
    return [] if abs(values.mean() - expected) < 5 * deviation / np.sqrt(values.size) else [what]


def check_spaces(x, sd=4.0):
    """max(0, N(0, sd^2)) / 16 where no codeword reaches, all positions independent."""
    spaces = x[:, 57:].astype(np.float64) * 16
    above = spaces[spaces > 0.016]
    rows, columns = spaces[:, :-1].ravel(), spaces[:, 1:].ravel()
    serial = np.corrcoef(rows, columns)[0, 1]
    return (share("share of zeros", spaces < 0.008, norm.cdf(0.008, scale=sd))
            + mean("mean square", spaces ** 2, sd ** 2 / 2, sd ** 2 * np.sqrt(1.25))
            + ([] if abs(norm.cdf(above, scale=sd).mean() - 0.75) < 5 / np.sqrt(48 * above.size) + 0.001
               else ["shape"])
            + ([] if abs(serial) < 5 / np.sqrt(rows.size) else ["neighbours"]))


def check_elements(x):
    """Clipped N(12, 1.34^2 + 4^2) / 16 where every codeword has an element."""
    first = x[:, 0].astype(np.float64) * 16
    sd = np.hypot(1.34, 4)
    inside = first[(first > 4) & (first < 16)]
    ends = norm.cdf([4, 16], 12, sd)
    inner = (norm.cdf(inside, 12, sd) - ends[0]) / (ends[1] - ends[0])  # uniform on 0..1
    return (share("share of ones", first > 15.99, norm.sf(15.992, 12, sd))
            + share("share of zeros", first < 0.008, norm.cdf(0.008, 12, sd))
            + mean("shape", inner, 0.5, np.sqrt(1 / 12)))


def check_flips(x, clean):
    """A uniform number 0..FLIPS of distinct, uniform positions differs from the clean frame."""
    flipped = x != clean
    counts = np.bincount(flipped.sum(axis=1), minlength=FLIPS + 1)
    wrong = [] if len(counts) == FLIPS + 1 and chisquare(counts).pvalue > 1e-6 else ["number"]
    wrong += [] if chisquare(flipped.sum(axis=0)).pvalue > 1e-6 else ["positions"]
    wrong += [] if set(np.unique(x)) == {0.0, 1.0} else ["values"]
    # of frames with two flips: how far apart, on average (n + 1) / 3 for distinct uniform positions
    pairs = np.argwhere(flipped[flipped.sum(axis=1) == 2])[:, 1].reshape(-1, 2)
    return wrong + mean("distance of two", np.diff(pairs, axis=1), 65 / 3, 64 / np.sqrt(18))


@pytest.fixture(scope="module")
def noisy():
    return generate(NOISY, per_class=PER_CLASS, seed=1, form="units")[0]


@pytest.fixture(scope="module")
def clean():
    """The frames of FLIPPED before they are flipped: the lengths come from streams of their own."""
    return generate(dataclasses.replace(FLIPPED, flips=0), per_class=PER_CLASS, seed=1, form="units")[0]


@pytest.fixture(scope="module")
def flipped():
    return generate(FLIPPED, per_class=PER_CLASS, seed=1, form="units")[0]


def test_noise_on_spaces(noisy):
    assert check_spaces(noisy) == []


def test_noise_on_elements(noisy):
    assert check_elements(noisy) == []


def faulty(name, x):
    x = x.astype(np.float64).copy()
    rng = np.random.Generator(np.random.PCG64(5))
    if name == "rectified":
        x = np.abs(rng.normal(0, 4, x.shape)) / 16
    elif name == "uniform":
        x = np.clip(rng.uniform(-4 * np.sqrt(3), 4 * np.sqrt(3), x.shape), 0, 16) / 16
    elif name == "one value for two positions":
        x[:, 58::2] = x[:, 57:63:2]
    return x


@pytest.mark.parametrize(("name", "found"), [
    ("rectified", ["share of zeros", "mean square"]),
    ("uniform", ["shape"]),
    ("one value for two positions", ["neighbours"]),
])
def test_noise_on_spaces_planted_faults(noisy, name, found):
    assert check_spaces(faulty(name, noisy)) == found


def test_noise_on_spaces_planted_knobs():
    for noise, found in ((3.9, ["mean square", "shape"]), (4.1, ["mean square", "shape"])):
        x = generate(dataclasses.replace(NOISY, noise_sd=noise), per_class=PER_CLASS, seed=1, form="units")[0]
        assert check_spaces(x) == found


def test_noise_on_elements_planted_faults(noisy):
    x = noisy.copy()
    x[x == 1] = 0.9  # what is above full scale is lost
    assert "share of ones" in check_elements(x)
    x = np.clip(noisy.astype(np.float64) * 16 / 15, 0, 1)  # divided by 15
    assert "share of ones" in check_elements(x)
    without = generate(BASELINE, per_class=PER_CLASS, seed=1, form="units")[0]
    assert "share of ones" in check_elements(without)


def test_clean_black_and_white(clean):
    # the codewords of the grey frames, as lengths do not depend on the style
    grey = generate(BASELINE, per_class=PER_CLASS, seed=1, form="units")[0]
    np.testing.assert_array_equal(clean, grey > 0)
    octets = generate(dataclasses.replace(FLIPPED, flips=0), per_class=PER_CLASS, seed=1)[0]
    np.testing.assert_array_equal(octets, np.where(clean, 255, 0))


def test_flips(flipped, clean):
    assert check_flips(flipped, clean) == []


def test_every_position_may_be_flipped():
    settings = dataclasses.replace(FLIPPED, flips=64)
    x = generate(settings, per_class=100, seed=1, form="units")[0]
    clean = generate(dataclasses.replace(settings, flips=0), per_class=100, seed=1, form="units")[0]
    counts = np.bincount((x != clean).sum(axis=1), minlength=65)
    assert len(counts) == 65
    assert chisquare(counts).pvalue > 1e-6


def test_flips_planted_faults(flipped, clean):
    rng = np.random.Generator(np.random.PCG64(5))
    count = len(clean)
    repeated = clean.copy()
    for row, number in enumerate(rng.integers(0, FLIPS + 1, count)):
        for position in rng.integers(0, 64, number):  # may come twice: then nothing is flipped
            repeated[row, position] = 1 - repeated[row, position]
    assert "number" in check_flips(repeated, clean)
    never = flipped.copy()
    never[:, 63] = clean[:, 63]  # the last position is never flipped
    assert "positions" in check_flips(never, clean)
    binomial = np.where(rng.random(clean.shape) < FLIPS / 128, 1 - clean, clean)
    assert check_flips(binomial, clean) == ["number"]
    near = flipped.copy()
    two = np.flatnonzero((near != clean).sum(axis=1) == 2)
    near[two] = clean[two]
    first = rng.integers(0, 64, len(two))
    for offset in (0, 1):
        near[two, (first + offset) % 64] = 1 - clean[two, (first + offset) % 64]
    assert check_flips(near, clean) == ["distance of two"]
    assert check_flips(flipped * 0.75, clean * 0.75) == ["values"]
