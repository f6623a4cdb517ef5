"""Trains on a device, with checkpoints from which the next run goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sw.app.host.plan import Piece, Plan
from sw.design.errors import DesignError
from sw.design.scaling import FeatureScaling
from sw.design.states import load_notes, load_state, save_state, state_hash
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import State
from sw.host.client import Client
from sw.host.errors import HostError
from sw.host.store import SampleStore

__all__ = ["Differs", "Trained", "train"]

_BLOCK = 1 << 13  # slots that are made at a time


class Differs(HostError):
    """The device's state is not the golden model's."""

    status = 1


@dataclass
class Trained:
    """What came of it. ``correct``: of each slot of this run, whether the prediction was right; empty from the store.

    ``seconds``: of the line's clock, with its flushes and checkpoints, for ``slots`` training slots.
    """

    state: State
    done: int  # slots before this run, of a checkpoint
    slots: int = 0
    seconds: float = 0.0
    correct: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    compared: bool = False


def train(
    client: Client, plan: Plan, start: State, path: Path, *, scaling: FeatureScaling | None = None,
    store: SampleStore | None = None, compare: bool = False, progress: Callable[[int, int], None] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train as planned; checkpoints are in ``path``, and the run goes on from one of the same plan and start.

    ``store``: a store that holds the plan's samples; the order must be file or LFSR. ``compare``: every checkpoint's
    state with the golden model's, which trains beside the device.

    HostError, of its class, that says where the next run goes on; Differs.
    """
    digest = plan.digest(state_hash(start.weights, start.biases, start.lfsr))
    state, done = _resume(path, plan, digest, start)
    if done:
        tell(f"going on from {path}: {done:,} of {plan.total:,} training samples are done")
    trained = Trained(state, done)
    saved = done
    try:
        client.load(state.weights, state.biases, state.lfsr)
        golden = CompiledNetwork(plan.design) if compare else None
        if golden:
            golden.load(state)
        rows = plan.rows() if store is None or golden else np.zeros(0, np.int64)
        place = plan.place(done) if store else 0
        began = client.window.link.time()
        for piece in plan.pieces(done, at_rates=store is not None):
            shown = _from(piece.first, plan.total, progress)
            if store is None:
                _send(client, plan, rows, piece, trained, shown)
            else:
                shift = int(plan.design.training.shifts(piece.last)[-1])
                place = store.run(
                    piece.last - piece.first, place, lfsr=plan.order == "lfsr", rate_shift=shift, progress=shown
                )
            trained.slots += piece.last - piece.first
            if golden:
                for part in _parts(piece):
                    golden.run(plan.slots(rows, part))
            if piece.flush:
                trained.state = State(*client.state())
                if golden:
                    golden.run(golden.flush())
                    _compare(client, trained.state, golden.state(), piece.last)
                    trained.compared = True
                _save(path, plan, trained.state, scaling, digest, piece.last)
                saved = piece.last
        trained.seconds = client.window.link.time() - began
    except Differs:
        raise
    except HostError as error:
        text = f"run it again: it goes on after {saved:,} training samples, from {path}" if saved else "run it again"
        raise type(error)(f"{error}; {text}") from None
    return trained


def _resume(path: Path, plan: Plan, digest: str, start: State) -> tuple[State, int]:
    """The checkpoint's state and number of slots if it is one of this run and not its end, else the start."""
    if path.is_file():
        try:
            notes = load_notes(path)
            if notes.get("run") == digest and notes["done"] < plan.total:
                return State(*load_state(path, plan.design)[1:]), notes["done"]
        except DesignError:
            pass  # damaged, or of another design: the run begins anew and replaces it
    return start, 0


def _save(path: Path, plan: Plan, state: State, scaling: FeatureScaling | None, digest: str, done: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = {"run": digest, "done": done}
    save_state(path, plan.design, state.weights, state.biases, state.lfsr, scaling, notes)


def _parts(piece: Piece) -> list[Piece]:
    """Pieces that spare memory."""
    return [Piece(at, min(at + _BLOCK, piece.last), False) for at in range(piece.first, piece.last, _BLOCK)]


def _send(
    client: Client, plan: Plan, rows: np.ndarray, piece: Piece, trained: Trained,
    progress: Callable[[int, int], None] | None,
) -> None:
    found = []
    for part in _parts(piece):
        last = piece.flush and part.last == piece.last
        at = part.first - piece.first
        shown = (lambda done, _, at=at: progress(at + done, 0)) if progress else None
        results = client.run(plan.slots(rows, part), flush=last, activations=False, progress=shown)
        found.append(results.correct)
    trained.correct = np.concatenate([trained.correct, *found])


def _from(first: int, total: int, progress: Callable[[int, int], None] | None) -> Callable[[int, int], None] | None:
    """Progress of a piece as progress of all."""
    return (lambda done, _: progress(first + done, total)) if progress else None


def _compare(client: Client, state: State, due: State, done: int) -> None:
    for what in ("weights", "biases", "lfsr"):
        for i, (found, want) in enumerate(zip(getattr(state, what), getattr(due, what), strict=True), 1):
            if wrong := np.flatnonzero(found != want).tolist():
                raise Differs(
                    f"{client.window.link.name}: after {done:,} training samples {what}[{wrong[0]}] of junction {i} is "
                    f"{found[wrong[0]]}, the golden model says {want[wrong[0]]}"
                )
