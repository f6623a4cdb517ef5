"""Training on a device: resets, unplugged lines and Ctrl-C in the middle, and what the next run makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sw.app.host.plan import Plan
from sw.app.host.training import Differs, Trained, train
from sw.app.links.device import GoldenDevice
from sw.app.links.golden import Faults, GoldenLink
from sw.design import lfsr
from sw.design.files import load
from sw.design.states import load_notes, load_state, state_hash
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import State
from sw.host.client import Client
from sw.host.errors import HostError, SessionLost
from sw.host.store import SampleStore

ROOT = Path(__file__).parents[2]
TINY = load(ROOT / "designs" / "tiny.toml")
RNG = np.random.default_rng(1)
FEATURES, LABELS = RNG.integers(0, 256, (60, 64), np.uint8), RNG.integers(0, 10, 60)
START = State(
    TINY.initial_weights(), [np.zeros(j.right, np.int64) for j in TINY.junctions],
    [lfsr.seeds(j.index, j.z) for j in TINY.junctions],
)


def plan(order: str = "file", checkpoint: int = 50) -> Plan:
    return Plan(TINY, FEATURES, LABELS, order, epochs=3, checkpoint=checkpoint)


def run(
    path: Path, plan: Plan, link: GoldenLink | None = None, *, store: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Trained:
    client = Client(link or GoldenLink(GoldenDevice(TINY)), TINY)
    samples = None
    if store:
        samples = SampleStore(client)
        samples.upload(FEATURES, LABELS)
    return train(client, plan, START, path, store=samples, compare=True, progress=progress)


def golden(plan: Plan) -> State:
    """The state after the plan's slots, by the golden model alone."""
    network, rows = CompiledNetwork(TINY), plan.rows()
    network.load(START)
    for piece in plan.pieces(0, at_rates=False):
        network.run(plan.slots(rows, piece))
        network.run(network.flush())
    return network.state()


def hash_of(state: State) -> str:
    return state_hash(state.weights, state.biases, state.lfsr)


@pytest.mark.parametrize("store", [False, True], ids=["line", "store"])
@pytest.mark.parametrize("order", ["file", "lfsr"])
def test_equal_to_the_golden_model(tmp_path, order, store):
    trained = run(tmp_path / "state.npz", plan(order), store=store)
    assert hash_of(trained.state) == hash_of(golden(plan(order)))
    assert (trained.slots, trained.compared, len(trained.correct)) == (180, True, 0 if store else 180)
    assert load_notes(tmp_path / "state.npz")["done"] == 180


def test_a_checkpoint_is_part_of_what_is_trained(tmp_path):
    """Its flush lets updates catch up, so other checkpoints are other results; and the golden model knows it."""
    states = {hash_of(run(tmp_path / f"{n}", plan("shuffle", n)).state) for n in (0, 50, 70)}
    assert states == {hash_of(golden(plan("shuffle", n))) for n in (0, 50, 70)}
    assert len(states) == 3


class Stop:
    """Does something once, when so many slots are done."""

    def __init__(self, at: int, action: Callable[[], None]) -> None:
        self.at, self.action, self.done = at, action, False

    def __call__(self, done: int, _all: int) -> None:
        if done >= self.at and not self.done:
            self.done = True
            self.action()


@pytest.mark.parametrize("store", [False, True], ids=["line", "store"])
def test_reset_in_the_middle(tmp_path, store):
    """One line, and the next run ends as an uninterrupted one."""
    device = GoldenDevice(TINY, clock=10_000 if store else 100_000_000)
    path, link = tmp_path / "state.npz", GoldenLink(device, faults=Faults(0.02, 0.02, 0.02, 0.02), seed=1)
    with pytest.raises(SessionLost, match=r"golden: the device was reset, .*; run it again: it goes on after 100 "
                                          r"training samples, from .*state\.npz$"):
        run(path, plan("lfsr"), link, store=store, progress=Stop(120 if not store else 101, device.reset))
    assert load_notes(path)["done"] == 100
    trained = run(path, plan("lfsr"), link, store=store)
    assert (trained.done, trained.slots) == (100, 80)
    assert hash_of(trained.state) == hash_of(golden(plan("lfsr")))


def test_unplugged_before_the_first_checkpoint(tmp_path):
    link = GoldenLink(GoldenDevice(TINY))
    with pytest.raises(HostError, match=r"^golden: the line is gone; run it again$"):
        run(tmp_path / "state.npz", plan(), link, progress=Stop(20, lambda: setattr(link, "gone", True)))
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path / "state.npz", plan()).done == 0


def test_stopped_by_its_user(tmp_path):
    def interrupt() -> None:
        raise KeyboardInterrupt

    link = GoldenLink(GoldenDevice(TINY))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "state.npz", plan(), link, progress=Stop(70, interrupt))
    trained = run(tmp_path / "state.npz", plan(), link)
    assert trained.done == 50
    assert hash_of(trained.state) == hash_of(golden(plan()))


def test_other_checkpoints_are_not_gone_on_from(tmp_path):
    path = tmp_path / "state.npz"
    link = GoldenLink(GoldenDevice(TINY))
    with pytest.raises(HostError):
        run(path, plan(), link, progress=Stop(70, lambda: setattr(link, "gone", True)))
    kept = path.read_bytes()
    for other in (plan("lfsr"), plan(checkpoint=25), Plan(TINY, FEATURES[::-1], LABELS, "file", 3, 50)):
        path.write_bytes(kept)
        assert run(path, other).done == 0
    path.write_bytes(kept[:-100])
    assert run(path, plan()).done == 0
    assert run(path, plan()).done == 0  # of a run that has ended
    assert load_state(path, TINY)[0] == TINY


def test_a_device_that_computes_something_else(tmp_path):
    device = GoldenDevice(TINY)

    def flip() -> None:
        device.machine.write(0, 0, 17, b"\x55\x01")

    with pytest.raises(Differs, match=r"golden: after 50 training samples weights\[\d+\] of junction 1 is "):
        run(tmp_path / "state.npz", plan(), GoldenLink(device), progress=Stop(30, flip))
    assert not (tmp_path / "state.npz").exists()
