"""Named datasets: the two published ones and a ladder of others, in families.

A family changes one thing, or one beside the noise, from its easiest variant to its hardest. Names
say what differs from the baseline; `-noise-S` is Gaussian noise of standard deviation S.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from sw.morse.settings import BASELINE, MorseError, MorseSettings

__all__ = ["FAMILIES", "VARIANTS", "Variant", "variant"]

#: What each family changes.
FAMILIES: dict[str, str] = {
    "published": "the two published datasets",
    "noise": "standard deviation of the Gaussian noise",
    "leading": "leading spaces, with more and more noise",
    "dash": "dashes as short as dots and spaces, with and without noise",
    "both": "leading spaces and dashes of 3 to 9, with more and more noise",
    "dilation": "frame and lengths dilated",
    "size": "samples per class in the training split",
    "levels": "full scale, at noise 4: symbols drown below, saturate above",
    "flips": "black and white, with more and more positions flipped",
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A named dataset: settings, and samples per class in the training, validation and test split."""

    name: str
    family: str
    settings: MorseSettings
    train: int = 5000
    validation: int = 1000
    test: int = 1000

    def changes(self) -> str:
        """What differs from the baseline, in words; empty for the baseline."""
        words = [f"{field.name} {_text(value)}" for field in dataclasses.fields(self.settings)
                 if (value := getattr(self.settings, field.name)) != getattr(BASELINE, field.name)]
        words += [f"{self.train} per class"] if self.train != Variant.train else []
        return ", ".join(words)


def variant(name: str) -> Variant:
    """The variant of that name; MorseError if there is none."""
    if name not in VARIANTS:
        near = [known for known in VARIANTS if known.partition("-")[0] == name.partition("-")[0]]
        raise MorseError(f"variant must be one of {', '.join(near or VARIANTS)}, got {name!r}")
    return VARIANTS[name]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) \
        else str(value)


def _named(family: str, name: str, *, train: int = Variant.train, **knobs: object) -> Variant:
    settings = dataclasses.replace(BASELINE, **knobs)  # type: ignore[arg-type]
    return Variant(name=name, family=family, settings=settings, train=train)


def _all() -> Iterator[Variant]:
    yield _named("published", "baseline")
    yield _named("published", "difficult", leading_spaces=True, dash=(3, 9), noise_sd=4.0)
    for noise in (1, 2, 3, 4, 5, 6, 8):
        yield _named("noise", f"noise-{noise}", noise_sd=float(noise))
    for noise in (0, 1, 2, 3, 4, 6):
        yield _named("leading", f"leading-noise-{noise}", leading_spaces=True, noise_sd=float(noise))
    for dash in ((3, 9), (2, 9), (1, 9), (3, 6)):
        for noise in (0, 4):
            yield _named("dash", f"dash-{dash[0]}-{dash[1]}-noise-{noise}", dash=dash, noise_sd=float(noise))
    for noise in (0, 1, 2, 3, 6):  # 4 is `difficult`
        yield _named("both", f"both-noise-{noise}", leading_spaces=True, dash=(3, 9), noise_sd=float(noise))
    for factor, noises in ((2, (0, 4)), (4, (0, 2, 4))):
        for noise in noises:
            yield _named("dilation", f"dilated-{factor}-noise-{noise}", dilation=factor, noise_sd=float(noise))
    yield _named("dilation", "dilated-4-difficult", dilation=4, leading_spaces=True, dash=(3, 9), noise_sd=4.0)
    for train in (50, 100, 250, 500, 1000, 2500):
        yield _named("size", f"size-{train}", train=train)
    for levels in (8, 10, 12, 20, 24, 32):
        yield _named("levels", f"levels-{levels}", levels=levels, noise_sd=4.0)
    for flips in (0, 2, 4, 8, 12, 16):
        yield _named("flips", f"flips-{flips}", style="binary", flips=flips)


#: Variants by name.
VARIANTS: dict[str, Variant] = {found.name: found for found in _all()}
