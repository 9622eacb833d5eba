"""Reading: whose readings there are, saving a score for good, and the commit that locks them.

Each change carries an identifier of its sender's making: sent again after a lost answer, it changes nothing. The last
write wins, the one before stays in the audit trail. What may be entered is `grades`', who decides where two readers
differ `adjudication`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.domain.reading import Status
from opensvh.serving.workbench.accounts import Person, Role
from opensvh.serving.workbench.adjudication import disputed_places, open_if_due, withdraw_open
from opensvh.serving.workbench.audit import Told, now, record, record_all
from opensvh.serving.workbench.audit_check import SCORE_SAVED, score_content, score_subject
from opensvh.serving.workbench.design import ModelScores
from opensvh.serving.workbench.failures import Conflict, NotFound
from opensvh.serving.workbench.grades import UNSCORED, Place, place_at, places_of, refuse_impossible
from opensvh.serving.workbench.studies import COMMITTED, OPEN, design_of, study_of
from opensvh.serving.workbench.tables import CaseFilm, Change, ModelReading, Reading, Score


@dataclass(frozen=True)
class Entry:
    """One change to one place: `change` is the sender's own identifier of it."""

    change: str
    place: Place
    status: str
    grade: int | None
    reason: str


def readings_of(session: Session, person: Person) -> Sequence[Reading]:
    """The person's readings in their order."""
    mine = select(Reading).where(Reading.account == person.id, Reading.state.in_((OPEN, COMMITTED)))
    return session.scalars(mine.order_by(Reading.study, Reading.role.desc(), Reading.place)).all()


def reading_of(session: Session, reading_id: str, person: Person) -> Reading:
    """A reading of the person's own; raises NotFound for everybody else's."""
    reading = session.get(Reading, reading_id)
    if reading is None or reading.account != person.id or reading.state not in (OPEN, COMMITTED):
        raise NotFound("there is no such reading")
    return reading


def films_of(session: Session, case: str) -> Sequence[CaseFilm]:
    """The films of a case, column by column."""
    return session.scalars(
        select(CaseFilm).where(CaseFilm.case == case).order_by(CaseFilm.rank, CaseFilm.code.desc())
    ).all()


def scores_of(session: Session, reading: str) -> dict[Place, Score]:
    """What was entered."""
    rows = session.scalars(select(Score).where(Score.reading == reading))
    return {(row.film, row.site, row.kind): row for row in rows}


def wanted_places(session: Session, reading: Reading) -> set[Place]:
    """Where the reading must say something: everywhere, or where the readers differ."""
    if reading.role == Role.ADJUDICATOR:
        return disputed_places(session, reading.study, reading.case)
    return set(places_of(films_of(session, reading.case)))


def save(session: Session, person: Person, reading_id: str, entries: Sequence[Entry]) -> None:
    """Take changes in their order, all or none; raises Conflict where the reading is committed."""
    reading = _for_change(session, reading_id, person)
    films = {film.film: film for film in films_of(session, reading.case)}
    disputed = wanted_places(session, reading) if reading.role == Role.ADJUDICATOR else None
    told: list[Told] = []
    for entry in entries:
        site, kind = place_at(films, entry.place)
        refuse_impossible(site, kind, entry.status, entry.grade, entry.reason)
        if disputed is not None and entry.place not in disputed:
            raise Conflict(f"{site.name} {kind}: the readers agree there; nothing is to be decided")
        if session.get(Change, (person.id, entry.change)) is None:
            session.add(Change(account=person.id, change=entry.change))
            told.append(_written(session, person, reading, entry))
    model = _model_seen(session, reading, films) if told else ""
    record_all(session, [Told(each.actor, each.action, each.subject, each.old, each.new, model) for each in told])


def commit(session: Session, person: Person, reading_id: str) -> Reading:
    """Lock a reading that says something everywhere; raises Conflict while it does not, or is locked already."""
    reading = _for_change(session, reading_id, person)
    scores, wanted = scores_of(session, reading.id), wanted_places(session, reading)
    missing = [place for place in wanted if place not in scores or scores[place].status == UNSCORED]
    if missing:
        raise Conflict(f"{len(missing)} of {len(wanted)} are neither scored nor said to be not assessable")
    reading.state, reading.committed = COMMITTED, now()
    record(session, Told(person.name, "reading committed", f"reading:{reading.id}", OPEN, COMMITTED))
    if reading.role == Role.READER:
        session.flush()
        open_if_due(session, reading)
    return reading


def reopen(session: Session, reading_id: str, reason: str, by: Person) -> Reading:
    """Unlock a reading, as a manager, for a reason that stays in the trail; not once it was adjudicated."""
    reading = session.get(Reading, reading_id)
    if reading is None:
        raise NotFound("there is no such reading")
    if reading.state != COMMITTED:
        raise Conflict("the reading is not committed")
    if reading.role == Role.READER:
        withdraw_open(session, reading, by)
    reading.state, reading.committed = OPEN, None
    new = {"state": OPEN, "reason": reason}
    record(session, Told(by.name, "reading reopened", f"reading:{reading.id}", COMMITTED, new))
    return reading


def sees_model(session: Session, reading: Reading) -> bool:
    """Whether the study lets this reading's reader see the model's scores now."""
    rule = design_of(study_of(session, reading.study)).model_scores
    return rule is ModelScores.SHOWN or (rule is ModelScores.AFTER_COMMIT and reading.state == COMMITTED)


def _for_change(session: Session, reading_id: str, person: Person) -> Reading:
    """The reading, held against other writers until the end of the transaction."""
    reading_of(session, reading_id, person)
    held = session.scalars(
        select(Reading).where(Reading.id == reading_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if held.state != OPEN:
        raise Conflict("the reading is committed and locked; a manager can reopen it")
    return held


def _written(session: Session, person: Person, reading: Reading, entry: Entry) -> Told:
    film, site, kind = entry.place
    score = session.get(Score, (reading.id, film, site, kind))
    old = None if score is None else score_content(score)
    if score is None:
        score = Score(reading=reading.id, film=film, site=site, kind=kind)
        session.add(score)
    score.status, score.grade, score.saved = entry.status, entry.grade, now()
    score.reason = "" if entry.status == Status.SCORED else entry.reason.strip()
    return Told(person.name, SCORE_SAVED, score_subject(score), old, score_content(score))


def _model_seen(session: Session, reading: Reading, films: dict[str, CaseFilm]) -> str:
    """Which model's scores were before the reader's eyes; "" where none were."""
    if not sees_model(session, reading):
        return ""
    names = session.scalars(select(ModelReading.model).where(ModelReading.film.in_(films)).distinct())
    return ", ".join(sorted(name for name in names if name))
