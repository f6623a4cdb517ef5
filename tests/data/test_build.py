"""Data in one piece: reordered in place, a few columns at a time, and nothing lost."""

import numpy as np

from sw.data import build
from sw.data.build import raw_of


def test_reordered_samples_are_the_same_ones(monkeypatch):
    whole = np.arange(60.0).reshape(10, 6)
    labels = np.arange(10) % 2
    expected = raw_of("d", {"x": whole.copy(), "y": labels}, "d")
    monkeypatch.setattr(build, "_BLOCK", 25)  # two columns at a time
    fixed = whole.copy()
    fixed.flags.writeable = False
    for x in (whole.copy(), fixed, np.asfortranarray(whole)):
        found = raw_of("d", {"x": x, "y": labels}, "d")
        for split in ("xtr", "xte"):
            np.testing.assert_array_equal(found.features[split], expected.features[split])
    rows = np.concatenate([expected.features["xtr"], expected.features["xte"]])
    given = np.concatenate([expected.labels["ytr"], expected.labels["yte"]])
    assert sorted(rows.tolist()) == whole.tolist()
    assert (rows[:, 0] / 6 % 2 == given).all()
    assert fixed.tolist() == whole.tolist()
