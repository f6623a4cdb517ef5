"""Stream payloads: fields side by side, wide enough for what they carry."""

import json

import numpy as np
import pytest

from sw.design import lfsr
from sw.design.ports import Ports
from tests.design.random_designs import random_design
from tests.design.shipped import flagship

STREAMS = ("slots", "results", "config", "readback")


def fields(design, stream) -> dict:
    return {field.name: field for field in getattr(Ports.of(design), stream)}


def test_flagship():
    design = flagship()
    slots = fields(design, "slots")
    assert (slots["features"].width, slots["features"].count) == (8, 32)
    assert slots["label"].width == 4  # 0..9 and 10 for none
    results = fields(design, "results")
    assert (results["activations"].width, results["activations"].count) == (9, 1)
    assert results["prediction"].width == 4
    assert fields(design, "config")["index"].width == 12  # 4096 weights


@pytest.mark.parametrize("seed", range(20))
def test_random_designs(seed):
    design = random_design(np.random.Generator(np.random.PCG64(seed)))
    ports = Ports.of(design)
    for stream in STREAMS:
        end = 0
        for field in getattr(ports, stream):
            assert field.offset == end
            assert field.width >= 1
            end += field.width * field.count
    network, last = design.network, design.junctions[-1]
    assert 1 << fields(design, "slots")["label"].width > network.classes
    assert 1 << fields(design, "slots")["rate_shift"].width > 15
    results = fields(design, "results")
    assert 1 << results["activations"].width > 1 << design.arithmetic.number.fraction_bits
    assert last.right % results["activations"].count == 0
    assert 1 << results["prediction"].width >= network.classes
    config = fields(design, "config")
    assert 1 << config["index"].width >= max(max(j.weights, j.right) for j in design.junctions)
    assert 1 << config["junction"].width >= len(design.junctions)
    # and no wider than needed
    for width, count in (
        (fields(design, "slots")["label"].width, network.classes + 1), (results["prediction"].width, network.classes),
        (config["index"].width, max(max(j.weights, j.right) for j in design.junctions)),
        (config["junction"].width, len(design.junctions)),
    ):  # fmt: skip
        assert width == 1 or 1 << (width - 1) < count
    assert config["value"].width == ports.readback[0].width >= lfsr.LENGTH


def test_json_says_the_same():
    ports = Ports.of(flagship())
    facts = json.loads(json.dumps(ports.as_json()))
    assert set(facts) == set(STREAMS)
    assert facts["slots"][0] == {"name": "features", "offset": 0, "width": 8, "count": 32}
