"""The time that an epoch of training takes, so measured that other loads of the machine decide as little as can be.

A mean over epochs on the wall clock, as Deep-n-Cheap takes it, holds whatever else the machine did. Here every batch is
timed by itself, in processor time where the processor computes, and by events on the device with CUDA, which cost no
read-back. The time of an epoch is the number of batches times the time that a tenth of them stay below: batches are
short, so that many of them meet an undisturbed machine even when others do not.
"""

import time

import numpy as np
import torch

__all__ = ["QUANTILE", "Laps"]

QUANTILE = 0.1


class Laps:
    """A stopwatch for the batches of epochs. Validation and what happens between epochs are not in it."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._threads = torch.get_num_threads()
        self._events: list[torch.cuda.Event] = []
        self._last = 0.0
        self._epochs: list[list[float]] = []

    def begin_epoch(self) -> None:
        self._epochs.append([])
        self._events = []
        self._mark()

    def lap(self) -> None:
        """A batch is done."""
        before = self._last
        self._mark()
        if not self._cuda:
            self._epochs[-1].append(self._last - before)

    def end_epoch(self) -> None:
        """After a read-back from the device, so that all events have happened."""
        if self._cuda:
            self._epochs[-1] = [a.elapsed_time(b) / 1e3 for a, b in zip(self._events, self._events[1:], strict=False)]

    def per_epoch(self, batches: float) -> float:
        """Seconds for so many batches of full size; of the first epoch only if there is no other."""
        counted = self._epochs[1:] or self._epochs
        full = [lap for epoch in counted for lap in (epoch[:-1] or epoch)]  # the last batch may be smaller
        return batches * float(np.quantile(full, QUANTILE))

    def _mark(self) -> None:
        if self._cuda:
            self._events.append(torch.cuda.Event(enable_timing=True))
            self._events[-1].record()
        else:
            # processor time is that of all threads
            self._last = time.process_time() / self._threads
