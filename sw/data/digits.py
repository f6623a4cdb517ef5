"""The handwritten digits that come with scikit-learn: 8 x 8 pixels of 0..16, ten classes.

The only file that imports scikit-learn, and only when the digits are asked for.
"""

from numpy.random import PCG64, Generator

from sw.data.build import Raw, raw_of
from sw.data.dataset import DataError, check_whole

TRAIN = 1437
TEST = 360


def load_digits(seed: int = 1) -> Raw:
    """The digits, shuffled by `seed` (a whole number from 0) and split 1437 to 360.

    The split is a plain shuffle, not balanced by class; every sample is in exactly one split.

    Raises
    ------
    DataError
        When scikit-learn is not installed, or the seed is not a whole number from 0.
    """
    check_whole("seed", seed, 0)
    try:
        from sklearn import datasets
    except ImportError as error:
        raise DataError("digits: need scikit-learn, which is not installed "
                        "(pip install scikit-learn)") from error
    pixels, labels = datasets.load_digits(return_X_y=True)
    order = Generator(PCG64(seed)).permutation(len(pixels))
    train, test = order[:TRAIN], order[TRAIN:TRAIN + TEST]
    return raw_of("digits", {"xtr": pixels[train], "ytr": labels[train],
                             "xte": pixels[test], "yte": labels[test]}, "digits")
