"""The audit trail for managers: page by page, and whether it holds together. As a table: `export`."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from opensvh.serving.workbench.api.access import Bench, Manager, Shown
from opensvh.serving.workbench.audit import entries
from opensvh.serving.workbench.audit_check import verify_all
from opensvh.serving.workbench.tables import AuditEntry

router = APIRouter(prefix="/api/audit", tags=["audit trail"])


class EntryShown(Shown):
    """One change."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    old: Any
    new: Any
    software: str
    model: str
    digest: str


class VerdictShown(Shown):
    """Whether the trail holds together; `digest` is worth keeping elsewhere: it seals all before it."""

    entries: int
    digest: str
    problems: list[str]


@router.get("")
def trail(
    _manager: Manager,
    bench: Bench,
    after: Annotated[int, Query(ge=0, le=2**31)] = 0,
    most: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[EntryShown]:
    """Entries in order, from the one behind `after`."""
    with bench.store.reading() as session:
        return [_shown(entry) for entry in entries(session, after, most)]


@router.get("/verdict")
def verdict(_manager: Manager, bench: Bench) -> VerdictShown:
    """Walk the whole chain, and hold every stored score against it."""
    with bench.store.reading() as session:
        found = verify_all(session)
    return VerdictShown(entries=found.entries, digest=found.digest, problems=list(found.problems))


def _shown(entry: AuditEntry) -> EntryShown:
    return EntryShown(
        number=entry.number,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        old=json.loads(entry.old),
        new=json.loads(entry.new),
        software=entry.software,
        model=entry.model,
        digest=entry.digest,
    )
