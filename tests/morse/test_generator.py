"""The generator's contract: shapes, determinism, splits, clipping, dilation, subsets, errors."""

import zlib

import numpy as np
import pytest

from sw.morse import generator
from sw.morse.generator import BASELINE, MorseError, MorseSettings, blocks, generate
from sw.morse.variants import VARIANTS


def test_the_hardware_runs_on_these_samples():
    # of the default run, whose accuracies are recorded
    x, y = generate(BASELINE, samples=60_000, seed=1)
    assert (zlib.crc32(x.tobytes()), zlib.crc32(y.tobytes())) == (3208618308, 2365532317)


def test_shapes_and_types():
    x, y = generate(BASELINE, per_class=3, seed=1)
    assert (x.dtype, x.shape, y.dtype, y.shape) == (np.uint8, (192, 64), np.int64, (192,))
    x, y = generate(BASELINE, samples=1, seed=np.int64(0))
    assert (x.shape, y.tolist()) == ((1, 64), [0])


@pytest.mark.parametrize("form", ["bytes", "units"])
@pytest.mark.parametrize("name", ["baseline", "difficult", "dilated-2-noise-4", "flips-8"])
def test_same_seed_same_samples_whatever_the_chunk(name, form, monkeypatch):
    settings = VARIANTS[name].settings
    x, y = generate(settings, samples=5000, seed=7, form=form)
    for chunk in (1000, 4999, 5000):
        parts = list(blocks(settings, samples=5000, seed=7, form=form, chunk=chunk))
        assert [len(part[1]) for part in parts] == [chunk] * (5000 // chunk) + [5000 % chunk] * (5000 % chunk > 0)
        np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), x)
        np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), y)
    monkeypatch.setattr(generator, "_CHUNK", 77)
    np.testing.assert_array_equal(generate(settings, samples=5000, seed=7, form=form)[0], x)


def test_a_stream_that_is_begun_anew_with_each_block_is_found(monkeypatch):
    settings = VARIANTS["difficult"].settings
    x, _ = generate(settings, samples=500, seed=7)
    drawn = generator._units

    def anew(settings, codewords, streams):
        return drawn(settings, codewords, {**streams, "noise": np.random.Generator(np.random.PCG64(1))})

    monkeypatch.setattr(generator, "_units", anew)
    whole = generate(settings, samples=500, seed=7)[0]
    parts = np.concatenate([part[0] for part in blocks(settings, samples=500, seed=7, chunk=100)])
    assert (parts[:100] == whole[:100]).all()
    assert (parts != whole).any()
    assert (whole != x).any()


def test_forms_are_roundings_of_the_same_values():
    settings = VARIANTS["difficult"].settings
    units, y = generate(settings, samples=1000, seed=3, form="units")
    assert units.dtype == np.float32
    thousandths = units.astype(np.float64) * 1000
    assert np.abs(thousandths - np.round(thousandths)).max() < 1e-4
    octets, again = generate(settings, samples=1000, seed=3)
    np.testing.assert_array_equal(again, y)
    # half a thousandth and half a step of 1/256; 255 also stands for all above
    assert (np.abs(units - octets / 256.0) <= np.where(octets == 255, 1.5, 0.5) / 256 + 0.0005 + 1e-6).all()


def test_pinned_samples():
    # Trained bits depend on these values: a change here is a change of every recorded figure.
    x, y = generate(VARIANTS["difficult"].settings, samples=256, seed=2018)
    assert y[:8].tolist() == [5, 26, 23, 8, 19, 26, 58, 25]
    assert int(x.sum(dtype=np.int64)) == 1_140_195


@pytest.mark.parametrize("other", [{"seed": 8}, {"seed": 7, "split": 1}, {"seed": 2**32 + 7}])
def test_other_seeds_and_splits_are_independent(other):
    x, y = generate(BASELINE, samples=20_000, seed=7)
    xo, yo = generate(BASELINE, samples=20_000, **other)
    # 64 classes: one label in 64 agrees by chance, 312 +- 17.5 here.
    assert abs(np.count_nonzero(y == yo) - 312.5) < 100
    # Where two unlike samples have a value at the same position, the values are uncorrelated.
    both = (x > 0) & (xo > 0) & (y != yo)[:, None]
    assert both.sum() > 50_000
    assert abs(np.corrcoef(x[both], xo[both])[0, 1]) < 5 / np.sqrt(both.sum())


def test_values_are_clipped_to_the_scale():
    x, _ = generate(MorseSettings(symbol_mean=100.0), samples=640, seed=1)
    assert set(np.unique(x)) == {0, 255}
    x, _ = generate(MorseSettings(noise_mean=-100.0), samples=640, seed=1)
    assert not x.any()


def test_eight_bits_round_half_up():
    # 0.5/256 of full scale is half a step: it goes up, and so does every other half.
    for mean, expected in ((0.5, 1), (0.499, 0), (127.5, 128), (254.5, 255), (256.0, 255)):
        settings = MorseSettings(levels=256, symbol_mean=mean, symbol_sd=0, classes=(34,))
        x, _ = generate(settings, samples=20, seed=1)
        assert x[:, 0].tolist() == [expected] * 20


def test_dilation_scales_frame_and_lengths_but_not_in_steps():
    x, _ = generate(MorseSettings(dilation=4, classes=(34,)), samples=2000, seed=1)  # E: one dot
    assert x.shape == (2000, 256)
    assert set((x > 0).sum(axis=1)) == set(range(4, 13))


def test_subset_keeps_the_order_of_its_classes():
    # T is one dash, E one dot; T comes first here.
    x, y = generate(MorseSettings(classes=(49, 34)), samples=500, seed=1)
    lengths = (x > 0).sum(axis=1)
    assert set(lengths[y == 0]) == {4, 5, 6, 7, 8, 9}
    assert set(lengths[y == 1]) == {1, 2, 3}


@pytest.mark.parametrize(("arguments", "message"), [
    ({}, ("exactly one of samples and per_class must be given, "
          "got samples None and per_class None")),
    ({"samples": 1, "per_class": 1}, ("exactly one of samples and per_class must be given, "
                                      "got samples 1 and per_class 1")),
    ({"samples": 0}, "samples must be a whole number of at least 1, got 0"),
    ({"per_class": 1.5}, "per_class must be a whole number of at least 1, got 1.5"),
    ({"samples": 1, "seed": -1}, "seed must be a whole number of at least 0, got -1"),
    ({"samples": 1, "form": "float"}, "form must be one of bytes, units, got 'float'"),
    ({"samples": 1, "split": True}, "split must be a whole number of at least 0, got True"),
])
def test_generate_wrong(arguments, message):
    with pytest.raises(MorseError) as error:
        generate(BASELINE, **{"seed": 1, **arguments})
    assert str(error.value) == message
