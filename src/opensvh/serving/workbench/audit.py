"""The audit trail: every change as an entry that holds the digest of the one before, so that none can be altered.

Entries are written in the transaction of the change they tell of. The database refuses to alter or delete them
(triggers, `migrations`); who gets round that still breaks the chain, which `verify` finds.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from opensvh import __version__
from opensvh.serving.workbench.tables import AuditEntry, AuditHead

SOFTWARE = f"OpenSvH {__version__}"
START = "0" * 64
CHAINED = ("number", "at", "actor", "action", "subject", "old", "new", "software", "model", "previous")
_PAGE = 1000
_HEAD = select(AuditHead).with_for_update()


@dataclass(frozen=True)
class Told:
    """What is to be recorded: who did what to which subject; `old` and `new` are plain values, None for nothing."""

    actor: str
    action: str
    subject: str
    old: Any = None
    new: Any = None
    model: str = ""


@dataclass(frozen=True)
class Verdict:
    """How many entries were checked, the last one's digest, and what is wrong, in sentences."""

    entries: int
    digest: str
    problems: tuple[str, ...]


def now() -> str:
    """This moment in UTC, ISO 8601 to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def record(session: Session, told: Told) -> None:
    """Append one entry; other writers wait for it, so that the chain has no forks."""
    record_all(session, [told])


def record_all(session: Session, changes: Iterable[Told]) -> None:
    """Append entries in their order."""
    head = session.scalars(_HEAD).one()
    rows: list[dict[str, Any]] = []
    for told in changes:
        row = _row(told, head.number + 1, head.digest)
        head.number, head.digest = row["number"], row["digest"]
        rows.append(row)
    if rows:
        session.execute(insert(AuditEntry), rows)


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over every other field, the digest of the entry before among them."""
    return _digest([getattr(entry, name) for name in CHAINED])


def verify(session: Session) -> Verdict:
    """Walk the whole chain."""
    problems: list[str] = []
    number, digest = 0, START
    for entry in entries(session):
        if entry.number != number + 1:
            problems.append(f"entry {number + 1} is missing: {entry.number} follows {number}")
        if entry.previous != digest:
            problems.append(f"entry {entry.number} does not continue the one before it")
        if digest_of(entry) != entry.digest:
            problems.append(f"entry {entry.number} was altered: its digest does not fit what it says")
        number, digest = entry.number, entry.digest
    head = session.scalars(select(AuditHead)).one_or_none()
    if head is None or (head.number, head.digest) != (number, digest):
        said = "nothing" if head is None else f"entry {head.number}"
        problems.append(f"the trail ends at entry {number}, its head says {said}: entries were cut off or put on")
    return Verdict(number, digest, tuple(problems))


def entries(session: Session, after: int = 0, most: int | None = None) -> Iterator[AuditEntry]:
    """Entries in order from the one after `after`, read page by page."""
    left = most
    while left is None or left > 0:
        page = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.number > after)
            .order_by(AuditEntry.number)
            .limit(_PAGE if left is None else min(_PAGE, left))
        ).all()
        if not page:
            return
        yield from page
        after = page[-1].number
        left = None if left is None else left - len(page)
        session.expunge_all()


def _row(told: Told, number: int, previous: str) -> dict[str, Any]:
    row = {
        "number": number,
        "at": now(),
        "actor": told.actor,
        "action": told.action,
        "subject": told.subject,
        "old": _plain(told.old),
        "new": _plain(told.new),
        "software": SOFTWARE,
        "model": told.model,
        "previous": previous,
    }
    return {**row, "digest": _digest([row[name] for name in CHAINED])}


def _digest(content: Sequence[Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
