"""Many writers, one write to the disk: what waits together is written in one transaction, then each is answered.

Nobody waits for company: while one group is on its way to the disk the next one gathers. An answer means that the
change is on the disk.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from opensvh.serving.workbench.failures import Conflict, Refused
from opensvh.serving.workbench.store import Store

MOST_AT_ONCE = 100
Job = TypeVar("Job")
Answer = TypeVar("Answer")
Work = Callable[[Session, Sequence[Job]], Sequence[Answer | Refused]]
"""Carries out jobs within a transaction; one that is refused has written nothing."""


@dataclass(frozen=True)
class _Waiting(Generic[Job, Answer]):
    job: Job
    answer: "Future[Answer]"


class GroupCommit(Generic[Job, Answer]):
    """Carries jobs out in a thread of its own, group by group."""

    def __init__(self, store: Store, work: Work[Job, Answer]) -> None:
        self._store, self._work = store, work
        self._queue: queue.SimpleQueue[_Waiting[Job, Answer] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="group commit", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> "Future[Answer]":
        """The answer to come: on the disk, or Refused."""
        answer: Future[Answer] = Future()
        with self._lock:
            if self._is_closed:
                raise Conflict("the workbench is stopping; send it again")
            self._queue.put(_Waiting(job, answer))
        return answer

    def close(self) -> None:
        """Carry out what waits, then stop."""
        with self._lock:
            self._is_closed = True
            self._queue.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            while len(group) < MOST_AT_ONCE and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._carry_out(group)
                    return
                group.append(following)
            self._carry_out(group)

    def _carry_out(self, group: Sequence[_Waiting[Job, Answer]]) -> None:
        """Write the group; where that fails, each alone, so that one job's failure is its own."""
        try:
            with self._store.writing(rights=False) as session:
                outcomes = self._work(session, [each.job for each in group])
        except Exception as failure:  # whatever it is, it is the sender's to know
            if len(group) > 1:
                for each in group:
                    self._carry_out([each])
            else:
                group[0].answer.set_exception(failure)
            return
        for each, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Refused):
                each.answer.set_exception(outcome)
            else:
                each.answer.set_result(outcome)
