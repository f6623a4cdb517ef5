"""A test split for data that come in one piece: stratified, drawn from a seed."""

import numpy as np
from numpy.random import PCG64, Generator

__all__ = ["TEST_SHARE", "stratified"]

TEST_SHARE = 0.2


def stratified(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training and of the test samples, each in a random order, from class indices (samples,).

    Of each class a share of TEST_SHARE, rounded to the nearest whole number, is for the test; so a class of one or two
    samples is only trained on.
    """
    rng = Generator(PCG64(seed))
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        test[rng.permutation(members)[: int(TEST_SHARE * len(members) + 0.5)]] = True
    order = rng.permutation(len(labels))
    return order[~test[order]], order[test[order]]
