"""From files and bundled data to tasks: splits, shapes, scaling, regression, and what is refused."""

import numpy as np
import pytest
import torch

from sw.data.dataset import DataError
from sw.deepncheap.errors import SearchError
from sw.deepncheap.load import load_task


@pytest.fixture
def written(tmp_path):
    """Writes arrays to an npz and names it."""
    def write(**arrays):
        np.savez(tmp_path / "made.npz", **arrays)
        return tmp_path / "made.npz"
    return write


def flat(count, features=4, classes=2, dtype=np.float32):
    random = np.random.default_rng(3)
    x = random.integers(0, 256, (count, features)).astype(dtype)
    return x, np.arange(count) % classes


def test_the_last_training_samples_are_for_validation_and_in_order(written):
    x, y = flat(10)
    task = load_task(written(xtr=x, ytr=y, xte=x[:3], yte=y[:3]), scaling="none")
    assert torch.equal(task.train.x, torch.from_numpy(x[:8]))
    assert torch.equal(task.validation.x, torch.from_numpy(x[8:]))
    assert torch.equal(task.test.x, torch.from_numpy(x[:3]))
    assert task.train.y.tolist() == [0, 1] * 4
    assert (task.outputs, task.kind, task.sample_shape, task.class_names) == (2, "classification", (4,), ("0", "1"))


def test_without_a_share_the_test_samples_validate_and_a_split_of_the_data_goes_first(written):
    x, y = flat(10)
    path = written(xtr=x, ytr=y, xte=x[:3], yte=y[:3])
    task = load_task(path, validation=0, scaling="none")
    assert len(task.train) == 10
    assert torch.equal(task.validation.x, task.test.x)
    task = load_task(written(xtr=x, ytr=y, xte=x[:3], yte=y[:3], xva=x[:4], yva=y[:4]), scaling="none")
    assert (len(task.train), len(task.validation), len(task.test)) == (10, 4, 3)


def test_samples_in_the_order_of_their_classes_are_refused_unless_they_are_shuffled(written):
    x, _ = flat(20)
    y = np.repeat([0, 1], [16, 4])
    path = written(xtr=x, ytr=y, xte=x, yte=y)
    with pytest.raises(DataError, match=r"class 1 is in the validation samples but not in those to train on; if the "
                                        r"samples lie in the order of their classes, shuffle them$"):
        load_task(path)
    # seed 1 puts samples of class 1 on both sides
    task = load_task(path, shuffle=True, seed=1, scaling="none")
    both = torch.cat([task.train.x, task.validation.x])
    assert not torch.equal(both, torch.from_numpy(x))
    assert sorted(both.tolist()) == sorted(x.tolist())
    assert 1 in task.train.y.tolist()
    assert len(task.validation) == 4


def test_flat_features_become_images_of_a_guessed_or_given_shape(written):
    x, y = flat(10, features=12)
    path = written(xtr=x, ytr=y)
    task = load_task(path, images=True, sample_shape=(3, 2, 2), scaling="none", augment=None)
    assert task.sample_shape == (3, 2, 2)
    assert task.augment
    assert not load_task(path, images=True, sample_shape=(3, 2, 2), augment=False).augment
    assert load_task(path, sample_shape=(3, 2, 2)).sample_shape == (12,)
    with pytest.raises(DataError, match=r"a sample has 12 values, got the shape \(3, 3, 3\)$"):
        load_task(path, sample_shape=(3, 3, 3))
    digits = load_task("digits", images=True)
    assert digits.sample_shape == (1, 8, 8)
    assert not digits.augment
    as_they_are = load_task("digits", scaling="none").train.x
    torch.testing.assert_close(digits.inputs_by.inverse(digits.train.x).flatten(1), as_they_are, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("dtype", "unit"), [(np.uint8, 1), (np.float64, 1), (np.float64, 255)])
def test_scaling_is_fitted_to_the_training_samples_alone(written, dtype, unit):
    x, y = flat(200, dtype=dtype)
    x[:, 1] = 7  # the same in all
    x[:, 2] //= 16
    x[160:] //= 2  # validation samples are unlike the others
    x = (x / unit).astype(dtype)
    task = load_task(written(xtr=x, ytr=y, xte=x, yte=y))
    torch.testing.assert_close(task.train.x.mean(0), torch.zeros(4), rtol=0, atol=1e-6)
    assert (task.train.x[:, 1] == 0).all()
    deviation = task.train.x.std(0, correction=0)
    if dtype == np.uint8 or unit > 1:  # one scale for all
        assert (deviation**2).mean().item() == pytest.approx(1, rel=1e-5)
        assert (deviation[0] / deviation[2]).item() == pytest.approx(x[:160, 0].std() / x[:160, 2].std(), rel=1e-5)
    else:
        torch.testing.assert_close(deviation, torch.tensor([1.0, 0, 1, 1]), rtol=1e-5, atol=0)
    assert task.validation.x.mean().abs() > 0.1
    torch.testing.assert_close(task.inputs_by.inverse(task.train.x), torch.from_numpy(x[:160].astype(np.float32)))


