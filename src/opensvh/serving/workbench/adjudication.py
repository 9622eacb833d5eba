"""Where two readers differ by more than the study allows, and who decides; the decider does not learn who said what."""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.accounts import Person, Role, account_named, new_id
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.design import AdjudicationRule
from opensvh.serving.workbench.failures import Conflict
from opensvh.serving.workbench.grades import Place
from opensvh.serving.workbench.studies import COMMITTED, OPEN, WITHDRAWN, design_of, study_of
from opensvh.serving.workbench.tables import Case, CaseFilm, Reading, Score

SYSTEM = "opensvh"
_SWAP = 3
"""What this random stream is for; `studies` has the others."""
Pair = tuple[Score, Score]


def open_if_due(session: Session, reading: Reading) -> None:
    """Once both readers have committed a case: hand it to the adjudicator if the rule says so."""
    design = design_of(study_of(session, reading.study))
    if design.adjudicator is None or not disputed_places(session, reading.study, reading.case):
        return
    adjudicator = account_named(session, design.adjudicator)
    assert adjudicator is not None
    number = session.get_one(Case, reading.case).number
    new = Reading(
        id=new_id(),
        study=reading.study,
        case=reading.case,
        account=adjudicator.id,
        role=Role.ADJUDICATOR,
        seat=0,
        place=number,
        state=OPEN,
        committed=None,
    )
    session.add(new)
    record(session, Told(SYSTEM, "adjudication opened", f"reading:{new.id}", new={"case": number}))


def withdraw_open(session: Session, reading: Reading, by: Person) -> None:
    """Take back the adjudication of a case that is read again; raises Conflict where it is decided."""
    for each in _adjudications(session, reading.case):
        if each.state == COMMITTED:
            raise Conflict("the case is adjudicated; reopen the adjudication first")
        each.state = WITHDRAWN
        record(session, Told(by.name, "adjudication withdrawn", f"reading:{each.id}", OPEN, WITHDRAWN))


def disputed_places(session: Session, study: str, case: str) -> set[Place]:
    """Where the adjudicator must decide; nothing while a reader has not committed or no rule is set."""
    rule = design_of(study_of(session, study)).adjudication
    pairs = pairs_of(session, case)
    if rule is None or not pairs:
        return set()
    visit_of = dict(session.execute(select(CaseFilm.film, CaseFilm.visit).where(CaseFilm.case == case)).all())
    return _disputed(rule, pairs, visit_of)


def pairs_of(session: Session, case: str) -> dict[Place, Pair]:
    """What both readers committed, place by place, the first seat's first; empty until both have."""
    readings = session.scalars(
        select(Reading)
        .where(Reading.case == case, Reading.role == Role.READER, Reading.state == COMMITTED)
        .order_by(Reading.seat)
    ).all()
    if len(readings) != 2:
        return {}
    first, second = (_scores(session, reading) for reading in readings)
    return {place: (first[place], second[place]) for place in first.keys() & second.keys()}


def blinded(session: Session, reading: Reading) -> dict[Place, Pair]:
    """The pairs in dispute, in an order drawn once a case: the first is not always the same reader."""
    seed = design_of(study_of(session, reading.study)).seed
    number = session.get_one(Case, reading.case).number
    swapped = bool(np.random.default_rng((seed, _SWAP, number)).integers(2))
    disputed = disputed_places(session, reading.study, reading.case)
    pairs = pairs_of(session, reading.case)
    return {place: pairs[place][::-1] if swapped else pairs[place] for place in disputed}


def adjudicated(session: Session, case: str) -> dict[Place, Score]:
    """What was decided for a case and committed."""
    committed = [each for each in _adjudications(session, case) if each.state == COMMITTED]
    return _scores(session, committed[0]) if committed else {}


def _disputed(rule: AdjudicationRule, pairs: Mapping[Place, Pair], visit_of: Mapping[str, str]) -> set[Place]:
    places = {place for place, (one, other) in pairs.items() if (one.grade is None) != (other.grade is None)}
    if rule.site is not None:
        places |= {place for place, pair in pairs.items() if _apart(pair) >= rule.site}
    if rule.total is not None:
        for visit in set(visit_of.values()):
            of_visit = {place: pair for place, pair in pairs.items() if visit_of[place[0]] == visit}
            difference = sum((one.grade or 0) - (other.grade or 0) for one, other in _both_scored(of_visit))
            if abs(difference) >= rule.total:
                places |= {place for place, pair in of_visit.items() if _apart(pair) > 0}
    return places


def _both_scored(pairs: Mapping[Place, Pair]) -> list[Pair]:
    return [(one, other) for one, other in pairs.values() if one.grade is not None and other.grade is not None]


def _apart(pair: Pair) -> int:
    one, other = pair
    return 0 if one.grade is None or other.grade is None else abs(one.grade - other.grade)


def _scores(session: Session, reading: Reading) -> dict[Place, Score]:
    rows = session.scalars(select(Score).where(Score.reading == reading.id))
    return {(row.film, row.site, row.kind): row for row in rows}


def _adjudications(session: Session, case: str) -> Sequence[Reading]:
    return session.scalars(
        select(Reading).where(Reading.case == case, Reading.role == Role.ADJUDICATOR, Reading.state != WITHDRAWN)
    ).all()
