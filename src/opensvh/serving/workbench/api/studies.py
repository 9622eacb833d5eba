"""Studies, as a manager sets them up, follows them and takes their results."""

import tomllib
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.accounts import Person, Role
from opensvh.serving.workbench.api.access import Bench, Given, Id, Manager, Shown
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.design import StudyDesign
from opensvh.serving.workbench.export import audit_csv, long_csv, ra2_csv
from opensvh.serving.workbench.failures import Invalid
from opensvh.serving.workbench.results import FINAL, committed_rows, final_rows
from opensvh.serving.workbench.studies import WITHDRAWN, add_study, design_of, study_of
from opensvh.serving.workbench.study_figures import Figures, figures_of
from opensvh.serving.workbench.tables import Account, Case, CaseFilm, Reading, Study

router = APIRouter(tags=["studies"])
CSV = "text/csv"
_TABLE = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}


class DesignFile(Given):
    """A study's file as text (TOML)."""

    toml: Annotated[str, Field(max_length=1_000_000)]


class Progress(Shown):
    """How far one person is in a study; `id` and `case` of each reading let a manager reopen it."""

    account: str
    role: Role
    open: int
    committed: int


class CaseReading(Shown):
    """One reading of a case, as managers see it: whose and in which state, without its scores."""

    id: str
    case: int
    patient: str
    account: str
    role: Role
    state: str


class StudyShown(Shown):
    """A study, how it was set up, and how far it is."""

    id: str
    created: str
    design: StudyDesign
    cases: int
    progress: list[Progress]


@router.get("/api/studies")
def studies(_manager: Manager, bench: Bench) -> list[StudyShown]:
    """Every study, the latest first."""
    with bench.store.reading() as session:
        return [_shown(session, each) for each in session.scalars(select(Study).order_by(Study.created.desc()))]


@router.post("/api/studies", status_code=201)
def add(design: StudyDesign, manager: Manager, bench: Bench) -> StudyShown:
    """Set up a study; the model is asked for the points of its films, so that views can jump to the joints."""
    return _added(bench, design, manager)


@router.post("/api/studies/file", status_code=201)
def add_from_file(given: DesignFile, manager: Manager, bench: Bench) -> StudyShown:
    """The same from a file: one table with the keys of `POST /api/studies`."""
    try:
        design = StudyDesign.model_validate(tomllib.loads(given.toml))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"the file is no TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}") from error
    return _added(bench, design, manager)


@router.get("/api/studies/{study_id}")
def study(study_id: Id, _manager: Manager, bench: Bench) -> StudyShown:
    """One study."""
    with bench.store.reading() as session:
        return _shown(session, study_of(session, study_id))


@router.get("/api/studies/{study_id}/readings")
def readings(study_id: Id, _manager: Manager, bench: Bench) -> list[CaseReading]:
    """Every reading and adjudication of a study."""
    with bench.store.reading() as session:
        study_of(session, study_id)
        found = session.execute(
            select(Reading, Case, Account.name)
            .join(Case, Case.id == Reading.case)
            .join(Account, Account.id == Reading.account)
            .where(Reading.study == study_id)
            .order_by(Case.number, Reading.role.desc(), Reading.seat)
        )
        return [
            CaseReading(
                id=each.id, case=case.number, patient=case.patient, account=name, role=Role(each.role), state=each.state
            )
            for each, case, name in found
        ]


@router.get("/api/studies/{study_id}/scores.csv", response_class=Response, responses=_TABLE)  # type: ignore[arg-type]
def scores(study_id: Id, manager: Manager, bench: Bench) -> Response:
    """Every committed score, one line each, and the one that counts (reader `final`)."""
    with bench.store.reading() as session:
        readers = len(design_of(study_of(session, study_id)).readers)
        rows = committed_rows(session, study_id)
    _told(bench, manager, f"study:{study_id}", "scores exported")
    return _table(long_csv([*rows, *final_rows(rows, readers)]), "scores.csv")


@router.get("/api/studies/{study_id}/ra2.csv", response_class=Response, responses=_TABLE)  # type: ignore[arg-type]
def ra2(study_id: Id, manager: Manager, bench: Bench, reader: Annotated[str, Query(max_length=64)] = FINAL) -> Response:
    """Scores in the challenge's columns: those that count, or one reader's."""
    with bench.store.reading() as session:
        design = design_of(study_of(session, study_id))
        rows = committed_rows(session, study_id)
    known = {row.reader for row in rows} | {FINAL}
    if reader not in known:
        raise Invalid(f"reader {reader!r} has committed nothing here; known: {', '.join(sorted(known))}")
    of_reader = [row for row in rows if row.reader == reader]
    chosen = list(final_rows(rows, len(design.readers))) if reader == FINAL else of_reader
    _told(bench, manager, f"study:{study_id}", "scores exported", {"columns": "ra2", "reader": reader})
    return _table(ra2_csv(chosen), "ra2.csv")


@router.get("/api/studies/{study_id}/agreement")
def agreement(study_id: Id, _manager: Manager, bench: Bench) -> Figures | None:
    """How far the two readers agree on what both committed; null while there are not two."""
    with bench.store.reading() as session:
        study_of(session, study_id)
        return figures_of(committed_rows(session, study_id))


@router.get("/api/audit.csv", response_class=Response, responses=_TABLE, tags=["audit trail"])  # type: ignore[arg-type]
def trail(manager: Manager, bench: Bench) -> Response:
    """The audit trail with its digests."""
    _told(bench, manager, "audit", "audit trail exported")
    with bench.store.reading() as session:
        return _table(audit_csv(session), "audit.csv")


def _added(bench: Workbench, design: StudyDesign, manager: Person) -> StudyShown:
    with bench.store.writing() as session:
        study = add_study(session, design, manager)
        shown = _shown(session, study)
        films = session.scalars(
            select(CaseFilm.film).join(Case, Case.id == CaseFilm.case).where(Case.study == study.id)
        ).all()
    bench.assistant.want(films)
    return shown


def _shown(session: Session, study: Study) -> StudyShown:
    found = session.execute(
        select(Account.name, Reading.role, Reading.state, func.count())
        .join(Account, Account.id == Reading.account)
        .where(Reading.study == study.id, Reading.state != WITHDRAWN)
        .group_by(Account.name, Reading.role, Reading.state)
    )
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for name, role, state, count in found:
        counts.setdefault((name, role), {})[state] = count
    progress = [
        Progress(account=name, role=Role(role), open=each.get("open", 0), committed=each.get("committed", 0))
        for (name, role), each in sorted(counts.items())
    ]
    cases = session.scalar(select(func.count()).select_from(Case).where(Case.study == study.id)) or 0
    return StudyShown(id=study.id, created=study.created, design=design_of(study), cases=cases, progress=progress)


def _told(bench: Workbench, manager: Person, subject: str, action: str, new: object = None) -> None:
    """Told in a transaction of its own: readers who save do not wait while a table is made."""
    with bench.store.writing(rights=False) as session:
        record(session, Told(manager.name, action, subject, new=new))


def _table(text: str, name: str) -> Response:
    return Response(text, media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'})
