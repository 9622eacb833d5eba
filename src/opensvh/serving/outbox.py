"""Results on their way: what is due where, what was tried, what was given up.

A delivery is sent when its destination has taken every object, and has committed to them where that is asked for.
"""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from opensvh.serving.database import Database
from opensvh.serving.node_config import Retry


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    ASKED = "asked"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Delivery:
    """A study's results to one destination; `folder` relative to the node's; `attempts` that failed so far."""

    number: int
    study: str
    version: int
    destination: str
    folder: str
    attempts: int
    problem: str = ""


class Outbox:
    """Deliveries in the node's database. Times are seconds since 1970, given by the caller."""

    def __init__(self, database: Database, retry: Retry, rng: np.random.Generator) -> None:
        self._database = database
        self._retry = retry
        self._rng = rng

    def due(self, destination: str, now: float) -> Delivery | None:
        """The delivery to a destination that is due for longest."""
        rows = self._database.rows(
            "SELECT delivery.*, result.folder FROM delivery JOIN result USING (study, version) WHERE destination = ? "
            "AND state = 'waiting' AND due <= ? AND folder IS NOT NULL ORDER BY due LIMIT 1",
            destination,
            now,
        )
        return _delivery(rows[0]) if rows else None

    def sent(self, number: int) -> None:
        """It arrived."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE delivery SET state = 'sent', problem = '' WHERE number = ? AND state != 'superseded'", (number,)
            )

    def asked(self, number: int, request: str, until: float) -> None:
        """It was taken, and commitment will be asked for as transaction `request`, waited for until then."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE delivery SET state = 'asked', request = ?, due = ? WHERE number = ? AND state = 'waiting'",
                (request, until, number),
            )

    def committed(self, request: str) -> Delivery | None:
        """The destination has committed to what was asked for; None where nothing of that name is waited for."""
        delivery = self._asked_for(request)
        if delivery is not None:
            self.sent(delivery.number)
        return delivery

    def not_committed(self, request: str, problem: str, now: float) -> Delivery | None:
        """The destination does not keep what was sent: it is sent again."""
        delivery = self._asked_for(request)
        if delivery is not None:
            self.failed(delivery, problem, now)
        return delivery

    def overdue(self, destination: str, now: float) -> list[Delivery]:
        """Deliveries to a destination whose commitment did not come in time; each has failed with that."""
        rows = self._database.rows(
            "SELECT delivery.*, result.folder FROM delivery JOIN result USING (study, version) "
            "WHERE destination = ? AND state = 'asked' AND due <= ?",
            destination,
            now,
        )
        late = [_delivery(row) for row in rows]
        for delivery in late:
            self.failed(delivery, "storage commitment did not come in time", now)
        return late

    def failed(self, delivery: Delivery, problem: str, now: float) -> DeliveryState:
        """It is tried again later, or given up after the last attempt."""
        attempts = delivery.attempts + 1
        state = DeliveryState.DEAD if attempts >= self._retry.attempts else DeliveryState.WAITING
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE delivery SET state = ?, attempts = ?, due = ?, problem = ?, request = NULL WHERE number = ? "
                "AND state IN ('waiting', 'asked')",
                (state, attempts, now + self.wait_s(attempts), problem, delivery.number),
            )
        return state

    def wait_s(self, attempts: int) -> float:
        """Seconds to wait after so many failures: doubled each time, bounded, spread by up to half."""
        doubled = self._retry.first_s * 2.0 ** min(attempts - 1, 60)
        return float(min(doubled, self._retry.longest_s) * self._rng.uniform(0.5, 1.5))

    def dead(self) -> list[Delivery]:
        """What was given up."""
        rows = self._database.rows(
            "SELECT delivery.*, result.folder FROM delivery JOIN result USING (study, version) "
            "WHERE state = 'dead' ORDER BY number"
        )
        return [_delivery(row) for row in rows]

    def retry(self, now: float) -> int:
        """What was given up is due again, with all attempts before it; how many."""
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE delivery SET state = 'waiting', attempts = 0, due = ? WHERE state = 'dead'", (now,)
            ).rowcount

    def depth(self) -> dict[tuple[str, str], int]:
        """Deliveries by destination and state."""
        rows = self._database.rows("SELECT destination, state, count(*) FROM delivery GROUP BY 1, 2")
        return {(row[0], row[1]): row[2] for row in rows}

    def _asked_for(self, request: str) -> Delivery | None:
        rows = self._database.rows(
            "SELECT delivery.*, result.folder FROM delivery JOIN result USING (study, version) "
            "WHERE request = ? AND state = 'asked'",
            request,
        )
        return _delivery(rows[0]) if rows else None


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        number=row["number"],
        study=row["study"],
        version=row["version"],
        destination=row["destination"],
        folder=row["folder"] or "",
        attempts=row["attempts"],
        problem=row["problem"],
    )
