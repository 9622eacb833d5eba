"""The process that scores: it loads the model once, may die of a film, and is started again.

Messages to it are jobs; messages from it are a film in hand, an outcome, or a failure. It ends with its parent.
"""

import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from opensvh.domain.errors import BundleInvalid, OpenSvHError
from opensvh.serving.journal import silence_libraries
from opensvh.serving.node_config import Scoring
from opensvh.serving.scoring import Holding, Outcome, ScoreJob, Scorer

LOADING_S = 600.0
"""Longer than any disk takes to give up a model."""


class WorkerDied(Exception):
    """The worker ended over a job, or had to be ended; `film` is what it had in hand, if that is known."""

    def __init__(self, film: str | None, problem: str) -> None:
        super().__init__(problem)
        self.film = film
        self.problem = problem


class WorkerStopped(Exception):
    """The worker has put the job back after the film it had in hand, as it was asked to."""


@dataclass(frozen=True)
class Ready:
    """The model is loaded; its name and version."""

    models: tuple[str, ...]


@dataclass(frozen=True)
class Film:
    """A film is taken in hand; None after the last."""

    uid: str | None


@dataclass(frozen=True)
class Failed:
    """The worker lives, but the job or the start failed."""

    problem: str
    film: str | None = None


class _Scores(Protocol):
    """What a worker runs: `scoring.Scorer`."""

    names: tuple[str, ...]

    def score(self, job: ScoreJob, holding: Holding) -> Outcome: ...


class MakesScorer(Protocol):
    """Makes a scorer in the worker's process; a module's function or class, since it is sent there by name."""

    def __call__(self, models: tuple[str, ...], threads: int | None) -> _Scores: ...


class Worker:
    """The parent's end. One thread calls `score`; `stop` may come from any."""

    def __init__(self, config: Scoring, makes_scorer: MakesScorer = Scorer) -> None:
        self._config = config
        self._makes_scorer = makes_scorer
        self._context = multiprocessing.get_context("spawn")  # torch and threads do not survive a fork
        self._stopping = self._context.Event()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self.models: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether a model is loaded."""
        return bool(self.models) and self._process is not None and self._process.is_alive()

    def start(self) -> None:
        """Start it unless it runs; raises BundleInvalid where the model cannot be loaded."""
        if self.ready:
            return
        self.close()
        self._pipe, theirs = self._context.Pipe()
        arguments = (theirs, self._stopping, self._makes_scorer, self._config.models, self._config.threads)
        self._process = self._context.Process(target=_serve, args=arguments, daemon=True, name="opensvh-worker")
        self._process.start()
        theirs.close()
        try:
            message = self._receive(LOADING_S, None)
        except WorkerDied as death:
            names = ", ".join(self._config.models)
            raise BundleInvalid(f"{names}: while it was loaded {death.problem}; try `opensvh score` with it") from death
        if isinstance(message, Failed):
            raise BundleInvalid(message.problem)
        if isinstance(message, Ready):
            self.models = message.models

    def score(self, job: ScoreJob, holding: Holding) -> Outcome:
        """Score a study; `holding` hears of each film before it is read.

        Raises WorkerDied, also where a film takes longer than it may, and WorkerStopped after `stop`.
        """
        self.start()
        assert self._pipe is not None
        self._pipe.send(job)
        film: str | None = None
        while True:
            message = self._receive(self._config.film_timeout_s, film)
            if isinstance(message, Outcome):
                return message
            if isinstance(message, Failed):
                raise WorkerDied(message.film, message.problem)
            if message is None:
                raise WorkerStopped
            if isinstance(message, Film):
                film = message.uid
                holding(film)

    def stop(self) -> None:
        """Ask it to put its job back after the film in hand."""
        self._stopping.set()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
        if self._process is not None:
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None
        self.models = ()

    def _receive(self, limit_s: float, film: str | None) -> object:
        assert self._pipe is not None
        assert self._process is not None
        deadline = time.monotonic() + limit_s
        while not self._pipe.poll(0):
            left = deadline - time.monotonic()
            if left <= 0:
                self.close()
                raise WorkerDied(film, f"the worker took longer than {limit_s:g} s")
            wait([self._pipe, self._process.sentinel], left)
            if not self._process.is_alive() and not self._pipe.poll(0):
                raise self._death(film)
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            raise self._death(film) from None

    def _death(self, film: str | None) -> WorkerDied:
        assert self._process is not None
        self._process.join()
        code = self._process.exitcode or 0
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        self.close()
        return WorkerDied(film, f"the worker died ({how})")


def _serve(
    pipe: Connection,
    stopping: "threading.Event",
    makes_scorer: MakesScorer,
    models: tuple[str, ...],
    threads: int | None,
) -> None:
    """The worker's life: load, then job after job until the parent is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent decides; a terminal sends these to both
    threading.Thread(target=_end_with_parent, daemon=True).start()
    silence_libraries()
    try:
        scorer = makes_scorer(models, threads)
    except OpenSvHError as failure:
        pipe.send(Failed(str(failure)))
        return
    pipe.send(Ready(scorer.names))
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(scorer, job, pipe, stopping))


def _answer(scorer: _Scores, job: ScoreJob, pipe: Connection, stopping: "threading.Event") -> Outcome | Failed | None:
    in_hand: list[str | None] = [None]

    def holding(film: str | None) -> None:
        if stopping.is_set() and film is not None:  # after the last film only writing is left
            raise WorkerStopped
        in_hand[0] = film
        pipe.send(Film(film))

    try:
        return scorer.score(job, holding)
    except WorkerStopped:
        return None
    except (Exception, MemoryError) as error:
        # Without the words of the error, which may quote a header.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f" at {os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
        return Failed(f"{type(error).__name__}{where}", in_hand[0])


def _end_with_parent() -> None:
    """A worker whose node was killed must not write results beside those of the next."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
