"""The thread that takes studies from the queue to the worker and the results to the outbox.

A death of the worker is noted against the film it had in hand; the worker is started again for the next study.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opensvh.domain.errors import OpenSvHError
from opensvh.serving.film_folder import FilmFolder
from opensvh.serving.journal import Journal
from opensvh.serving.metrics import Metrics
from opensvh.serving.patient_readings import PatientReadings, patient_of
from opensvh.serving.queue import StudyJob, StudyQueue, Trouble
from opensvh.serving.scoring import Outcome, ScoreJob
from opensvh.serving.worker import Worker, WorkerDied, WorkerStopped


@dataclass(frozen=True)
class ScoreLoop:
    """Scores one study a step; `destinations` are the names that results go to."""

    queue: StudyQueue
    films: FilmFolder
    readings: PatientReadings
    worker: Worker
    metrics: Metrics
    journal: Journal
    destinations: tuple[str, ...]
    clock: Callable[[], float] = time.time

    def step(self) -> bool:
        """Score the study that is due for longest; False where none is. Raises OpenSvHError without a worker."""
        job = self.queue.claim(self.clock())
        if job is None:
            return False
        begun = time.monotonic()
        folder = self.films.results_begun(job.study, job.version)
        try:
            outcome = self.worker.score(self._score_job(job, folder), lambda film: self.queue.reading(job.study, film))
        except WorkerStopped:
            self.queue.release(job)
            self.journal("study put back", study=job.study)
        except WorkerDied as death:
            self._died(job, death)
        except OpenSvHError:  # no worker: a model that cannot be loaded any more
            self.queue.release(job)
            raise
        else:
            self._finish(job, folder, outcome, time.monotonic() - begun)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # what was not moved to its place
        return True

    def _score_job(self, job: StudyJob, folder: Path) -> ScoreJob:
        films = {str(self.films.path(film)): film.uid for film in job.films}
        earlier = self.readings.of_others(patient_of(films), job.study)
        return ScoreJob(job.study, films, folder, job.careful, earlier)

    def _finish(self, job: StudyJob, begun: Path, outcome: Outcome, seconds: float) -> None:
        if outcome.limbs:
            self.readings.keep(patient_of(map(self.films.path, job.films)), job.study, begun)
        place = self.films.results_done(begun, job.study, job.version) if outcome.limbs else None
        done = self.queue.finish(job, place, self.destinations, self.clock())
        self.metrics.scored.labels("scored" if outcome.limbs else "refused").inc()
        self.metrics.films.labels("read").inc(outcome.films)
        self.metrics.films.labels("refused").inc(len(outcome.refused))
        self.metrics.limbs.inc(outcome.limbs)
        self.metrics.score_seconds.observe(seconds)
        for film, reason in outcome.refused:
            self.journal("film refused", study=job.study, film=film, reason=reason)
        self.journal(
            "study scored" if outcome.limbs else "study refused",
            study=job.study, version=job.version, films=outcome.films, limbs=outcome.limbs, scores=outcome.scores,
            refused=len(outcome.refused), put_aside=len(job.quarantined), seconds=round(seconds, 2), complete=done,
        )  # fmt: skip

    def _died(self, job: StudyJob, death: WorkerDied) -> None:
        self.metrics.deaths.inc()
        self.journal("worker died", study=job.study, film=death.film, reason=death.problem)
        trouble = self.queue.died(job, death.film, self.clock(), death.problem)
        if trouble is not None:
            tell_trouble(trouble, self.metrics, self.journal)


def tell_trouble(trouble: Trouble, metrics: Metrics, journal: Journal) -> None:
    """Count and note a film that was put aside, or a study that failed."""
    if trouble.what == "film":
        metrics.films.labels("put aside").inc()
    else:
        metrics.scored.labels("failed").inc()
    journal(f"{trouble.what} put aside", uid=trouble.uid, reason=trouble.problem)
