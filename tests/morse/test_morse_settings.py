"""Morse settings: defaults, derived figures, and one error per knob, its message in full."""

import dataclasses

import pytest

from sw.morse.settings import MorseError, MorseSettings
from sw.morse.variants import VARIANTS


def test_variants():
    assert VARIANTS["baseline"].settings == MorseSettings()
    assert dataclasses.asdict(VARIANTS["difficult"].settings) == {
        "frame": 64, "dilation": 1, "dot": (1, 3), "dash": (3, 9), "space": (1, 3),
        "leading_spaces": True, "levels": 16, "symbol_mean": 12.0, "symbol_sd": 1.34,
        "noise_mean": 0.0, "noise_sd": 4.0, "style": "grey", "flips": 0,
        "classes": None}


def test_derived():
    assert MorseSettings(dilation=4).features == 256
    assert MorseSettings().class_indices == tuple(range(64))
    assert MorseSettings(classes=(34, 49)).class_names == ("E", "T")


def test_the_longest_codeword_may_fill_the_frame():
    assert MorseSettings(frame=57).features == 57
    assert MorseSettings(frame=9, classes=(34, 49)).features == 9


@pytest.mark.parametrize(("knobs", "message"), [
    ({"frame": 0}, "frame must be a whole number of at least 1, got 0"),
    ({"frame": 64.0}, "frame must be a whole number of at least 1, got 64.0"),
    ({"dilation": True}, "dilation must be a whole number of at least 1, got True"),
    ({"dot": (0, 3)}, ("dot must be a pair of whole numbers (lowest, highest) with "
                       "1 <= lowest <= highest, got (0, 3)")),
    ({"dash": (9, 4)}, ("dash must be a pair of whole numbers (lowest, highest) with "
                        "1 <= lowest <= highest, got (9, 4)")),
    ({"space": 2}, ("space must be a pair of whole numbers (lowest, highest) with "
                    "1 <= lowest <= highest, got 2")),
    ({"leading_spaces": 1}, "leading_spaces must be true or false, got 1"),
    ({"levels": 0}, "levels must be above 0, got 0"),
    ({"levels": "16"}, "levels must be a finite number, got '16'"),
    ({"symbol_mean": float("nan")}, "symbol_mean must be a finite number, got nan"),
    ({"symbol_sd": -1.0}, "symbol_sd must be at least 0, got -1.0"),
    ({"noise_mean": float("inf")}, "noise_mean must be a finite number, got inf"),
    ({"noise_sd": -0.5}, "noise_sd must be at least 0, got -0.5"),
    ({"style": "gray"}, "style must be one of grey, binary, got 'gray'"),
    ({"style": "binary", "flips": 65},
     "flips must be a whole number 0..64 (positions of the frame), got 65"),
    ({"style": "binary", "flips": 1.0},
     "flips must be a whole number 0..64 (positions of the frame), got 1.0"),
    ({"flips": 3},
     "flips must be 0 in the style grey, as it is a knob of the style binary, got 3"),
    ({"style": "binary", "noise_sd": 4.0},
     "noise_sd must be 0 in the style binary, as it is a knob of the style grey, got 4.0"),
    ({"classes": ()}, "classes must be a tuple of at least one codebook index, or None, got ()"),
    ({"classes": (3, 64)}, "classes[1] must be a codebook index 0..63, got 64"),
    ({"classes": (3, 5, 3)}, "classes[2] must not repeat an index, got 3 again"),
    ({"frame": 56}, ("frame must hold the longest codeword: symbol ! (-.-.--) takes up to "
                     "57 positions, got frame 56")),
    ({"dash": (4, 10), "frame": 60, "classes": (34, 17)},
     ("frame must hold the longest codeword: symbol 0 (-----) takes up to 62 positions, "
      "got frame 60")),
])
def test_settings_wrong(knobs, message):
    with pytest.raises(MorseError) as error:
        MorseSettings(**knobs)
    assert str(error.value) == message
