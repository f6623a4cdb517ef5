"""The stopwatch on a clock that is turned by hand."""

import pytest
import torch

from sw.deepncheap import timing
from sw.deepncheap.timing import Laps


def laps(monkeypatch, *epochs):
    """A stopwatch that has seen batches of so many seconds, with other work of a second before each epoch."""
    now = [100.0]
    monkeypatch.setattr(timing.time, "process_time", lambda: now[0] * torch.get_num_threads())
    watch = Laps(torch.device("cpu"))
    for epoch in epochs:
        now[0] += 1
        watch.begin_epoch()
        for seconds in epoch:
            now[0] += seconds
            watch.lap()
        watch.end_epoch()
    return watch


def test_the_first_epoch_and_the_last_batch_of_each_do_not_count(monkeypatch):
    watch = laps(monkeypatch, [0.1] * 4, [0.02, 0.02, 0.02, 0.001], [0.02, 0.02, 0.02, 0.001])
    assert watch.per_epoch(3.5) == pytest.approx(0.07)


def test_with_one_epoch_or_one_batch_that_counts(monkeypatch):
    assert laps(monkeypatch, [0.1] * 4).per_epoch(3.5) == pytest.approx(0.35)
    assert laps(monkeypatch, [0.1], [0.3]).per_epoch(1) == pytest.approx(0.3)


def test_most_batches_may_be_disturbed(monkeypatch):
    quiet = [0.02] * 100
    noisy = [0.02 if n % 5 == 0 else 0.03 + 0.01 * n for n in range(100)]
    due = laps(monkeypatch, quiet, quiet).per_epoch(100)
    assert laps(monkeypatch, quiet, noisy).per_epoch(100) == pytest.approx(due)
    assert due == pytest.approx(2.0)
