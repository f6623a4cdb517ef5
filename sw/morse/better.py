"""How accurate a small network will be, foretold from the moments of a dataset: no classifier is trained.

Two figures, both from the centroids c, their number K of classes, N_0 features and one covariance matrix:

- V_white = mean_m sum_{j != m} Q(d_w(m, j) / 2), with d_w(m, j)^2 = (c_m - c_j)' W^-1 (c_m - c_j): V_upper with the
  distance of two centroids measured in the spread that samples have *in its direction* (Mahalanobis), W being the
  covariance of samples around their class centroids. V_upper has one spread for all directions. But samples of a class
  vary along few directions, by when its elements begin and end, and a network learns to look along the others.
- D = (tr T)^2 / tr(T^2), with T the covariance of all samples: the participation ratio, the number of directions
  among which the variance is spread (1 if it is all in one, N_0 if it is the same in all). What is smooth has few
  directions and is learned from few samples, and all white noise adds directions. It tells clean samples, of which
  centroids are blurred by their unknown begin, from noisy ones; V_* cannot, and neither can V_white.

With n training samples per class, the figure that follows accuracy is

    score = log10(V_white) + A log10(D) - B log10(n)

which grows with difficulty like V_*; A and B are fitted to the ladder of Morse variants (docs/morse-study.md).

One pass more than V_upper, over at most `MOST` samples: W needs no more to be known to a per cent.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import ndtr

from sw.data.dataset import Dataset
from sw.morse.moments import Moments
from sw.morse.settings import MorseError

__all__ = ["MOST", "Outlook", "covariance", "covariance_of_dataset", "outlook"]
