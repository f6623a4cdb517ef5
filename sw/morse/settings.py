"""The knobs of the Morse generator: one frozen, validated object."""

import math
from dataclasses import dataclass
from numbers import Integral, Real

from sw.common.errors import UserError
from sw.morse.codebook import CLASSES, CODES, NAMES, codeword_length

STYLES = ("grey", "binary")


class MorseError(UserError):
    """A knob of the generator has a value it cannot have; the message names knob and rule."""


@dataclass(frozen=True, kw_only=True)
class MorseSettings:
    """How the samples of a Morse dataset are drawn.

    Parameters
    ----------
    frame
        Positions of a sample before dilation.
    dilation
        Factor q on `frame` and on both limits of `dot`, `dash` and `space`. Lengths are then any
        whole number within the scaled limits, not multiples of q.
    dot, dash, space
        (lowest, highest) length in positions, both included, of a dot, of a dash and of the space
        between two elements; drawn uniformly.
    leading_spaces
        False: the codeword starts the frame. True: the number of empty positions before it is
        uniform on 0 .. frame - codeword length.
    levels
        Grey value of full scale: values are clipped to [0, levels] and divided by it.
    symbol_mean, symbol_sd
        Normal distribution of the value of each position of a dot or dash, independent of its
        neighbours.
    noise_mean, noise_sd
        Normal distribution of what is added to every position of the frame, spaces included.
    style
        "grey": dots and dashes have normal values and noise is added, as above. "binary": they are
        full scale, spaces are 0, and `flips` is the only noise; levels and symbol_* have no effect.
    flips
        The most positions of a sample that noise turns over in the style "binary": their number is
        uniform on 0 .. flips, the positions are distinct and uniform on the frame.
    classes
        Codebook indices to use, in label order; None means all 64. Label k of a dataset stands
        for `class_indices[k]`.

    Raises
    ------
    MorseError
        When a knob breaks its rule, or the longest form of a codeword does not fit the frame.
    """

    frame: int = 64
    dilation: int = 1
    dot: tuple[int, int] = (1, 3)
    dash: tuple[int, int] = (4, 9)
    space: tuple[int, int] = (1, 3)
    leading_spaces: bool = False
    levels: float = 16
    symbol_mean: float = 12.0
    symbol_sd: float = 1.34
    noise_mean: float = 0.0
    noise_sd: float = 0.0
    style: str = "grey"
    flips: int = 0
    classes: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for knob in ("frame", "dilation"):
            value = getattr(self, knob)
            if not _is_whole(value) or value < 1:
                raise MorseError(f"{knob} must be a whole number of at least 1, got {value!r}")
        for knob in ("dot", "dash", "space"):
            _check_range(knob, getattr(self, knob))
        if not isinstance(self.leading_spaces, bool):
            raise MorseError(f"leading_spaces must be true or false, got {self.leading_spaces!r}")
        for knob in ("levels", "symbol_mean", "symbol_sd", "noise_mean", "noise_sd"):
            value = getattr(self, knob)
            if not _is_real(value):
                raise MorseError(f"{knob} must be a finite number, got {value!r}")
        if self.levels <= 0:
            raise MorseError(f"levels must be above 0, got {self.levels!r}")
        for knob in ("symbol_sd", "noise_sd"):
            if getattr(self, knob) < 0:
                raise MorseError(f"{knob} must be at least 0, got {getattr(self, knob)!r}")
        self._check_style()
        if self.classes is not None:
            _check_classes(self.classes)
        self._check_fit()

    @property
    def features(self) -> int:
        """Positions of a generated sample: frame times dilation."""
        return self.frame * self.dilation

    @property
    def class_indices(self) -> tuple[int, ...]:
        """Codebook index of each label."""
        return tuple(range(CLASSES)) if self.classes is None else tuple(self.classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Codebook name of each label."""
        return tuple(NAMES[index] for index in self.class_indices)

    def _check_style(self) -> None:
        if self.style not in STYLES:
            raise MorseError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if not _is_whole(self.flips) or not 0 <= self.flips <= self.features:
            raise MorseError(f"flips must be a whole number 0..{self.features} (positions of the "
                             f"frame), got {self.flips!r}")
        for knob, style in (("flips", "binary"), ("noise_mean", "grey"), ("noise_sd", "grey")):
            if getattr(self, knob) and self.style != style:
                raise MorseError(f"{knob} must be 0 in the style {self.style}, as it is a knob of "
                                 f"the style {style}, got {getattr(self, knob)!r}")

    def _check_fit(self) -> None:
        lengths = [codeword_length(CODES[index], self.dot[1], self.dash[1], self.space[1])
                   for index in self.class_indices]
        longest = max(lengths)
        if longest > self.frame:
            index = self.class_indices[lengths.index(longest)]
            raise MorseError(
                f"frame must hold the longest codeword: symbol {NAMES[index]} ({CODES[index]}) "
                f"takes up to {longest} positions, got frame {self.frame}")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_real(value: object) -> bool:
    return (isinstance(value, Real) and not isinstance(value, bool)
            and math.isfinite(value))


def _check_range(knob: str, value: object) -> None:
    # A space of 0 would join two elements, so that different codes would look the same.
    if not (isinstance(value, tuple) and len(value) == 2 and all(map(_is_whole, value))
            and 1 <= value[0] <= value[1]):
        raise MorseError(
            f"{knob} must be a pair of whole numbers (lowest, highest) with "
            f"1 <= lowest <= highest, got {value!r}")


def _check_classes(classes: object) -> None:
    if not isinstance(classes, tuple) or not classes:
        raise MorseError(
            f"classes must be a tuple of at least one codebook index, or None, got {classes!r}")
    for position, index in enumerate(classes):
        if not _is_whole(index) or not 0 <= index < CLASSES:
            raise MorseError(
                f"classes[{position}] must be a codebook index 0..{CLASSES - 1}, got {index!r}")
        if index in classes[:position]:
            raise MorseError(f"classes[{position}] must not repeat an index, got {index} again")


BASELINE = MorseSettings()
