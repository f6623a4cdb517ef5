"""Images that are moved and mirrored: every pixel where it should be."""

import torch

from sw.deepncheap.augmentation import MARGIN, augmented


def test_each_image_is_moved_and_mirrored_as_a_whole_and_filled_with_what_empty_is():
    """Each result is one of the 2 * 9 * 9 that there can be, equal in all channels; and over many, all 162 occur."""
    random = torch.Generator().manual_seed(1)
    image = torch.rand(2, 5, 6, generator=random)
    empty = torch.tensor([-1.0, -2.0])[:, None, None]
    padded = empty.expand(2, 5 + 2 * MARGIN, 6 + 2 * MARGIN).clone()
    padded[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = image
    possible = {}
    for down in range(2 * MARGIN + 1):
        for right in range(2 * MARGIN + 1):
            part = padded[:, down : down + 5, right : right + 6]
            possible[part.numpy().tobytes()] = (down, right, False)
            possible[part.flip(2).contiguous().numpy().tobytes()] = (down, right, True)
    torch.manual_seed(2)
    found = augmented(image.expand(3000, -1, -1, -1), empty)
    assert found.shape == (3000, 2, 5, 6)
    seen = {possible[one.contiguous().numpy().tobytes()] for one in found}
    assert len(seen) == 162
