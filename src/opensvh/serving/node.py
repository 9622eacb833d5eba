"""The node put together: a server for films, a thread that scores, a courier a destination, a monitor.

Started and stopped as one. What it must not lose is in its folder, which one node at a time may hold.
"""

import fcntl
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import IO

import numpy as np

from opensvh import __version__
from opensvh.domain.errors import ConfigInvalid, OutputConflict
from opensvh.serving.courier import Courier, Post, Sender
from opensvh.serving.database import Database
from opensvh.serving.film_folder import FilmFolder
from opensvh.serving.intake import Intake
from opensvh.serving.journal import Journal
from opensvh.serving.metrics import Metrics
from opensvh.serving.monitor import Health, Monitor
from opensvh.serving.node_config import Destination, DicomDestination, NodeConfig
from opensvh.serving.outbox import Delivery, Outbox
from opensvh.serving.patient_readings import PatientReadings
from opensvh.serving.queue import StudyQueue
from opensvh.serving.retention import DAY_S, delete_old
from opensvh.serving.score_loop import ScoreLoop, tell_trouble
from opensvh.serving.scoring import Scorer
from opensvh.serving.sender import CStoreSender
from opensvh.serving.store_scp import Handlers, StoreScp, reported
from opensvh.serving.stow import StowSender
from opensvh.serving.worker import MakesScorer, Worker

IDLE_S = 0.2
"""Between looks into the queue where there was nothing to do."""
AFTER_ERROR_S = 10.0
RETENTION_S = 600.0


class Node:
    """Runs from `start` to `stop`."""

    def __init__(
        self, config: NodeConfig, journal: Journal, rng: np.random.Generator, makes_scorer: MakesScorer = Scorer
    ) -> None:
        self._config = config
        self._journal = journal
        self._lock = _claimed(config)
        self._database = Database(config.folder)
        self._films = FilmFolder(config.folder)
        self._readings = PatientReadings(config.folder)
        self._queue = StudyQueue(self._database, config.score.film_tries)
        self._outbox = Outbox(self._database, config.retry, rng)
        self._metrics = Metrics(lambda: (self._queue.depth(), self._outbox.depth()))
        self._worker = Worker(config.score, makes_scorer)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        post = Post(config.folder, self._outbox, self._metrics, journal)
        self._couriers = {each.name: Courier(each, self._sender(each), post) for each in config.destinations}
        intake = Intake(config, self._queue, self._films, self._metrics, journal)
        handlers = Handlers(intake, self._committed, lambda kind: self._metrics.calls.labels(kind).inc())
        self._server = StoreScp(config.receive, handlers, journal)
        self._monitor = Monitor(config.monitor, self._metrics.text, self.health)

    def start(self) -> None:
        """Load the model, take up what a killed node left, and listen; raises OpenSvHError where that cannot be."""
        self._monitor.start()
        self._worker.start()
        for trouble in self._queue.recover(time.time()):
            tell_trouble(trouble, self._metrics, self._journal)
        swept = self._films.sweep(self._queue.known_files())
        names = tuple(self._couriers)
        loop = ScoreLoop(self._queue, self._films, self._readings, self._worker, self._metrics, self._journal, names)
        self._run("scoring", loop.step, IDLE_S)
        for name, courier in self._couriers.items():
            self._run(f"to {name}", courier.step, IDLE_S)
        self._run("retention", self._retain, RETENTION_S)
        try:
            self._server.start()
        except OSError as error:
            where = f"{self._config.receive.host}:{self._config.receive.port}"
            raise ConfigInvalid(f"receive: {where} cannot be listened on ({error.strerror}); name another") from error
        about = {"ae_title": self._config.receive.ae_title, "port": self._config.receive.port}
        self._journal("node up", version=__version__, models=self._worker.models, swept=swept, **about)

    def stop(self) -> None:
        """Hear nobody new, finish the film in hand, keep the queue."""
        self._journal("node stopping")
        self._stopping.set()
        self._worker.stop()
        self._server.stop()
        for thread in self._threads:
            thread.join()
        self._monitor.stop()
        self._worker.close()
        self._database.close()
        self._lock.close()
        self._journal("node down")

    def health(self) -> Health:
        """What a probe is told."""
        studies, deliveries = self._queue.depth(), self._outbox.depth()
        return Health(
            live=all(thread.is_alive() for thread in self._threads),
            ready=self._server.listening and self._worker.ready and not self._stopping.is_set(),
            version=__version__,
            models=self._worker.models,
            studies=studies,
            dead_letters=sum(count for (_, state), count in deliveries.items() if state == "dead"),
        )

    def _run(self, name: str, step: Callable[[], bool], idle_s: float) -> None:
        thread = threading.Thread(target=partial(self._turn, name, step, idle_s), name=name)
        self._threads.append(thread)
        thread.start()

    def _turn(self, name: str, step: Callable[[], bool], idle_s: float) -> None:
        """Step after step until the node stops; an error is noted and does not end the thread."""
        while not self._stopping.is_set():
            try:
                wait_s = 0.0 if step() else idle_s
            except Exception as error:
                self._journal("error", thread=name, reason=type(error).__name__)
                wait_s = AFTER_ERROR_S
            self._stopping.wait(wait_s)

    def _retain(self) -> bool:
        deleted = delete_old(self._database, self._films, self._config.keep, time.time())
        days = self._config.keep.readings_days
        readings = 0 if days is None else self._readings.delete_before(time.time() - days * DAY_S)
        if deleted.films or deleted.results or readings:
            self._journal("deleted", films=deleted.films, results=deleted.results, readings=readings)
        return False

    def _sender(self, destination: Destination) -> Sender:
        if isinstance(destination, DicomDestination):
            answer = partial(reported, commitment=self._committed)
            return CStoreSender(destination, self._config.receive.ae_title, answer)
        return StowSender(destination)

    def _committed(self, transaction: str, problem: str) -> bool:
        """A destination answers for a transaction; False where nobody waits for it."""
        if problem:
            delivery: Delivery | None = self._outbox.not_committed(transaction, problem, time.time())
        else:
            delivery = self._outbox.committed(transaction)
        if delivery is None:
            self._journal("commitment for nothing", transaction=transaction)
            return False
        courier = self._couriers.get(delivery.destination)
        if courier is not None:
            courier.tell(delivery, "not committed" if problem else "sent", transaction=transaction)
        return True


def _claimed(config: NodeConfig) -> IO[str]:
    """The node's folder for this process alone: the lock ends with it, however it ends."""
    config.folder.mkdir(parents=True, exist_ok=True)
    lock = (config.folder / "node.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise OutputConflict(f"{config.folder}: another node is at work on it; stop it or name another") from error
    return lock
