"""Saved datasets: keys, contents, the recipe in the file, the same bytes again, nothing left of a failure."""

import dataclasses
import zipfile
import zlib

import numpy as np
import pytest

from sw.common.errors import FileError
from sw.data.load import load_raw
from sw.morse import generator
from sw.morse.archive import Recipe, recipe_of, save
from sw.morse.generator import generate
from sw.morse.settings import BASELINE, MorseError
from sw.morse.variants import VARIANTS

SMALL = Recipe(settings=VARIANTS["difficult"].settings, train=20, validation=5, test=4, seed=3, name="difficult")


def test_six_keys_and_their_contents(tmp_path):
    path = tmp_path / "m.npz"
    save(path, SMALL)
    with np.load(path) as found:
        assert set(found.files) == {"xtr", "ytr", "xva", "yva", "xte", "yte", "recipe"}
        for split, per_class, stream in (("tr", 20, 0), ("va", 5, 2), ("te", 4, 1)):
            x, y = generate(SMALL.settings, per_class=per_class, seed=3, split=stream, form="units")
            np.testing.assert_array_equal(found[f"x{split}"], x)
            np.testing.assert_array_equal(found[f"y{split}"], y)
            assert (found[f"x{split}"].dtype, found[f"y{split}"].dtype) == (np.float32, np.int64)
            assert np.bincount(y).tolist() == [per_class] * 64


def test_the_hardware_s_form_is_taken_as_it_is(tmp_path):
    save(tmp_path / "m.npz", dataclasses.replace(SMALL, form="bytes"))
    data = load_raw(tmp_path / "m.npz")
    assert (data.features["xtr"].dtype, data.features["xva"].shape) == (np.uint8, (320, 64))
    np.testing.assert_array_equal(data.features["xtr"], generate(SMALL.settings, per_class=20, seed=3)[0])


def test_published_form(tmp_path):
    save(tmp_path / "m.npz", dataclasses.replace(SMALL, one_hot=True))
    with np.load(tmp_path / "m.npz") as found:
        assert (found["ytr"].shape, found["ytr"].dtype) == ((1280, 64), np.uint8)
    labels = load_raw(tmp_path / "m.npz").labels["ytr"]
    assert labels.tolist() == generate(SMALL.settings, per_class=20, seed=3)[1].tolist()


def test_without_validation(tmp_path):
    save(tmp_path / "m.npz", dataclasses.replace(SMALL, validation=0))
    assert "xva" not in load_raw(tmp_path / "m.npz").features


@pytest.mark.parametrize("recipe", [
    SMALL,
    Recipe(settings=dataclasses.replace(BASELINE, classes=(34, 49), style="binary", flips=3, dilation=2),
           train=3, validation=0, test=1, seed=0, form="bytes", one_hot=True),
], ids=["difficult", "subset"])
def test_the_recipe_makes_the_file_again(recipe, tmp_path):
    first, again = tmp_path / "first.npz", tmp_path / "again.npz"
    save(first, recipe)
    found = recipe_of(first)
    assert found == recipe
    save(again, found)
    assert first.read_bytes() == again.read_bytes()


def test_the_chunk_changes_nothing(tmp_path, monkeypatch):
    saved = save(tmp_path / "a.npz", SMALL)
    monkeypatch.setattr(generator, "_CHUNK", 100)
    again = save(tmp_path / "b.npz", SMALL)
    assert saved.checksums == again.checksums
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_checksums_are_those_of_every_machine(tmp_path):
    saved = save(tmp_path / "a.npz", SMALL)
    assert saved.size == (tmp_path / "a.npz").stat().st_size
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert zlib.crc32(archive.read("xtr.npy")) == saved.checksums["xtr"]
    assert saved.checksums["xtr"] == 2311689907


def test_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(generator, "_CHUNK", 1000)
    told = []
    save(tmp_path / "a.npz", SMALL, lambda done, of: told.append((done, of)))
    assert told == [(1000, 1856), (1280, 1856), (1600, 1856), (1856, 1856)]


def test_failures_leave_nothing(tmp_path, monkeypatch):
    with pytest.raises(FileError, match=r"none/a.npz: cannot be written: No such file or directory"):
        save(tmp_path / "none" / "a.npz", SMALL)

    def stop(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "a.npz", SMALL, stop)
    assert list(tmp_path.iterdir()) == []


def test_no_recipe(tmp_path):
    np.savez(tmp_path / "other.npz", xtr=np.zeros(3))
    assert recipe_of(tmp_path / "other.npz") is None
    np.savez(tmp_path / "bad.npz", recipe=np.array("{"))
    for name in ("bad.npz", "none.npz"):
        with pytest.raises(MorseError, match=f"{name}: the recipe cannot be read: "):
            recipe_of(tmp_path / name)


@pytest.mark.parametrize(("knobs", "message"), [
    ({"train": 0}, "train must be a whole number of at least 1, got 0"),
    ({"validation": -1}, "validation must be a whole number of at least 0, got -1"),
    ({"test": 2.0}, "test must be a whole number of at least 1, got 2.0"),
    ({"seed": "1"}, "seed must be a whole number of at least 0, got '1'"),
    ({"form": "double"}, "form must be one of bytes, units, got 'double'"),
])
def test_wrong_recipes(knobs, message):
    with pytest.raises(MorseError) as error:
        Recipe(settings=BASELINE, **knobs)
    assert str(error.value) == message
