"""A whole archive scored: what is there already is left, the rest goes through the pool into parts.

The order is fixed here: find, lock, tidy, leave out what is known, read, write. A run that ends at any moment leaves
whole parts; the same command goes on from them.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from opensvh.batch.cluster import cluster, refuse_without_gpus
from opensvh.batch.parts import Writer, alone_in, results_in
from opensvh.batch.pool import Load, Lost, Pool, PoolSettings
from opensvh.batch.rows import FileRead, FileResult, FilmStatus, ModelLabel, film_row
from opensvh.batch.scorer import ModelChoice, load_scorer
from opensvh.batch.sources import FilmTask, find_archive, fresh

LOCAL = "local"
AGAIN = frozenset({FilmStatus.REFUSED, FilmStatus.QUARANTINED})
NAMED = 10


@dataclass(frozen=True)
class BatchRequest:
    """What is wanted: the films' source, the results' place, the model, the workers, and Ray's address or `local`;
    `again` reads refused and quarantined films once more."""

    source: str
    out: str
    model: ModelChoice
    pool: PoolSettings
    address: str = LOCAL
    again: bool = False


@dataclass
class Tally:
    """How far a run is: files found, there already, and of those read the films by status; the first lost by name."""

    files: int = 0
    there: int = 0
    left: int = 0
    same: int = 0
    no_films: int = 0
    zipped: int = 0
    films: dict[FilmStatus, int] = field(default_factory=lambda: dict.fromkeys(FilmStatus, 0))
    quarantined: list[tuple[str, str]] = field(default_factory=list)
    all_films: dict[FilmStatus, int] = field(default_factory=dict)
    engine: str = ""
    since: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def films_a_second(self) -> float:
        """Of this run, from when its first worker was ready."""
        return sum(self.films.values()) / self.seconds if self.seconds else 0.0

    def take(self, result: FileResult) -> None:
        """Count a file that is done."""
        self.left -= 1
        self.same += result.is_same
        self.no_films += not result.films and not result.is_same
        for row in result.films:
            self.films[row["status"]] += 1
            if row["status"] is FilmStatus.QUARANTINED and len(self.quarantined) < NAMED:
                self.quarantined.append((row["film"], row["reason"]))

    def tick(self) -> None:
        """Take the time."""
        self.seconds = time.monotonic() - self.since


Tell = Callable[[Tally], None]


def score_archive(request: BatchRequest, tell: Tell = lambda tally: None, load: Load | None = None) -> Tally:
    """Score what is not scored yet, telling how far it is about every second.

    Raises FilmUnreadable, TableInvalid, BundleInvalid, ConfigInvalid or OutputConflict, each with the remedy; what was
    written before stays. `load` takes the place of the models.
    """
    results = results_in(request.out, request.model.digest)
    archive = find_archive(request.source, results.out)
    with alone_in(results.out):
        results.tidy()
        tasks = list(fresh(archive.tasks, results.known(AGAIN if request.again else frozenset())))
        tally = Tally(len(archive.tasks), len(archive.tasks) - len(tasks), len(tasks), zipped=archive.zipped)
        del archive
        tell(tally)
        if tasks:
            with Writer(results) as writer, closing(_come(request, tasks, tally, load)) as coming:
                for result in coming:
                    if result is not None:
                        writer.add(result)
                        tally.take(result)
                    writer.write_due()
                    tally.tick()
                    tell(tally)
            results.tidy()
        tally.all_films = results.counts()
    return tally


def _come(
    request: BatchRequest, tasks: Sequence[FilmTask], tally: Tally, load: Load | None
) -> Generator[FileResult | None, None, None]:
    """What comes of each file, None while nothing does; the cluster is there as long as it is asked."""
    address = None if request.address == LOCAL else request.address
    wanted = replace(request.pool, workers=min(request.pool.workers, len(tasks)))
    with cluster(address, wanted.workers, "opensvh batch") as ray:
        refuse_without_gpus(ray, wanted.gpus)
        pool = Pool(ray, load or partial(load_scorer, request.model), wanted)
        label = pool.start()
        tally.engine, tally.since = label.engine, time.monotonic()
        for came in pool.run(tasks):
            yield _quarantined(came, label) if isinstance(came, Lost) else came


def _quarantined(lost: Lost, label: ModelLabel) -> FileResult:
    """The row of a file that no worker survives."""
    task = lost.task
    read = FileRead(task.file, task.stamp)
    return FileResult(task.file, (film_row(task.file, read, label, FilmStatus.QUARANTINED, lost.reason),))
