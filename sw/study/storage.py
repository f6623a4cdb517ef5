"""Where the trials of a search are kept: an Optuna study in an SQLite file or on a PostgreSQL server."""

import json
import logging
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.storages import BaseStorage, RDBStorage, get_storage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from sw.common.atomic import check_folder
from sw.study.errors import StudyError
from sw.study.lease import alive, lease
from sw.study.locks import FileLock, ServerLock, hidden
from sw.study.stage import Candidate, Record, Stage

__all__ = ["Study", "open_study"]

_OURS = ("stage", "number", "fidelity", "configuration", "lease")  # attributes that are fields of a Record
_IDENTITY = "identity"


class Study:
    """The trials of one search. All methods raise StudyError where the storage cannot be reached any more."""

    def __init__(self, database: RDBStorage, name: str, lock: FileLock | ServerLock, place: str) -> None:
        self.name, self.place = name, place
        self._engine, self._storage = database.engine, get_storage(database)
        self._id, self._lock = _study_id(self._storage, name), lock

    @property
    def shared(self) -> bool:
        """Whether other processes may search here at the same time."""
        return self._lock.shared

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process asks for a trial meanwhile."""
        with _reachable(self.place), self._lock.held():
            yield

    def records(self) -> list[Record]:
        """All trials, in the order in which they were asked for."""
        with _reachable(self.place):
            return [_record(one) for one in self._storage.get_all_trials(self._id, deepcopy=False)]

    def begin(self, stage: Stage, number: int, candidate: Candidate) -> Record:
        """A new running trial of this process, there as a whole or not at all. Call it `alone`."""
        frozen = create_trial(
            state=TrialState.RUNNING, params=dict(candidate.parameters), distributions=dict(candidate.distributions),
            user_attrs={"stage": stage.name, "number": number, "fidelity": stage.fidelity,
                        "configuration": candidate.configuration, "lease": lease()},
        )
        with _reachable(self.place):
            return _record(self._storage.get_trial(self._storage.create_new_trial(self._id, frozen)))

    def take(self, record: Record) -> None:
        """Go on with an abandoned trial in this process. Call it `alone`."""
        self.renew(record)
        if record.state == TrialState.WAITING:
            with _reachable(self.place):
                self._storage.set_trial_state_values(record.id, TrialState.RUNNING)

    def renew(self, record: Record) -> None:
        """Tell others that this process still works on it."""
        self._set(record, "lease", lease())

    def abandoned(self, records: Sequence[Record], ours: Collection[int]) -> set[int]:
        """``id`` of the unfinished trials that nobody works on; ``ours``: of those of this process."""
        return {one.id for one in records if not one.finished and one.id not in ours
                and (one.state == TrialState.WAITING or not self.shared or not alive(one.lease))}

    def report(self, record: Record, step: int, value: float) -> None:
        """A point of the trial's curve."""
        with _reachable(self.place):
            self._storage.set_trial_intermediate_value(record.id, step, value)

    def end(self, record: Record, state: TrialState, value: float | None = None,
            attributes: Mapping[str, Any] | None = None) -> bool:
        """The result of a trial; False if another process has taken it over meanwhile, so that it does not count."""
        with self.alone():
            now = self._storage.get_trial(record.id)
            if now.state.is_finished() or not _same(now.user_attrs.get("lease"), lease()):
                return False
            for name, attribute in (attributes or {}).items():
                self._set(record, name, attribute)
            self._storage.set_trial_state_values(record.id, state, None if value is None else [value])
        return True

    def release(self, record: Record) -> None:
        """Leave a trial to be taken up again, by whoever comes."""
        self.end(record, TrialState.WAITING)

    def note(self, name: str) -> Any:
        """What was noted with the study under a name, None where nothing was."""
        with _reachable(self.place):
            return self._storage.get_study_user_attrs(self._id).get(name)

    def set_note(self, name: str, content: Any) -> None:
        """Note something with the study, of JSON's types."""
        with _reachable(self.place):
            self._storage.set_study_user_attr(self._id, name, content)

    def optuna(self) -> optuna.Study:
        """The same as a study of Optuna."""
        return optuna.load_study(study_name=self.name, storage=self._storage)

    def close(self) -> None:
        """Let others have it."""
        self._storage.remove_session()
        self._engine.dispose()
        self._lock.close()

    def _set(self, record: Record, name: str, attribute: Any) -> None:
        with _reachable(self.place):
            self._storage.set_trial_user_attr(record.id, name, attribute)


