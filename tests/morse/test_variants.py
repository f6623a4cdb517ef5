"""The ladder: enough variants in every family, distinct, named, all of which can be drawn."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from sw.morse.generator import generate
from sw.morse.settings import BASELINE, MorseError
from sw.morse.variants import FAMILIES, VARIANTS, Variant, variant


def test_the_ladder():
    families = Counter(found.family for found in VARIANTS.values())
    assert set(families) == set(FAMILIES)
    assert families.pop("published") == 2
    assert len(VARIANTS) >= 42
    assert min(families.values()) >= 5
    whats = [(found.settings, found.train, found.validation, found.test) for found in VARIANTS.values()]
    assert len(set(whats)) == len(whats)
    assert all(name == found.name for name, found in VARIANTS.items())


def test_published_variants():
    assert (variant("baseline").settings, variant("baseline").changes()) == (BASELINE, "")
    assert variant("difficult").changes() == "dash 3-9, leading_spaces yes, noise_sd 4"
    assert (Variant.train, Variant.validation, Variant.test) == (5000, 1000, 1000)


def test_what_a_family_changes():
    knobs = {"noise": {"noise_sd"}, "leading": {"noise_sd", "leading_spaces"}, "dash": {"noise_sd", "dash"},
             "both": {"noise_sd", "leading_spaces", "dash"}, "size": set(), "levels": {"noise_sd", "levels"},
             "flips": {"style", "flips"}}
    for found in VARIANTS.values():
        changed = {field.name for field in dataclasses.fields(found.settings)
                   if getattr(found.settings, field.name) != getattr(BASELINE, field.name)}
        if found.family in knobs:
            assert changed <= knobs[found.family], found.name
        assert (found.train != 5000) == (found.family == "size")


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_can_be_drawn(name):
    settings = VARIANTS[name].settings
    x, y = generate(settings, per_class=2, seed=1)
    assert x.shape == (128, settings.features)
    assert len(np.unique(y)) == 64
    assert len(np.unique(x)) > 1


def test_unknown_variant():
    with pytest.raises(MorseError) as error:
        variant("flips-3")
    assert str(error.value) == ("variant must be one of flips-0, flips-2, flips-4, flips-8, flips-12, flips-16, "
                                "got 'flips-3'")
    with pytest.raises(MorseError, match=r"variant must be one of baseline, difficult, noise-1, .*, got 'hard'"):
        variant("hard")
