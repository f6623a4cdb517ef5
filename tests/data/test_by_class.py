"""Accuracy by class and predictions in a table: by hand-worked figures, by the names of the classes."""

import numpy as np

from sw.data.by_class import per_class, told, write_predictions

NAMES = ("ant", "bee", "cat")
LABELS = np.array([0, 2, 2, 0, 2])


def test_per_class():
    correct = np.array([True, True, False, False, True])
    found = per_class(NAMES, LABELS, correct)
    assert found == [{"class": "ant", "samples": 2, "accuracy": 0.5},
                     {"class": "cat", "samples": 3, "accuracy": 0.666667}]
    assert told(found) == "ant 50.0%, cat 66.7%"
    both = per_class(NAMES, LABELS, np.stack([correct, np.ones(5, bool)]))
    assert [one["accuracy"] for one in both] == [0.75, 0.833333]
    assert per_class(NAMES, LABELS[:0], correct[:0]) == []


def test_of_many_classes_the_lowest_are_told():
    labels = np.repeat(np.arange(20), 2)
    correct = np.arange(40) != 2 * 7
    line = told(per_class(tuple("abcdefghijklmnopqrst"), labels, correct))
    assert line.startswith("lowest of 20: h 50.0%, a 100.0%, b")
    assert line.endswith(", e 100.0%")


def test_predictions(tmp_path):
    path = tmp_path / "p.csv"
    write_predictions(path, ("a,b", "bee"), np.array([1, 0]), {"seed 1": np.array([1, 1]), "seed 2": np.array([0, 0])})
    assert path.read_text() == 'sample,label,seed 1,seed 2\n0,bee,bee,"a,b"\n1,"a,b",bee,"a,b"\n'