def open_study(url: str, name: str, identity: Mapping[str, Any]) -> Study:
    """The study of that name, made where there is none.

    Parameters
    ----------
    url
        ``sqlite:///FILE``, or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
    identity
        All that the trials depend on, by names as users know them, values of JSON's types.

    Raises
    ------
    StudyError
        A storage of another kind or out of reach; a file that another process writes to; a study that was begun with
        another identity.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    kind, _, rest = url.partition(":///" if url.startswith("sqlite") else "://")
    with ExitStack() as undo:
        lock: FileLock | ServerLock
        if kind == "sqlite" and rest:
            check_folder(Path(rest).parent)
            place, lock = rest, FileLock(Path(rest))
        elif kind in ("postgresql", "postgres", "postgresql+psycopg") and rest:
            url = f"postgresql+psycopg://{rest}"
            place, lock = hidden(f"postgresql://{rest}"), ServerLock(f"postgresql://{rest}", name)
        else:
            raise StudyError(f"storage must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE, got '{url}'")
        undo.callback(lock.close)
        with _reachable(place), lock.held(tables=True):  # two that make the tables at once would trip over each other
            study = Study(_database(url), name, lock, place)
        undo.callback(study.close)
        with study.alone():
            _check_identity(study, identity)
        undo.pop_all()
        return study


def _database(url: str) -> RDBStorage:
    if not url.startswith("sqlite"):
        return RDBStorage(url, engine_kwargs={"pool_pre_ping": True})
    storage = RDBStorage(url, engine_kwargs={"connect_args": {"timeout": 60}})
    # A write-ahead log needs no wait for the disk after each value, survives a killed process whole, and lets a
    # dashboard read at the same time.
    storage.remove_session()

    @sqlalchemy.event.listens_for(storage.engine, "connect")
    def _set(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    storage.engine.dispose()
    return storage


def _study_id(storage: BaseStorage, name: str) -> int:
    try:
        return storage.create_new_study([StudyDirection.MINIMIZE], name)
    except optuna.exceptions.DuplicatedStudyError:
        return storage.get_study_id_from_name(name)


def _check_identity(study: Study, identity: Mapping[str, Any]) -> None:
    identity = json.loads(json.dumps(identity))
    before = study.note(_IDENTITY)
    if before is None:
        if study.records():
            raise StudyError(f"{study.place}: '{study.name}' is a study of another program; give another name")
        study.set_note(_IDENTITY, identity)
        return
    differs = [f"{name} was {_shown(before.get(name))}, now it is {_shown(identity.get(name))}"
               for name in {**before, **identity} if before.get(name) != identity.get(name)]
    if differs:
        raise StudyError(f"{study.place}: study '{study.name}' was begun otherwise: {'; '.join(differs)}; go on with "
                         f"what it was begun with, or give another study name")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_shown, value)) or "none"
    return "not given" if value is None else str(value)


@contextmanager
def _reachable(place: str) -> Iterator[None]:
    """Errors of the database become a StudyError of one line."""
    try:
        yield
    except (optuna.exceptions.StorageInternalError, sqlalchemy.exc.SQLAlchemyError) as error:
        raise StudyError(f"{place}: the storage fails: {_reason(error)}") from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "psycopg":
            raise
        raise StudyError(f"{place}: the storage fails: {_reason(error)}") from None


def _reason(error: BaseException) -> str:
    while isinstance(error, optuna.exceptions.StorageInternalError) and error.__cause__:
        error = error.__cause__
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    return re.sub(r"\(Background on this error.*", "", text)[:300]


def _same(held: Mapping[str, Any] | None, ours: Mapping[str, Any]) -> bool:
    return held is not None and all(held[name] == ours[name] for name in ("place", "pid", "started"))


def _record(trial: FrozenTrial) -> Record:
    attributes = trial.user_attrs
    value = trial.value if trial.state.is_finished() else None
    return Record(
        id=trial._trial_id, trial=trial.number, stage=attributes.get("stage", ""), number=attributes.get("number", 0),
        state=trial.state, configuration=attributes.get("configuration"), fidelity=attributes.get("fidelity", 0),
        value=value if value is None or math.isfinite(value) else None, curve=dict(trial.intermediate_values),
        attributes={name: value for name, value in attributes.items() if name not in _OURS},
        parameters=trial.params, lease=attributes.get("lease"),
    )
