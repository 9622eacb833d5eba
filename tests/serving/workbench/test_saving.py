"""Scores saved by many at once: written together, refused each alone, and never twice."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.failures import Conflict, Invalid, Refused
from opensvh.serving.workbench.group_commit import GroupCommit
from opensvh.serving.workbench.sessions import KNOWN_S
from opensvh.serving.workbench.store import Store
from opensvh.serving.workbench.tables import AuditEntry, LoginFailure

from .conftest import Page, Served, every_place, peopled

Work = Callable[[Session, Sequence[str]], Sequence[str | Refused]]


def written(session: Session, jobs: Sequence[str]) -> list[str | Refused]:
    """Each job as a row of its own, but one that is refused, and one that the database refuses."""
    answers: list[str | Refused] = []
    for job in jobs:
        if job.startswith("refuse"):
            answers.append(Invalid(job))
            continue
        session.add(LoginFailure(key=None if job.startswith("break") else job, at=0.0))
        answers.append(job)
    session.flush()
    return answers


class Groups:
    """Remembers which jobs were carried out together; the first group waits until all others are there."""

    def __init__(self, work: Work) -> None:
        self.seen: list[list[str]] = []
        self.begin = threading.Event()
        self._work = work

    def __call__(self, session: Session, jobs: Sequence[str]) -> Sequence[str | Refused]:
        self.seen.append(list(jobs))
        assert self.begin.wait(timeout=120)
        return self._work(session, jobs)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'workbench.sqlite'}")


def all_at_once(store: Store, jobs: Sequence[str]) -> tuple[Groups, list["Future[str]"]]:
    groups = Groups(written)
    group_commit: GroupCommit[str, str] = GroupCommit(store, groups)
    first = group_commit.submit("first")
    while not groups.seen:
        pass
    answers = [first, *(group_commit.submit(job) for job in jobs)]
    groups.begin.set()
    group_commit.close()
    return groups, answers


def kept(store: Store) -> set[str]:
    with store.reading() as session:
        return set(session.scalars(select(LoginFailure.key)))


def test_what_waits_together_is_written_together(store: Store) -> None:
    groups, answers = all_at_once(store, ["a", "b", "c"])
    assert groups.seen == [["first"], ["a", "b", "c"]]
    assert [each.result(0) for each in answers] == ["first", "a", "b", "c"]
    assert kept(store) == {"first", "a", "b", "c"}


def test_who_is_refused_is_refused_alone(store: Store) -> None:
    _, answers = all_at_once(store, ["a", "refuse this", "c"])
    assert isinstance(answers[2].exception(0), Invalid)
    assert kept(store) == {"first", "a", "c"}


def test_what_the_database_refuses_takes_nobody_along(store: Store) -> None:
    _, answers = all_at_once(store, ["a", "break", "c"])
    assert answers[2].exception(0) is not None
    assert [answers[1].result(0), answers[3].result(0)] == ["a", "c"]
    assert kept(store) == {"first", "a", "c"}


def test_a_workbench_that_stops_takes_nothing_more(store: Store) -> None:
    group_commit: GroupCommit[str, str] = GroupCommit(store, written)
    group_commit.close()
    with pytest.raises(Conflict, match="stopping"):
        group_commit.submit("late")


@pytest.fixture
def crowd(either: Served) -> tuple[Served, list[tuple[Page, dict[str, Any]]]]:
    """Two readers with a study of two patients each; every reading with the page of its reader."""
    served = peopled(either)
    served.page("mia").ok("POST", "/api/studies", json={"name": "T", "readers": ["anna", "ben"]})
    readings = []
    for name in ("anna", "ben"):
        page = served.page(name)
        readings += [(page, page.ok("GET", f"/api/readings/{each['id']}")) for each in page.ok("GET", "/api/readings")]
    return served, readings


def test_readers_at_once_lose_nothing_and_leave_one_chain(
    crowd: tuple[Served, list[tuple[Page, dict[str, Any]]]],
) -> None:
    served, readings = crowd
    changes = [
        (page, reading["reading"]["id"], change)
        for place in range(30)
        for page, reading in readings
        for change in [every_place(reading)[place]]
    ]

    def put(each: tuple[Page, str, dict[str, Any]]) -> int:
        page, reading, change = each
        told = {"scores": [{**change, "grade": 1}]}
        return page.client.put(f"/api/readings/{reading}/scores", json=told).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(put, [*changes, *changes])) == {200}
    for page, reading in readings:
        now = page.ok("GET", f"/api/readings/{reading['reading']['id']}")
        assert now["reading"]["entered"] == 30
        assert sum(each["total"]["value"] for each in now["sums"].values()) == 30
    with served.bench.store.reading() as session:
        told = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "score saved"))
    assert told == len(changes)
    assert served.page("mia").ok("GET", "/api/audit/verdict")["problems"] == []


def test_scores_do_not_make_the_server_forget_who_is_signed_in_but_a_closed_account_is_out_at_once(
    crowd: tuple[Served, list[tuple[Page, dict[str, Any]]]],
) -> None:
    served, ((anna, reading), *_) = crowd
    assert KNOWN_S > 1
    before = served.bench.store.rights
    address = f"/api/readings/{reading['reading']['id']}/scores"
    anna.ok("PUT", address, json={"scores": [every_place(reading)[0]]})
    assert served.bench.store.rights == before
    account = anna.ok("GET", "/api/session")["account"]
    served.page("mia").ok("PUT", f"/api/accounts/{account}/active", json={"active": False})
    assert anna.status("PUT", address, json={"scores": [every_place(reading)[1]]}) == 401
