"""The model as assistant: reads films that were asked for, one after another, in a process of its own.

What is wanted stands in the database, so that a server that was killed goes on with it. What the process does is
`model_process`'s.
"""

import logging
import multiprocessing
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from sqlalchemy import select

from opensvh.serving.workbench.failures import Conflict
from opensvh.serving.workbench.film_library import FilmLibrary
from opensvh.serving.workbench.model_process import FilmAnswer, FilmJob, load, read_one, score_folder
from opensvh.serving.workbench.store import Store
from opensvh.serving.workbench.tables import Film, ModelReading

WANTED, DONE, FAILED = "wanted", "done", "failed"
LOOK_EVERY_S = 5.0
_log = logging.getLogger("opensvh.workbench")


class Assistant:
    """One model, one film at a time; `executor` makes what runs it (another one in tests)."""

    def __init__(
        self,
        models: tuple[str, ...],
        store: Store,
        library: FilmLibrary,
        executor: Callable[[], Executor] | None = None,
    ) -> None:
        self._make = executor or (lambda: _process(models))
        self._is_there = bool(models)
        self._store, self._library = store, library
        self._lock = threading.Lock()
        self._executor: Executor | None = None
        self._asked, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with what is wanted; the model is loaded when the first film is."""
        if not self._is_there:
            return
        self._thread = threading.Thread(target=self._run, name="assistant", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the film in hand, which is not waited for."""
        self._stopping.set()
        self._asked.set()
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            for process in list((getattr(executor, "_processes", None) or {}).values()):
                process.terminate()
            executor.shutdown(wait=False, cancel_futures=True)
        if self._thread is not None:
            self._thread.join(timeout=10)

    def want(self, films: Iterable[str], again: bool = False) -> int:
        """Ask for films by their identifiers; how many were not asked for before. `again` also those that failed."""
        if not self._is_there:
            return 0
        asked = 0
        with self._store.writing(rights=False) as session:
            for film in dict.fromkeys(films):
                known = session.get(ModelReading, film)
                if known is None:
                    session.add(ModelReading(film=film, state=WANTED, model="", body="", doubt=None, problem=""))
                elif again and known.state == FAILED:
                    known.state, known.problem = WANTED, ""
                else:
                    continue
                asked += 1
        self._asked.set()
        return asked

    def score(self, folder: str) -> str:
        """Score a folder of films that lies outside the library, behind the film in hand; the answer is JSON.

        Raises OpenSvHError where nothing in it can be scored, Conflict where a film ends the model's process.
        """
        if not self._is_there:
            raise Conflict("this workbench runs without a model; name one in its settings")
        try:
            return str(self._pool().submit(score_folder, folder).result())
        except (BrokenProcessPool, CancelledError) as error:
            self._forget_pool()
            raise Conflict(
                "a film, or too little memory, ended the model's process; send the films one by one"
            ) from error

    def _run(self) -> None:
        while True:
            self._asked.clear()
            if self._stopping.is_set():  # after clearing: `close` sets this before it wakes us
                return
            job = self._next()
            if job is None:
                self._asked.wait(LOOK_EVERY_S)
                continue
            self._keep(job[0], self._answer(job[1]))

    def _next(self) -> tuple[str, FilmJob] | None:
        with self._store.reading() as session:
            film = session.scalars(
                select(Film)
                .join(ModelReading, ModelReading.film == Film.id)
                .where(ModelReading.state == WANTED)
                .order_by(Film.patient, Film.file)
                .limit(1)
            ).first()
            if film is None:
                return None
            return film.id, FilmJob(str(self._library.path(film)), film.patient, film.limb, film.side)

    def _answer(self, job: FilmJob) -> FilmAnswer | None:
        """None where the workbench is stopping: the film stays wanted."""
        try:
            return self._pool().submit(read_one, job).result()
        except BrokenProcessPool:
            self._forget_pool()
            problem = "the film, or too little memory, ended the model's process; ask for it again"
        except Exception as failure:  # whatever a film does to the model, the next one is read
            _log.exception("the model failed")
            problem = f"the model failed: {type(failure).__name__}"
        return None if self._stopping.is_set() else FilmAnswer("", "", 1.0, problem)

    def _keep(self, film: str, answer: FilmAnswer | None) -> None:
        if answer is None:
            return
        with self._store.writing(rights=False) as session:
            kept = session.get_one(ModelReading, film)
            kept.state = DONE if answer.body else FAILED
            kept.model, kept.body, kept.doubt = answer.model, answer.body, answer.doubt
            kept.problem = answer.problem

    def _forget_pool(self) -> None:
        with self._lock:
            self._executor = None

    def _pool(self) -> Executor:
        with self._lock:
            if self._executor is None:
                self._executor = self._make()
            return self._executor


def _process(models: tuple[str, ...]) -> Executor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), load, (models,))
