"""Less redundant features: principal components, and whitening without turning (ZCA), of the training split."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from sw.data.affine import Affine, mean_of, row_blocks
from sw.data.dataset import DataError, check_whole

__all__ = ["ZCA_EPS", "Components", "components", "pca", "zca"]

ZCA_EPS = 1e-5


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of samples x.

    Parameters
    ----------
    mean
        float64 (features,): of x.
    directions
        float64 (features, number): a unit vector in each column, the largest variance first. The entry
        of each that is largest by magnitude is positive. Their number is that of the features, or that of the samples
        where there are fewer of these.
    variances
        float64 (number,): of x along each direction (population: divided by the count), none negative.
    rank
        How many variances are more than rounding.
    """

    mean: np.ndarray
    directions: np.ndarray
    variances: np.ndarray
    rank: int


def components(train: np.ndarray, tell: Callable[[int, int], None] | None = None) -> Components:
    """Eigenvectors of the covariance (1/n) sum (x - mean)(x - mean)^T of train (samples, features).

    Holds a few matrices features x features; where there are fewer samples than features, one or two of the size of
    train in float64, and a few samples x samples: the eigenvectors of (x - mean)^T (x - mean) are those of
    (x - mean)(x - mean)^T, times (x - mean)^T. `tell` is called with the samples done and all of them. DataError
    without samples, and where none differs from another.
    """
    mean = mean_of(train)
    if len(train) < len(mean):
        around = np.concatenate([block - mean for _, block in row_blocks(train)])
        variances, inner = eigh(around @ around.T / len(train), driver="evr")
        directions = around.T @ inner
        length = np.linalg.norm(directions, axis=0)
        directions /= np.where(length > 0, length, 1)
        if tell:
            tell(len(train), len(train))
    else:
        covariance = np.zeros((len(mean), len(mean)))
        for start, block in row_blocks(train):
            block -= mean
            covariance += block.T @ block
            if tell:
                tell(start + len(block), len(train))
        variances, directions = eigh(covariance / len(train), driver="evr")
    variances, directions = np.maximum(variances[::-1], 0), directions[:, ::-1]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=0)[None], axis=0)
    eps = np.finfo(float).eps
    # a rounded mean leaves samples that are all the same some variance
    rank = int((variances > len(mean) * eps * max(variances[0], eps * (mean ** 2).max())).sum())
    if rank == 0:
        raise DataError("training samples must differ, got the same features in all of them")
    return Components(mean, directions * np.sign(largest), variances, rank)


def pca(found: Components, features: int) -> Affine:
    """x -> D^T (x - mean), D the first `features` directions: new features of falling variance, uncorrelated over
    the training split.

    DataError unless `features` is a whole number from 1 to the rank.
    """
    check_whole("principal components", features, 1)
    if features > found.rank:
        raise DataError(f"principal components must be 1..{found.rank}, the rank of the training features, "
                        f"got {features!r}")
    return Affine(found.mean, found.directions[:, :features])


def zca(found: Components, eps: float = ZCA_EPS) -> Affine:
    """x -> D diag(1 / sqrt(variance + eps)) D^T (x - mean): as many features, each still near its old one.

    `eps` (above 0, in squared units of the features) keeps what hardly varies from being blown up. Over the training
    split the covariance becomes D diag(variance / (variance + eps)) D^T. DataError for another eps, and for fewer
    samples than features.
    """
    if not (np.isfinite(eps) and eps > 0):
        raise DataError(f"eps must be a number above 0, got {eps!r}")
    if found.directions.shape[1] < len(found.mean):
        raise DataError(
            f"whitening needs at least as many training samples as features, got {found.directions.shape[1]} for "
            f"{len(found.mean)} features: take principal components instead"
        )
    return Affine(found.mean, (found.directions / np.sqrt(found.variances + eps)) @ found.directions.T)
