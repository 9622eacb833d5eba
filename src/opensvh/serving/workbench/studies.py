"""Setting up a study: films become cases, cases become each reader's readings, all orders drawn from the seed.

What a design may say is `design`'s; reading itself is `readings`'.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.serving.workbench.accounts import Person, Role, account_named, new_id
from opensvh.serving.workbench.audit import Told, now, record
from opensvh.serving.workbench.design import Order, StudyDesign
from opensvh.serving.workbench.failures import Conflict, Invalid, NotFound
from opensvh.serving.workbench.tables import Account, Case, CaseFilm, Film, Reading, Study

OPEN, COMMITTED, WITHDRAWN = "open", "committed", "withdrawn"
Visits = Sequence[tuple[str, Sequence[Film]]]
"""A patient's visits in the order of time, each with its films."""
_VISITS, _CASES, _READER = range(3)
"""What a random stream is for."""


def add_study(session: Session, design: StudyDesign, by: Person) -> Study:
    """Set up a study whole; raises Invalid or Conflict with what stands in its way."""
    if session.scalars(select(Study).where(Study.name == design.name)).one_or_none():
        raise Conflict(f"there is a study {design.name!r} already")
    readers = [_account(session, name, (Role.READER, Role.ADJUDICATOR)) for name in design.readers]
    if design.adjudicator is not None:
        _account(session, design.adjudicator, (Role.ADJUDICATOR,))
    patients = _patients(session, design)
    study = Study(id=new_id(), name=design.name, design=design.model_dump_json(), created=now())
    session.add(study)
    session.flush()
    cases = _cases(session, study, design, patients)
    for seat, reader in enumerate(readers, start=1):
        _seat(session, study, design, cases, reader, seat)
    new = {"design": design.model_dump(mode="json"), "cases": len(cases)}
    record(session, Told(by.name, "study set up", f"study:{study.id}", new=new))
    return study


def study_of(session: Session, study_id: str) -> Study:
    """The study; raises NotFound."""
    study = session.get(Study, study_id)
    if study is None:
        raise NotFound("there is no such study")
    return study


def design_of(study: Study) -> StudyDesign:
    """What the study was set up with."""
    return StudyDesign.model_validate_json(study.design)


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that puts `visit 10` behind `visit 9`."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text) if part)


def _account(session: Session, name: str, roles: Iterable[Role]) -> Account:
    account = account_named(session, name)
    allowed = tuple(roles)
    if account is None or not account.active or account.role not in allowed:
        raise Invalid(f"{name}: is no active account of a {' or '.join(allowed)}; add one first")
    return account


def _patients(session: Session, design: StudyDesign) -> Mapping[str, Visits]:
    """The films chosen, by patient in order of name and by visit in order of time."""
    wanted = None if design.patients is None else set(design.patients)
    inside = f"{design.folder.strip('/')}/" if design.folder.strip("/") else ""
    films = [
        film
        for film in session.scalars(select(Film).order_by(Film.file))
        if film.file.startswith(inside) and (wanted is None or film.patient in wanted) and film.limb and film.side
    ]
    if not films:
        raise Invalid("no film fits folder and patients; add the films to the library first")
    by_patient: dict[str, dict[str, list[Film]]] = defaultdict(lambda: defaultdict(list))
    for film in films:
        by_patient[film.patient][film.visit].append(film)
    missing = (wanted or set()) - set(by_patient)
    if missing:
        raise Invalid(f"no films of {', '.join(sorted(missing)[:10])}; add them or leave these patients out")
    _refuse_twice(films)
    return {patient: _in_time(by_patient[patient]) for patient in sorted(by_patient, key=natural)}


def _in_time(visits: Mapping[str, Sequence[Film]]) -> Visits:
    def when(visit: str) -> tuple[str, tuple[tuple[int, str], ...]]:
        return min((film.date or "" for film in visits[visit]), default=""), natural(visit)

    return [(visit, visits[visit]) for visit in sorted(visits, key=when)]


def _refuse_twice(films: Sequence[Film]) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    for film in films:
        key = (film.patient, film.visit, _code(film))
        if key in seen:
            raise Invalid(
                f"{film.file} and {seen[key]} are both the {key[2]} of {key[0]} at {key[1]}; give them visits"
            )
        seen[key] = film.file


def _cases(session: Session, study: Study, design: StudyDesign, patients: Mapping[str, Visits]) -> list[Case]:
    """Cases, numbered in an order that tells nothing where visits are hidden."""
    sittings: list[tuple[str, Visits]] = []
    for place, (patient, visits) in enumerate(patients.items()):
        if design.order is Order.RANDOM:
            sittings += [(patient, [("A", films)]) for _, films in visits]
        elif design.order is Order.PAIRED_BLINDED:
            turned = np.random.default_rng((design.seed, _VISITS, place)).permutation(len(visits))
            sittings.append((patient, [(chr(65 + column), visits[turn][1]) for column, turn in enumerate(turned)]))
        else:
            sittings.append((patient, visits))
    if design.hides_visits:
        order = np.random.default_rng((design.seed, _CASES)).permutation(len(sittings))
        sittings = [sittings[each] for each in order]
    return [_case(session, study, number, *sitting) for number, sitting in enumerate(sittings, start=1)]


def _case(session: Session, study: Study, number: int, patient: str, visits: Visits) -> Case:
    case = Case(id=new_id(), study=study.id, number=number, patient=patient)
    session.add(case)
    session.flush()
    session.add_all(
        CaseFilm(case=case.id, film=film.id, code=_code(film), visit=label, rank=rank)
        for rank, (label, films) in enumerate(visits)
        for film in films
    )
    return case


def _seat(
    session: Session, study: Study, design: StudyDesign, cases: Sequence[Case], reader: Account, seat: int
) -> None:
    """One reader's readings; where visits are hidden, each reader has an order of their own."""
    order = list(range(len(cases)))
    if design.hides_visits:
        order = list(np.random.default_rng((design.seed, _READER, seat)).permutation(len(cases)))
    session.add_all(
        Reading(
            id=new_id(),
            study=study.id,
            case=cases[each].id,
            account=reader.id,
            role=Role.READER,
            seat=seat,
            place=place,
            state=OPEN,
            committed=None,
        )
        for place, each in enumerate(order, start=1)
    )


def _code(film: Film) -> str:
    return film_code(Limb(film.limb or ""), Side(film.side or ""))
