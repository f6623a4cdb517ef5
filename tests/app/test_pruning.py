"""Searches drawn from tables of curves."""

import pytest

from sw.app import pruning


def test_replay_gives_up_what_cannot_win():
    """Five good ones, whose gains after the second step are small; the sixth is far away then, the last is the best."""
    good = [[1.0, 0.5, 0.4, 0.4, 0.3, 0.3, 0.3, 0.3] for n in range(5)]
    bad = [5.0] * 8
    best = [1.0, 0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.1]
    assert pruning.replay([*good, bad, best]) == (0.1, 5 * 8 + 2 + 8)
    assert pruning.replay([*good, bad]) == (0.3, 5 * 8 + 2)
    assert pruning.replay([bad]) == (5.0, 8)


def test_command(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    words = ["--dataset", "sklearn:iris", "--epochs", "1", "--networks", "15", "--searches", "2"]
    assert pruning.main(words) == 0
    first = capsys.readouterr().out
    assert "another winner" in first
    assert pruning.main(words) == 0  # from the table
    assert capsys.readouterr().out == first
