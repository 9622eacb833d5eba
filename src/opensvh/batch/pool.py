"""Workers on a Ray cluster, and what becomes of a file whose worker dies.

Ray's actors and not its data sets: a data set runs a dead worker's block again and again and ends the job, and does not
tell which film it was. Here the file that a dead worker read is tried again in a fresh worker, with nothing beside it;
if it kills that too it is lost, is named, and the others go on. No picture passes through Ray: workers read files by
themselves, and only rows come back.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from opensvh.batch.rows import FileResult, ModelLabel
from opensvh.batch.sources import FilmTask
from opensvh.domain.errors import ConfigInvalid, OpenSvHError

AHEAD = 2
"""Files given to a worker: the one it reads, and the next, so that it never waits."""
POLL_S = 1.0
DEATHS_AT_START = 3
"""Workers in a row that may die while they load the model."""
OUT_OF_MEMORY = "it took more memory than the machine has"


class Scorer(Protocol):
    """What a worker holds: `scorer.FilmScorer`."""

    @property
    def label(self) -> ModelLabel: ...

    def read(self, task: FilmTask) -> FileResult: ...


Load = Callable[[], Scorer]


@dataclass(frozen=True)
class PoolSettings:
    """How many workers, the GPUs of each (a share of one may be), seconds that a file may take."""

    workers: int
    gpus: float = 0.0
    file_seconds: float = 600.0
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lost:
    """A file that killed its worker, or kept it too long, also with nothing beside it; and why."""

    task: FilmTask
    reason: str


class Worker:
    """An actor: one process with the model loaded."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._scorer: Scorer | None = None

    def prepare(self) -> ModelLabel:
        """Load the model; raises what is wrong with it."""
        self._scorer = self._load()
        return self._scorer.label

    def read(self, task: FilmTask) -> FileResult:
        """One file."""
        assert self._scorer is not None
        return self._scorer.read(task)


@dataclass
class Slot:
    """A worker's place: what it has to do, oldest first, what is to be tried alone there, and since when it is busy."""

    actor: Any
    starting: Any
    flying: dict[Any, FilmTask] = field(default_factory=dict)
    suspects: deque[FilmTask] = field(default_factory=deque)
    tried: FilmTask | None = None
    since: float = 0.0
    overdue: bool = False

    @property
    def awaited(self) -> list[Any]:
        """References to what it is to give next."""
        return list(self.flying) if self.starting is None else [self.starting]


class Pool:
    """Workers that read files; `start` before `run`."""

    def __init__(self, ray: Any, load: Load, settings: PoolSettings) -> None:
        self.ray, self.load, self.settings = ray, load, settings
        self.slots: list[Slot] = []
        self.waiting: deque[FilmTask] = deque()
        self.deaths = 0

    def start(self) -> ModelLabel:
        """Start the first worker and wait for it, so that a bad model is told at once, and the others after it."""
        while True:
            slot = self._begun()
            try:
                label: ModelLabel = self.ray.get(slot.starting)
                break
            except self.ray.exceptions.RayError as error:
                self._died_at_start(error)
        slot.starting = None
        self.slots = [slot, *(self._begun() for _ in range(self.settings.workers - 1))]
        return label

    def run(self, tasks: Iterable[FilmTask]) -> Iterator[FileResult | Lost | None]:
        """What comes of each file, as it comes; None now and then while nothing does."""
        self.waiting.extend(tasks)
        while self.waiting or any(slot.flying or slot.suspects for slot in self.slots):
            for slot in self.slots:
                self._fill(slot)
            owners = {ref: slot for slot in self.slots for ref in slot.awaited}
            done, _ = self.ray.wait(list(owners), timeout=POLL_S)
            self._end_overdue()
            if not done:
                yield None
            for ref in done:
                yield self._settled(owners[ref], ref)

    def _fill(self, slot: Slot) -> None:
        if slot.starting is not None or slot.tried is not None:
            return
        if slot.suspects:
            if not slot.flying:
                slot.tried = slot.suspects.popleft()
                self._give(slot, slot.tried)
            return
        while self.waiting and len(slot.flying) < AHEAD:
            self._give(slot, self.waiting.popleft())

    def _give(self, slot: Slot, task: FilmTask) -> None:
        if not slot.flying:
            slot.since = time.monotonic()
        slot.flying[slot.actor.read.remote(task)] = task

    def _settled(self, slot: Slot, ref: Any) -> FileResult | Lost | None:
        """The result behind a reference, or what to make of its worker's death."""
        try:
            result = self.ray.get(ref)
        except self.ray.exceptions.RayError as error:
            return self._bury(slot, error)
        if ref == slot.starting:
            slot.starting, self.deaths = None, 0
            return None
        task = slot.flying.pop(ref)
        slot.since = time.monotonic()
        if slot.tried is task:
            slot.tried = None
        return result  # type: ignore[no-any-return]

    def _bury(self, slot: Slot, error: Exception) -> Lost | None:
        """Put a fresh worker in a dead one's place: the file it read is a suspect, or lost if it was tried alone."""
        if slot.starting is not None:
            self._died_at_start(error)
        lost = None if slot.tried is None else Lost(slot.tried, self._reason(slot, error))
        in_hand = [] if slot.tried else list(slot.flying.values())
        self.waiting.extendleft(reversed(in_hand[1:]))
        self._end(slot.actor)
        fresh = self._begun()
        fresh.suspects.extend((*in_hand[:1], *slot.suspects))
        self.slots[self.slots.index(slot)] = fresh
        return lost

    def _reason(self, slot: Slot, error: Exception) -> str:
        if slot.overdue:
            return f"took longer than {self.settings.file_seconds:g} s twice, the second time with nothing beside it"
        is_memory = isinstance(error, self.ray.exceptions.OutOfMemoryError) or "OOM" in str(error).split("(1)")[0]
        how = f": {OUT_OF_MEMORY}" if is_memory else " (a crash of a library, or out of memory)"
        return f"killed its worker twice, the second time with nothing beside it{how}"

    def _died_at_start(self, error: Exception) -> None:
        """Raise what is wrong with the model; a death is forgiven a few times."""
        cause = getattr(error, "cause", None)
        if isinstance(cause, OpenSvHError):
            raise cause
        if cause is not None:
            raise error
        self.deaths += 1
        if self.deaths >= DEATHS_AT_START:
            fact = f"{self.deaths} workers in a row died while they loaded the model"
            raise ConfigInvalid(f"--workers {self.settings.workers}: {fact}; give fewer workers or more memory")

    def _end_overdue(self) -> None:
        for slot in self.slots:
            if slot.flying and not slot.overdue and time.monotonic() - slot.since > self.settings.file_seconds:
                slot.overdue = True
                self._end(slot.actor)

    def _end(self, actor: Any) -> None:
        self.ray.kill(actor, no_restart=True)

    def _begun(self) -> Slot:
        options: dict[str, Any] = {"num_cpus": 1, "num_gpus": self.settings.gpus, "max_restarts": 0}
        if self.settings.environment:
            options["runtime_env"] = {"env_vars": self.settings.environment}
        actor = self.ray.remote(Worker).options(**options).remote(self.load)
        return Slot(actor, actor.prepare.remote())
