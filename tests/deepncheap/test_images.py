"""Images as they are stored: the shape that is found, and every value in its place."""

import numpy as np
import pytest
import torch

from sw.data.dataset import DataError
from sw.deepncheap.images import channels_first, image_shape
from sw.deepncheap.load import load_task


@pytest.mark.parametrize(("stored", "shape"), [
    ((28, 20), (1, 28, 20)), ((3, 32, 30), (3, 32, 30)), ((32, 30, 3), (3, 32, 30)), ((1, 28, 28), (1, 28, 28)),
    ((28, 28, 1), (1, 28, 28)), ((3, 5, 3), (3, 5, 3)), ((7, 8, 9), (7, 8, 9)), ((49,), (1, 7, 7)),
])
def test_the_shape_follows_from_how_samples_are_stored(stored, shape):
    assert image_shape(stored, None, "d") == shape
    assert image_shape(stored, shape, "d") == shape
    images = np.arange(2 * np.prod(stored)).reshape(2, *stored)
    flat = channels_first(images.reshape(2, -1), stored).reshape(2, *shape)
    due = images.transpose(0, 3, 1, 2) if len(stored) == 3 and shape != stored else images.reshape(2, *shape)
    assert (flat == due).all()


def test_a_shape_that_the_samples_do_not_have():
    assert image_shape((12,), (3, 2, 2), "d") == (3, 2, 2)
    for stored, wish, told in (
        ((12,), None, "d: 12 features are no square image of one channel; give the shape of a sample"),
        ((12,), (3, 3, 3),
         "d: the shape of a sample must be (channels, rows, columns) with 12 values, got (3, 3, 3)"),
        ((12,), (12,), "d: the shape of a sample must be (channels, rows, columns) with 12 values, got (12,)"),
        ((6, 5, 3), (6, 5, 3),
         "d: the shape of a sample must be (channels, rows, columns), (3, 6, 5) as it is stored, got (6, 5, 3)"),
    ):
        with pytest.raises(DataError) as caught:
            image_shape(stored, wish, "d")
        assert str(caught.value) == told


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_colour_images_with_channels_last_are_turned_over(tmp_path, kind):
    images = np.random.default_rng(1).integers(0, 256, (20, 6, 5, 3)).astype(np.uint8)
    np.savez(tmp_path / "a.npz", x_train=images, y_train=np.arange(20) % 2, x_test=images[:3], y_test=np.arange(3) % 2)
    task = load_task(tmp_path / "a.npz", kind=kind, images=True, scaling="none")
    assert task.sample_shape == (3, 6, 5)
    assert torch.equal(task.train.x, torch.from_numpy(images[:16].transpose(0, 3, 1, 2).astype(np.float32)))
    assert torch.equal(task.test.x, task.train.x[:3])
    assert task.augment
    flat = load_task(tmp_path / "a.npz", kind=kind, scaling="none")
    assert torch.equal(flat.train.x, torch.from_numpy(images[:16].reshape(16, -1).astype(np.float32)))
