"""What brings a study's results to one destination: sends what is due, waits for commitment, tries again, gives up.

How objects travel is `sender`'s and `stow`'s; when they are due is `outbox`'s.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydicom.uid import generate_uid

from opensvh.serving.journal import Journal
from opensvh.serving.metrics import Metrics
from opensvh.serving.node_config import Destination, DicomDestination
from opensvh.serving.outbox import Delivery, DeliveryState, Outbox
from opensvh.serving.result_files import ResultFile, result_files
from opensvh.serving.sender import CStoreSender, SendFailed


class Sender(Protocol):
    """What stores objects somewhere: `sender.CStoreSender` or `stow.StowSender`."""

    def send(self, files: Sequence[ResultFile]) -> None: ...


@dataclass(frozen=True)
class Post:
    """What all couriers of a node share; `clock` gives seconds since 1970."""

    folder: Path
    outbox: Outbox
    metrics: Metrics
    journal: Journal
    clock: Callable[[], float] = time.time


class Courier:
    """Serves one destination; a thread calls `step` again and again."""

    def __init__(self, destination: Destination, sender: Sender, post: Post) -> None:
        self._destination = destination
        self._sender = sender
        self._post = post

    @property
    def name(self) -> str:
        """The destination's."""
        return self._destination.name

    def step(self) -> bool:
        """Do what is due, one delivery at most; whether there was one."""
        now = self._post.clock()
        for late in self._post.outbox.overdue(self.name, now):
            self.tell(late, "not committed")
        delivery = self._post.outbox.due(self.name, now)
        if delivery is None:
            return False
        begun = time.monotonic()
        try:
            self._deliver(delivery)
        except SendFailed as failure:
            self._failed(delivery, str(failure))
        except (OSError, ValueError, AttributeError) as error:  # results damaged or gone from the disk
            self._failed(delivery, f"results cannot be sent ({type(error).__name__})")
        self._post.metrics.delivery_seconds.labels(self.name).observe(time.monotonic() - begun)
        return True

    def tell(self, delivery: Delivery, outcome: str, **facts: object) -> None:
        """Count and note what became of a delivery."""
        self._post.metrics.deliveries.labels(self.name, outcome).inc()
        about = {"study": delivery.study, "version": delivery.version, "destination": self.name}
        self._post.journal(f"results {outcome}", **about, **facts)

    def _deliver(self, delivery: Delivery) -> None:
        files = result_files(self._post.folder / delivery.folder, self._destination.objects)
        self._sender.send(files)
        if not (files and isinstance(told := self._destination, DicomDestination) and told.commitment):
            self._post.outbox.sent(delivery.number)
            self.tell(delivery, "sent", objects=len(files))
            return
        # Noted before it is asked for: the answer may come before the question returns, or after a restart.
        transaction = str(generate_uid())
        self._post.outbox.asked(delivery.number, transaction, self._post.clock() + told.commitment_s)
        self.tell(delivery, "stored", objects=len(files), transaction=transaction)
        if isinstance(self._sender, CStoreSender):
            self._sender.ask_commitment(files, transaction)

    def _failed(self, delivery: Delivery, problem: str) -> None:
        state = self._post.outbox.failed(delivery, problem, self._post.clock())
        outcome = "dead" if state is DeliveryState.DEAD else "failed"
        self.tell(delivery, outcome, attempt=delivery.attempts + 1, reason=problem)
