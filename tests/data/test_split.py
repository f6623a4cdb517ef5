"""The stratified split: shares per class, nothing lost, the seed."""

import numpy as np

from sw.data.split import stratified

LABELS = np.repeat(np.arange(5), (50, 10, 3, 2, 1))


def test_every_sample_is_in_one_split_and_shares_are_kept():
    train, test = stratified(LABELS, 1)
    assert sorted([*train, *test]) == list(range(66))
    assert np.bincount(LABELS[test], minlength=5).tolist() == [10, 2, 1, 0, 0]


def test_orders_are_random_and_follow_the_seed():
    first, again, other = (stratified(LABELS, seed) for seed in (1, 1, 2))
    assert (first[0].tolist(), first[1].tolist()) == (again[0].tolist(), again[1].tolist())
    assert first[1].tolist() != other[1].tolist()
    assert (np.diff(first[0]) < 0).any()
    assert (np.diff(LABELS[first[0]]) < 0).any()
