"""Readings: whose there are, what was entered, and the commit that locks them.

How scores are saved is `saving`'s, what may be entered `grades`', who decides where readers differ `adjudication`'s.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.accounts import Person, Role
from opensvh.serving.workbench.adjudication import disputed_places, open_if_due, withdraw_open
from opensvh.serving.workbench.audit import Told, now, record
from opensvh.serving.workbench.design import ModelScores
from opensvh.serving.workbench.failures import Conflict, NotFound
from opensvh.serving.workbench.grades import UNSCORED, Place, places_of
from opensvh.serving.workbench.studies import COMMITTED, OPEN, design_of, study_of
from opensvh.serving.workbench.tables import CaseFilm, ModelReading, Reading, Score


def readings_of(session: Session, person: Person) -> Sequence[Reading]:
    """The person's readings in their order."""
    mine = select(Reading).where(Reading.account == person.id, Reading.state.in_((OPEN, COMMITTED)))
    return session.scalars(mine.order_by(Reading.study, Reading.role.desc(), Reading.place)).all()


def reading_of(session: Session, reading_id: str, person: Person) -> Reading:
    """A reading of the person's own; raises NotFound for everybody else's."""
    return own(session.get(Reading, reading_id), person)


def own(reading: Reading | None, person: Person) -> Reading:
    """The reading, where it is one and the person's own; raises NotFound."""
    if reading is None or reading.account != person.id or reading.state not in (OPEN, COMMITTED):
        raise NotFound("there is no such reading")
    return reading


def refuse_locked(reading: Reading) -> None:
    """Raise Conflict where nothing may be entered any more."""
    if reading.state != OPEN:
        raise Conflict("the reading is committed and locked; a manager can reopen it")


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


def commit(session: Session, person: Person, reading_id: str) -> Reading:
    """Lock a reading that says something everywhere; raises Conflict while it does not, or is locked already."""
    reading = own(_held(session, reading_id), person)
    refuse_locked(reading)
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
    reading = _held(session, reading_id)
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
    return shows_model(design_of(study_of(session, reading.study)).model_scores, reading.state)


def shows_model(rule: ModelScores, state: str) -> bool:
    """Whether a study's rule shows the model's scores in a reading of this state."""
    return rule is ModelScores.SHOWN or (rule is ModelScores.AFTER_COMMIT and state == COMMITTED)


def models_of(session: Session, films: Sequence[CaseFilm]) -> str:
    """The models that have scored the films, by name."""
    ids = [film.film for film in films]
    names = session.scalars(select(ModelReading.model).where(ModelReading.film.in_(ids)).distinct())
    return ", ".join(sorted(name for name in names if name))


def _held(session: Session, reading_id: str) -> Reading | None:
    """The reading, held against other writers until the end of the transaction.

    Held before anything is written: everybody holds readings before the trail's head, so that no two wait for each
    other.
    """
    question = select(Reading).where(Reading.id == reading_id).with_for_update()
    return session.scalars(question.execution_options(populate_existing=True)).one_or_none()
