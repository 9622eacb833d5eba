"""From a received object to a status: films to the disk and into the queue, everything else told apart.

The answer to C-STORE is made here; speaking DICOM is `store_scp`'s.
"""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from opensvh.serving.film_check import Kind, Received, check
from opensvh.serving.film_folder import FilmFolder
from opensvh.serving.journal import Journal
from opensvh.serving.metrics import Metrics
from opensvh.serving.node_config import NodeConfig
from opensvh.serving.queue import StudyQueue
from opensvh.serving.store_scp import CANNOT_UNDERSTAND, CLASS_MISMATCH, CLASS_NOT_SUPPORTED, SUCCESS


@dataclass(frozen=True)
class Intake:
    """Takes objects in; any thread may call."""

    config: NodeConfig
    queue: StudyQueue
    films: FilmFolder
    metrics: Metrics
    journal: Journal
    clock: Callable[[], float] = time.time

    def __call__(self, content: bytes, sop_class: str, caller: str) -> int:
        """The status for an object in the file format of PS3.10; raises OSError where the disk does not take it."""
        received = check(content)
        if received.kind is not Kind.FILM:
            return self._not_a_film(received, sop_class, caller)
        if received.sop_class != sop_class:
            self._note("unusable", received, caller)
            return CLASS_MISMATCH
        try:
            film = self.films.store(received.study, received.film, content)
            new = self.queue.add(film, self.clock(), self.config.score.quiet_s)
        except (OSError, sqlite3.Error) as error:
            self._note("failed", received, caller, reason=type(error).__name__)
            raise OSError("the disk does not take it") from error
        self._note("film" if new else "duplicate", received, caller, bytes=len(content))
        return SUCCESS

    def _not_a_film(self, received: Received, sop_class: str, caller: str) -> int:
        if received.kind is Kind.UNUSABLE:
            self._note("unusable", received, caller)
            return CANNOT_UNDERSTAND
        own = received.kind is Kind.OWN_RESULT
        self._note("own" if own else "other", received, caller, sop_class=sop_class)
        return SUCCESS if own or self.config.receive.other_objects == "ignore" else CLASS_NOT_SUPPORTED

    def _note(self, outcome: str, received: Received, caller: str, **facts: object) -> None:
        self.metrics.received.labels(outcome).inc()
        about = {"outcome": outcome, "study": received.study, "object": received.film, "caller": caller}
        self.journal("object received", **about, **facts)
