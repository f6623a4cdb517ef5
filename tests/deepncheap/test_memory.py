"""A process with a limit: too large a network fails, and the next one is trained."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sw.deepncheap import memory
from sw.deepncheap.objective import Objective
from sw.deepncheap.trials import Trials, prepare

LIMITED = """
import json, torch
torch.set_num_threads(1)
from sw.deepncheap import memory
from sw.deepncheap.architectures import Cnn
from sw.deepncheap.spaces import TrainingSettings
from sw.deepncheap.training import OutOfMemory, train
from tests.deepncheap.made import classes
task = classes(train=64, shape=(1, 16, 16))
def trained(channels):
    try:
        return train(Cnn(channels), TrainingSettings(1e-3, 0.0, 64), task, epochs=1, seed=1).error
    except OutOfMemory as error:
        return str(error)
trained((4,))  # what torch needs once
memory.limit(64 << 20)
print(json.dumps([trained((4, 4)), trained((400,) * 4), trained((4, 4))]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc: the limit is not set there")
def test_too_large_a_network_fails_and_the_next_is_trained():
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    before, failed, after = json.loads(done.stdout)
    assert before == after
    assert failed.startswith("the network and a batch do not fit into memory: tried to allocate ")


def test_a_worker_of_the_search_has_a_limit(monkeypatch):
    limits = []
    monkeypatch.setattr(memory, "available", lambda: 1 << 40)
    monkeypatch.setattr(memory, "limit", limits.append)
    prepare(Trials({"source": "digits"}, Objective()))
    assert limits == [1 << 40]


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="no /proc/meminfo")
def test_memory_that_is_left_is_told():
    assert 1 << 26 < memory.available() < 1 << 50
