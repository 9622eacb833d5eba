"""What a study has found so far: committed scores of each reader, and the one score that counts at each place.

Where a case was adjudicated, what was decided counts; elsewhere the readers' mean, as trials take it; where only one of
them could assess a site, that one's. Uncommitted readings are nobody's business.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import FILM_CODES, Kind, site_named
from opensvh.serving.workbench.grades import Place
from opensvh.serving.workbench.studies import COMMITTED
from opensvh.serving.workbench.tables import Account, Case, CaseFilm, Film, Reading, Score

FINAL = "final"
DECIDED, MEAN, SINGLE = "adjudicated", "mean of two readers", "one reader"


@dataclass(frozen=True)
class Row:
    """One committed score: of a reader, an adjudicator, or (`reader` FINAL) the one that counts."""

    patient: str
    visit: str
    date: str | None
    code: str
    film: str
    site: str
    kind: str
    reader: str
    role: str
    status: str
    score: float | None
    reason: str
    saved: str

    @property
    def column(self) -> str:
        """The challenge's column of the place."""
        limb, side = FILM_CODES[self.code]
        return site_named(limb, self.site).ra2_column(side, Kind(self.kind)) or ""


def committed_rows(session: Session, study: str) -> list[Row]:
    """Every committed score of a study, by case, film and site."""
    found = session.execute(
        select(Score, Reading, Account.name, Case, CaseFilm.code, Film)
        .join(Reading, Reading.id == Score.reading)
        .join(Account, Account.id == Reading.account)
        .join(Case, Case.id == Reading.case)
        .join(CaseFilm, (CaseFilm.case == Case.id) & (CaseFilm.film == Score.film))
        .join(Film, Film.id == Score.film)
        .where(Reading.study == study, Reading.state == COMMITTED)
        .order_by(
            Film.patient, Film.date, Film.visit, CaseFilm.code, Score.site, Score.kind, Reading.role, Reading.seat
        )
    )
    return [
        Row(
            patient=film.patient,
            visit=film.visit,
            date=film.date,
            code=code,
            film=film.file,
            site=score.site,
            kind=score.kind,
            reader=name,
            role=reading.role,
            status=score.status,
            score=score.grade,
            reason=score.reason,
            saved=score.saved,
        )
        for score, reading, name, _case, code, film in found
    ]


def final_rows(rows: Sequence[Row], readers: int) -> Iterator[Row]:
    """The scores that count, of places that every reader has committed."""
    by_place: dict[Place, list[Row]] = {}
    for row in rows:
        by_place.setdefault((row.film, row.site, row.kind), []).append(row)
    for said in by_place.values():
        decided = [row for row in said if row.role == "adjudicator"]
        read = [row for row in said if row.role == "reader"]
        if len(read) < readers:
            continue
        yield _counting(decided, read)


def _counting(decided: Sequence[Row], read: Sequence[Row]) -> Row:
    resting_on = decided or read
    scored = [row for row in resting_on if row.score is not None]
    how = DECIDED if decided else MEAN if len(scored) > 1 else SINGLE
    grades = [row.score for row in scored if row.score is not None]
    return replace(
        scored[0] if scored else resting_on[0],
        reader=FINAL,
        role=how,
        score=sum(grades) / len(grades) if grades else None,
        saved=max(row.saved for row in resting_on),
    )
