"""Readings as lists show them: under a name that tells no more than the study lets its readers know."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.api.access import Shown
from opensvh.serving.workbench.grades import UNSCORED
from opensvh.serving.workbench.readings import wanted_places
from opensvh.serving.workbench.studies import design_of
from opensvh.serving.workbench.tables import Case, Reading, Score, Study


class ReadingListed(Shown):
    """One reading; `label` is the patient or, where visits are hidden, `Case 7`; `entered` of `wanted` places."""

    id: str
    study: str
    label: str
    role: str
    place: int
    state: str
    entered: int
    wanted: int
    committed: str | None


def listed(session: Session, readings: Sequence[Reading]) -> list[ReadingListed]:
    """The readings in the order given."""
    designs = {study.id: design_of(study) for study in session.scalars(select(Study))}
    entered = dict(
        session.execute(
            select(Score.reading, func.count())
            .where(Score.reading.in_([each.id for each in readings]), Score.status != UNSCORED)
            .group_by(Score.reading)
        ).all()
    )
    return [
        ReadingListed(
            id=each.id,
            study=designs[each.study].name,
            label=_label(session, each, designs[each.study].hides_visits),
            role=each.role,
            place=each.place,
            state=each.state,
            entered=entered.get(each.id, 0),
            wanted=len(wanted_places(session, each)),
            committed=each.committed,
        )
        for each in readings
    ]


def _label(session: Session, reading: Reading, hidden: bool) -> str:
    case = session.get_one(Case, reading.case)
    return f"Case {case.number}" if hidden else case.patient
