"""A network that was trained on features of one scale as the same network on another scale."""

import numpy as np
import torch

from sw.data.affine import Affine
from sw.sparse.mlp import SparseMLP

__all__ = ["folded"]


def folded(model: SparseMLP, trained_on: Affine, on: Affine) -> SparseMLP:
    """A copy, of one seed, that makes of features scaled by ``on`` what ``model`` makes of those by ``trained_on``.

    With f = (x - s) k of ``trained_on`` and u = (x - s') k', f = u k / k' + (s' - s) k: the factor goes into the
    weights of the first junction and the rest into its biases, in float64. A feature that ``on`` makes 0 (k' = 0)
    counts as s'.
    """
    copy = model.single(0)
    first = copy.layers()[0]
    missing = first.in_features - len(on.shift)  # neurons beyond the features get 0 on either scale
    factor = trained_on.factor / np.where(on.factor == 0, np.inf, on.factor)
    shift = (on.shift - trained_on.shift) * trained_on.factor
    factor, shift = np.pad(factor, (0, missing)), np.pad(shift, (0, missing))
    left, right = (part.long() for part in first.edge_list)
    assert first.bias is not None
    with torch.no_grad():
        weight, bias = first.weight.double(), first.bias.double()
        first.bias.copy_(bias.index_add(0, right, weight * torch.from_numpy(shift)[left]))
        first.weight.copy_(weight * torch.from_numpy(factor)[left])
    return copy
