"""The designs that a search ends with: files, trained states, and commands to simulate and to build them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sw.codesign.choice import Chosen, fitted
from sw.codesign.errors import CodesignError
from sw.codesign.objective import FIGURES, attributes
from sw.codesign.stages import FINALISTS
from sw.codesign.task import Task
from sw.codesign.trained import trained
from sw.common.atomic import check_folder
from sw.common.workers import in_processes
from sw.cost.clock import SOURCE
from sw.design import files
from sw.design.design import Design
from sw.design.states import save_state
from sw.study.pareto import front
from sw.study.stage import Record, key

__all__ = ["Picked", "commands", "pick", "plain"]

_FEWEST = 3  # designs to choose from
_ALL_SAMPLES = 1.25  # times the samples that trials train on


@dataclass(frozen=True)
class Picked:
    """A design of the Pareto front. ``file``, ``state``: where it and its trained state are kept; ``facts``: its
    figures, of JSON's types."""

    design: Design
    file: Path
    state: Path
    facts: Mapping[str, Any]


def pick(records: Sequence[Record], task: Task, folder: Path, board: str, workers: int = 1,
         seconds: float | None = None) -> Iterator[Picked]:
    """The best designs, the most accurate first, each trained as `make sim` would: on all training samples.

    They are the non-dominated finalists; with fewer than `_FEWEST`, as when time was short, also other networks that
    no finalist beats. The test accuracy of a design is known only then; nothing was chosen by it. Writes
    ``folder``/RANK.toml and RANK.npz. ``workers``: processes that train. ``seconds``: that this may take; where the
    trainings would take longer by how long the trials did, all get the same share of their epochs, but one at least.
    """
    check_folder(folder)
    ranked = list(enumerate(_within(seconds, _best(records), task, workers), 1))
    with closing(in_processes(partial(_picked, task, folder, board), ranked, workers)) as done:
        yield from (one for _, one in sorted((pair for pair in done), key=lambda pair: pair[0][0]))


def _picked(task: Task, folder: Path, board: str, ranked: tuple[int, Record]) -> Picked:
    rank, record = ranked
    chosen, slots = Chosen(**record.configuration["chosen"]), record.configuration["slots"]
    epochs = max(1, round(slots / task.samples))
    name = f"{plain(task.raw.name)}-{board}-{rank}"
    made = fitted(chosen, name, task.data(epochs), task.inputs, task.classes, task.wanted.device)
    if made is None:
        raise CodesignError(f"trial {record.trial} of the study does not fit {board} with this version of the "
                            f"program: name another --study")
    data = task.whole(made.design)
    design = replace(made.design, data=replace(made.design.data, scaling=data.scaling.kind))
    state, accuracy = trained(design, data, epochs * len(data.xtr))
    file = folder / f"{rank}.toml"
    files.save(design, file)
    kept = file.with_suffix(".npz")
    save_state(kept, design, state.weights, state.biases, state.lfsr, data.scaling)
    facts = {
        "rank": rank,
        "name": name,
        "id": record.id,
        "trial": record.trial,
        "validation_accuracy": record.attributes["accuracy"],
        "validation_accuracies": record.attributes["accuracies"],
        "test_accuracy": accuracy if len(data.yte) else None,
        "epochs": epochs,
        "neurons": list(design.network.neurons),
        "out_degree": list(design.network.out_degree),
        "clock": SOURCE,
        **attributes(made, task.wanted.device),
        "commands": commands(file, task, board),
    }
    return Picked(design, file, kept, facts)


def _best(records: Sequence[Record]) -> list[Record]:
    found = front([one for one in records if one.stage == FINALISTS], FIGURES)
    if len(found) >= _FEWEST:
        return found
    known = {key(one.configuration["chosen"]) for one in records if one.stage == FINALISTS and one.complete}
    others = [replace(one, fidelity=1) for one in records if key(one.configuration["chosen"]) not in known]
    return front([*found, *others], FIGURES)[: max(_FEWEST, len(found))]


def _within(seconds: float | None, records: list[Record], task: Task, workers: int) -> list[Record]:
    """The records with so many slots each that training them takes no longer, by what their trials took."""
    expected = [_ALL_SAMPLES * one.seconds / max(1, len(one.attributes["accuracies"])) for one in records]
    wall = max(sum(expected) / workers, max(expected, default=0.0))  # nothing ends before its longest training
    if seconds is None or wall <= seconds:
        return records
    share = max(0.0, seconds) / wall
    slots = (int(one.configuration["slots"] * share) // task.samples * task.samples for one in records)
    return [replace(one, configuration={**one.configuration, "slots": n})
            for one, n in zip(records, slots, strict=True)]


def commands(file: Path, task: Task, board: str) -> list[str]:
    """To simulate a design, to count its cells, and to build it."""
    label = f" LABEL={shlex.quote(task.wanted.label)}" if task.wanted.label else ""
    name = shlex.quote(str(file))
    return [f"make sim DESIGN={name}{label}", f"make synth BOARD={board} DESIGN={name}"]


def plain(name: str) -> str:
    """A data set's name as part of a design's."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip("-.") or "data"
