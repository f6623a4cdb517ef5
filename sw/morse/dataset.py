"""Morse variants as datasets, by the names that command lines and design files give them."""

from pathlib import Path

from sw.data.build import Raw
from sw.data.dataset import DataError
from sw.data.load import check_counts
from sw.morse.generator import generate
from sw.morse.settings import MorseError
from sw.morse.variants import variant

__all__ = ["MORSE_TEST", "MORSE_TRAIN", "morse_dataset", "variant_named"]

MORSE_TRAIN = 20_000
MORSE_TEST = 2_000


def variant_named(source: str | Path) -> str | None:
    """The variant that `morse` or `morse:VARIANT` names, None where `source` names something else."""
    kind, colon, name = str(source).partition(":")
    return None if kind != "morse" else name if colon else "baseline"


def morse_dataset(source: str | Path, *, train: int | None = None, test: int | None = None, seed: int = 1) -> Raw:
    """The variant that `source` names, generated.

    Parameters
    ----------
    train, test
        How many samples to generate, 20000 and 2000 when None; labels are balanced to within one.
    seed
        Whole number from 0.

    Raises
    ------
    DataError
        No such variant, `train` below 1, `test` below 0, a wrong seed.
    """
    check_counts(train, test, seed)
    train, test = MORSE_TRAIN if train is None else train, MORSE_TEST if test is None else test
    try:
        settings = variant(variant_named(source) or "").settings
    except MorseError as error:
        raise DataError(f"{source}: {error}") from None
    # Splits 0 and 1 of one seed draw from independent streams.
    xtr, ytr = generate(settings, samples=train, seed=seed, split=0)
    xte, yte = generate(settings, samples=max(test, 1), seed=seed, split=1)
    names = settings.class_names
    return Raw(name=str(source), source=str(source), class_names=names,
               features={"xtr": xtr, "xte": xte[:test]}, labels={"ytr": ytr, "yte": yte[:test]})