def test_images_are_scaled_by_channel(written):
    x, y = flat(100, features=8, dtype=np.uint8)
    x[:, 4:] //= 8
    task = load_task(written(xtr=x, ytr=y), images=True, sample_shape=(2, 2, 2))
    torch.testing.assert_close(task.train.x.mean((0, 2, 3)), torch.zeros(2), rtol=0, atol=1e-6)
    torch.testing.assert_close(task.train.x.std((0, 2, 3), correction=0), torch.ones(2))


def test_other_scalings(written):
    x, y = flat(10, dtype=np.uint8)
    path = written(xtr=x, ytr=y, xte=x, yte=y)
    torch.testing.assert_close(load_task(path, scaling="unit").train.x, torch.from_numpy(x[:8]) / 255)
    assert torch.equal(load_task(path, scaling="none").train.x, torch.from_numpy(x[:8].astype(np.float32)))


def test_targets_of_a_regression_are_numbers_of_one_or_several_columns(written):
    x, _ = flat(50)
    for y in (x[:, 0] / 7, np.stack([x[:, 0] / 7, x[:, 1] * 1000], 1)):
        task = load_task(written(x_train=x, y_train=y, x_test=x[:5], y_test=y[:5]), kind="regression")
        targets = y.reshape(50, -1)
        assert (task.kind, task.outputs, task.train.y.shape) == ("regression", targets.shape[1], (40, targets.shape[1]))
        torch.testing.assert_close(task.train.y.std(0, correction=0), torch.ones(task.outputs))
        due = torch.from_numpy(targets[:5].astype(np.float32))
        torch.testing.assert_close(task.targets_by.inverse(task.test.y), due)
    few = load_task(written(xtr=x, ytr=x[:, 0]), kind="regression", train=20, scaling="none")
    assert (len(few.train), len(few.validation), len(few.test)) == (16, 4, 0)


def test_the_fingerprint_tells_data_apart(written):
    x, y = flat(10)
    path = written(xtr=x, ytr=y, xte=x, yte=y)
    prints = {load_task(path, **options).fingerprint
              for options in ({}, {"scaling": "none"}, {"validation": 0}, {"validation": 0.4}, {"train": 8})}
    assert len(prints) == 5
    assert load_task(path).fingerprint == load_task(path).fingerprint
    x[3, 1] += 1
    assert load_task(written(xtr=x, ytr=y, xte=x, yte=y)).fingerprint not in prints


@pytest.mark.parametrize(("options", "told"), [
    ({"kind": "ranking"}, "kind must be classification or regression, got ranking"),
    ({"validation": 1.0}, "validation must be a share of the training samples from 0 up to but not 1, got 1.0"),
    ({"scaling": "log"}, "scaling must be auto or unit or none, got log"),
])
def test_options_out_of_range(options, told):
    with pytest.raises(SearchError) as caught:
        load_task("digits", **options)
    assert str(caught.value) == told


def test_data_that_cannot_be_used(written, tmp_path):
    x, y = flat(10)
    with pytest.raises(DataError, match=r"there must be at least one sample to validate on, got none"):
        load_task(written(xtr=x, ytr=y, xte=x, yte=y), validation=0.01)
    with pytest.raises(DataError, match=r"none\.npz: there is no such file; a regression needs an npz"):
        load_task(tmp_path / "none.npz", kind="regression")
    with pytest.raises(DataError, match=r"xtr and ytr must have as many samples, got 10 and 9$"):
        load_task(written(xtr=x, ytr=y[:9]), kind="regression")
    with pytest.raises(DataError, match=r"ytr must have the shape \(samples,\) or .*, got \(10, 1, 1\)$"):
        load_task(written(xtr=x, ytr=y.reshape(10, 1, 1)), kind="regression")
    with pytest.raises(DataError, match=r"made\.npz: ytr .*finite"):
        load_task(written(xtr=x, ytr=np.full(10, np.nan)), kind="regression")
