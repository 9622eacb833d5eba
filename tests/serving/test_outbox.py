"""Deliveries come due, back off, are given up; commitment in time or not; a new version replaces an old one."""

import numpy as np
import pytest

from opensvh.serving.database import Database
from opensvh.serving.node_config import Retry
from opensvh.serving.outbox import Delivery, DeliveryState, Outbox
from opensvh.serving.queue import ReceivedFilm, StudyQueue

PACS, ARCHIVE = "pacs", "archive"
STUDY = "1.2.3"


def scored(database: Database, now: float) -> None:
    """A film comes and its study is scored at once."""
    queue = StudyQueue(database, film_tries=3)
    queue.add(ReceivedFilm(f"{STUDY}.{now}", STUDY, f"films/{now}", str(now)), now, 0.0)
    job = queue.claim(now)
    assert job is not None
    queue.finish(job, f"results/{job.version}", [PACS, ARCHIVE], now)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    scored(database, 0.0)
    return Outbox(database, Retry(first_s=10, longest_s=60, attempts=3), np.random.default_rng(1))


def due(outbox: Outbox, now: float, destination: str = PACS) -> Delivery:
    found = outbox.due(destination, now)
    assert found is not None
    return found


def test_each_destination_gets_the_results_once(outbox: Outbox) -> None:
    outbox.sent(due(outbox, 1.0).number)
    assert outbox.due(PACS, 1e9) is None
    assert due(outbox, 1.0, ARCHIVE).folder == "results/1"


def test_waits_double_within_bounds_and_are_spread(outbox: Outbox) -> None:
    waits = np.array([[outbox.wait_s(attempts) for attempts in (1, 2, 3, 4, 400)] for _ in range(200)])
    middle = np.array([10, 20, 40, 60, 60])
    assert np.all(waits >= 0.5 * middle)
    assert np.all(waits <= 1.5 * middle)
    assert np.allclose(waits.mean(axis=0), middle, rtol=0.1)
    assert np.all(waits.std(axis=0) > 0.2 * middle)


def test_a_delivery_is_given_up_after_the_last_attempt_and_tried_again_on_request(outbox: Outbox) -> None:
    states, now = [], 0.0
    for _ in range(3):
        delivery = due(outbox, now)
        states.append(outbox.failed(delivery, "no connection", now))
        assert outbox.due(PACS, now) is None  # not at once
        now += 100.0
    assert states == [DeliveryState.WAITING, DeliveryState.WAITING, DeliveryState.DEAD]
    assert outbox.due(PACS, 1e9) is None
    assert [(each.destination, each.attempts, each.problem) for each in outbox.dead()] == [(PACS, 3, "no connection")]
    assert outbox.retry(now) == 1
    assert due(outbox, now).attempts == 0


def test_a_commitment_in_time_ends_the_delivery(outbox: Outbox) -> None:
    outbox.asked(due(outbox, 0.0).number, "2.25.1", until=50.0)
    assert outbox.due(PACS, 49.0) is None
    assert outbox.committed("2.25.2") is None
    assert outbox.committed("2.25.1") is not None
    assert outbox.overdue(PACS, 1e9) == []
    assert outbox.depth()[PACS, "sent"] == 1


def test_a_commitment_that_fails_or_does_not_come_sends_again(outbox: Outbox) -> None:
    outbox.asked(due(outbox, 0.0).number, "2.25.1", until=50.0)
    assert outbox.not_committed("2.25.1", "1 object not committed to", 5.0) is not None
    again = due(outbox, 100.0)
    assert (again.attempts, again.problem) == (1, "1 object not committed to")
    outbox.asked(again.number, "2.25.2", until=150.0)
    assert outbox.overdue(ARCHIVE, 151.0) == []
    assert [late.number for late in outbox.overdue(PACS, 151.0)] == [again.number]
    assert due(outbox, 1000.0).attempts == 2
    assert outbox.committed("2.25.2") is None  # too late: it is being sent again


def test_a_new_version_replaces_what_has_not_arrived(outbox: Outbox, database: Database) -> None:
    old = due(outbox, 0.0)
    outbox.sent(due(outbox, 0.0, ARCHIVE).number)
    scored(database, 10.0)
    assert due(outbox, 10.0).version == 2
    assert outbox.depth() == {
        (PACS, "superseded"): 1, (PACS, "waiting"): 1, (ARCHIVE, "sent"): 1, (ARCHIVE, "waiting"): 1
    }  # fmt: skip
    outbox.failed(old, "no connection", 10.0)  # it was on its way meanwhile
    outbox.sent(old.number)
    assert outbox.depth()[PACS, "superseded"] == 1
