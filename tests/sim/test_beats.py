"""Payloads, slots as beats, results from beats."""

import numpy as np
import pytest

from sim.errors import SimError
from sim.testbench.beats import ResultBeats, pack, slot_beats, unpack
from sw.design.ports import Field, Ports
from sw.design.slots import EMPTY, TRAIN, Slots
from tests.sim.designs import tiny

FIELDS = (Field("words", 0, 5, 3), Field("kind", 15, 2), Field("last", 17, 1))


def test_words_lie_side_by_side_and_come_back():
    payload = pack(FIELDS, words=[1, 30, 7], kind=2)
    assert payload == 1 | 30 << 5 | 7 << 10 | 2 << 15
    assert [unpack(field, payload) for field in FIELDS] == [[1, 30, 7], [2], [0]]
    assert unpack(FIELDS[0], pack(FIELDS, words=[9])) == [9, 0, 0]


def test_a_word_is_cut_to_its_bits():
    assert pack(FIELDS, words=[-1, 0, 33], last=2) == 31 | 1 << 10


def test_a_field_that_is_not_there_is_named():
    with pytest.raises(SimError, match=r"^payload has the fields \['words', 'kind', 'last'\], got \['size'\]$"):
        pack(FIELDS, size=1)


def test_a_slot_has_its_features_in_turn_and_its_facts_in_the_first_beat_alone():
    design = tiny()
    fields = Ports.of(design).slots
    features = np.arange(28, dtype=np.uint8).reshape(2, 14)
    slots = Slots(features, np.array([9, 1]), np.array([TRAIN, EMPTY], np.uint8), np.array([7, 3]))
    *first, empty = [{f.name: unpack(f, beat) for f in fields} for beat in slot_beats(design, slots)]
    # padded to 16, one per beat; a label that is none is the number of classes
    assert [word for beat in first for word in beat["features"]] == [*range(14), 0, 0]
    facts = [tuple(beat[name][0] for name in ("kind", "label", "rate_shift")) for beat in first]
    assert facts == [(TRAIN, 3, 7)] + [(3, 0, 15)] * 15
    assert (empty["kind"], empty["rate_shift"]) == ([EMPTY], [3])


def test_a_result_is_whole_with_its_last_beat():
    design = tiny()
    fields, result = Ports.of(design).results, ResultBeats(design)
    beats = [pack(fields, activations=[5 + n], prediction=2, correct=1, last=int(n == 3)) for n in range(4)]
    assert [result.take(beat) for beat in beats[:3]] == [None] * 3
    (record,) = result.take(beats[3], 77)
    assert (record["clock"], record["prediction"], record["correct"]) == (77, 2, 1)
    assert record["activations"].tolist() == [5, 6, 7, 8]
    with pytest.raises(SimError, match=r"^result 1: last is 1 after 1 of 4 activations$"):
        result.take(beats[3])
