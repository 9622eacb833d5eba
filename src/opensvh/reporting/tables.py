"""The tables of a run: `scores.csv` as the RA2 challenge lays it out, `sites.csv`, one line a score, and the refused.

A gap stays an empty cell; only a caller who hands over training means gets it filled. The lines of `sites.csv` are here
as values too, for tables that keep their types.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from opensvh.domain.anatomy import RA2_COLUMNS, RA2_SITE_COLUMNS, Kind
from opensvh.domain.reading import FilmReading, RefusedFilm, SiteReading, StudyReading
from opensvh.io.whole_file import write_whole

SITES_COLUMNS = (
    "patient",
    "film",
    "limb",
    "side",
    "site",
    "kind",
    "score",
    "expected",
    "status",
    "x",
    "y",
    "confidence",
    "date",
    "visit",
    "maximum",
    "reason",
)
VISIT_COLUMNS = ("date", "visit")
_DECIMALS = {"expected": 4, "confidence": 4, "x": 1, "y": 1}
Value = str | int | float | None
_SUMS: dict[str, frozenset[Kind]] = {
    "Overall_Tol": frozenset(Kind),
    "Overall_erosion": frozenset({Kind.EROSION}),
    "Overall_narrowing": frozenset({Kind.NARROWING}),
}


def write_scores(path: Path, studies: Iterable[StudyReading], fill: Mapping[str, float] | None = None) -> None:
    """Write expectations, one row a patient, in the 90 RA2 columns.

    A cell is empty where a site is not assessable, and so is a sum that lacks a site: a partial sum would count the
    missing as 0. `fill` (RA2 column -> mean over the training patients) closes the gaps, as the challenge wants. Where
    days or visits are known, two columns after the 90 tell the rows of one patient apart.
    """
    studies = list(studies)
    visits = VISIT_COLUMNS if any(study.date or study.visit for study in studies) else ()
    _write(path, (*RA2_COLUMNS, *visits), (score_row(study, fill or {}) | _visit(study, visits) for study in studies))


def write_sites(path: Path, studies: Iterable[StudyReading]) -> None:
    """Write every site reading of every film; x and y in pixels of the file as stored."""
    _write(path, SITES_COLUMNS, (_as_text(record) for study in studies for record in site_records(study)))


def write_refused(path: Path, films: Iterable[RefusedFilm]) -> None:
    """Write the films that were not scored, each with its reason."""
    _write(path, ("film", "reason"), ({"film": film.film, "reason": film.reason} for film in films))


def score_row(study: StudyReading, fill: Mapping[str, float]) -> dict[str, str]:
    """RA2 column -> cell of one patient."""
    read = {
        (film.side, each.site, each.kind): each.expected
        for film, each in study.site_readings()
        if each.expected is not None
    }
    values = {column: read.get(what, fill.get(column)) for column, what in RA2_SITE_COLUMNS.items()}
    sums = {name: _sum(values, kinds) for name, kinds in _SUMS.items()}
    return {"Patient_ID": study.patient, **{column: _number(value) for column, value in (sums | values).items()}}


def _sum(values: Mapping[str, float | None], kinds: frozenset[Kind]) -> float | None:
    chosen = [value for column, value in values.items() if RA2_SITE_COLUMNS[column][2] in kinds]
    known = [value for value in chosen if value is not None]
    return sum(known) if len(known) == len(chosen) else None


def site_records(study: StudyReading) -> Iterator[dict[str, Value]]:
    """Every reading as column -> value, None where there is none; x and y in pixels of the file as stored."""
    for film, each in study.site_readings():
        yield {**_site_record(film, each), "date": study.date, "visit": study.visit}


def _site_record(film: FilmReading, reading: SiteReading) -> dict[str, Value]:
    return {
        "patient": film.patient,
        "film": film.film,
        "limb": film.limb.value,
        "side": film.side.value,
        "site": reading.site.name,
        "kind": reading.kind.value,
        "score": reading.score,
        "expected": reading.expected,
        "status": reading.status.value,
        "x": None if reading.point is None else reading.point.x,
        "y": None if reading.point is None else reading.point.y,
        "confidence": reading.confidence,
        "maximum": reading.site.maximum(reading.kind),
        "reason": reading.reason or None,
    }


def _visit(study: StudyReading, columns: tuple[str, ...]) -> dict[str, str]:
    return {column: getattr(study, column) or "" for column in columns}


def _as_text(record: Mapping[str, Value]) -> dict[str, str]:
    return {name: _cell(name, value) for name, value in record.items()}


def _cell(name: str, value: Value) -> str:
    if value is None:
        return ""
    return f"{value:.{_DECIMALS[name]}f}" if name in _DECIMALS else str(value)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue())
