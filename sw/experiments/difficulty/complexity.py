"""Measures of complexity from the literature, of labelled samples in any number of classes.

F1, N1 and N3 are as A. C. Lorena et al. define them ("How Complex Is Your Classification Problem?", ACM Computing
Surveys 52(5), 2019) and as pymfe 0.4.4 computes them with Euclidean distances; tests hold its figures. problexity
counts the edges of N1 where the paper and pymfe count the samples at their ends, and has twice the ratio in F1.
Features are compared as they are: here they have one unit.
"""

import numpy as np
from sklearn.neighbors import NearestNeighbors

__all__ = ["borderline", "fisher", "left_out_error", "nearest_error", "spanning_tree"]


def fisher(x: np.ndarray, y: np.ndarray) -> float:
    """F1 = 1 / (1 + r), r the largest ratio, of all features, of the variance between classes to that within them.

    0 to 1, and the larger the harder. ``x``: (n, features), ``y``: (n,) labels.
    """
    labels, counts = np.unique(y, return_counts=True)
    means = np.array([x[y == label].mean(axis=0, dtype=float) for label in labels])
    within = sum(count * x[y == label].var(axis=0, dtype=float) for label, count in zip(labels, counts, strict=True))
    between = counts @ (means - x.mean(axis=0, dtype=float)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(between > 0, between / within, 0.0)
    return float(1 / (1 + ratio.max()))


def nearest_error(x: np.ndarray, y: np.ndarray, of_x: np.ndarray, of_y: np.ndarray) -> float:
    """Share of the samples (``of_x``, ``of_y``) whose nearest of (``x``, ``y``) is of another class."""
    found = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(x).kneighbors(of_x, return_distance=False)[:, 0]
    return float((y[found] != of_y).mean())


def left_out_error(x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> float:
    """N3: share of the samples whose nearest other one is of another class; estimated from those of ``rows``."""
    two = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(x).kneighbors(x[rows], return_distance=False)
    # of equal samples another one may come first
    other = np.where(two[:, 0] == rows, two[:, 1], two[:, 0])
    return float((y[other] != y[rows]).mean())


def borderline(x: np.ndarray, y: np.ndarray) -> float:
    """N1: share of the samples that a minimum spanning tree joins to one of another class."""
    edges = spanning_tree(x)
    return len(np.unique(edges[y[edges[:, 0]] != y[edges[:, 1]]])) / len(y)


def spanning_tree(x: np.ndarray) -> np.ndarray:
    """Edges int64 (n - 1, 2) of a minimum spanning tree of n >= 1 samples by Euclidean distance.

    Prim's algorithm. scipy's takes all n² distances, which for 16,384 samples would be gigabytes.
    """
    points, names = np.array(x[1:], np.float32), np.arange(1, len(x))
    squares = np.einsum("ij,ij->i", points, points)
    last = np.asarray(x[0], np.float32)
    name, near, link = 0, np.full(len(points), np.inf, np.float32), np.zeros(len(points), np.int64)
    edges = np.empty((len(points), 2), np.int64)
    for step in range(len(edges)):
        distance = squares - 2 * (points @ last) + last @ last
        closer = distance < near
        near[closer], link[closer] = distance[closer], name
        new = int(near.argmin())
        edges[step] = link[new], names[new]
        last, name = points[new].copy(), names[new]
        near[new] = squares[new] = np.inf  # it is never closer again
        if step % 512 == 511:
            out = np.isfinite(squares)
            points, names, squares, near, link = points[out], names[out], squares[out], near[out], link[out]
    return edges
