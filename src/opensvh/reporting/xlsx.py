"""`scores.xlsx`: a run as a workbook that people sort and filter: totals, sites, films, refused films, and what it is.

Numbers are numbers and days are days; text is always text, so that no name of a patient is ever computed as a formula.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import date as Day
from pathlib import Path
from typing import Any

from opensvh.domain.anatomy import Kind, Limb, film_code
from opensvh.domain.errors import OutputConflict
from opensvh.domain.reading import RefusedFilm, StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting.notice import NOTICE, model_names
from opensvh.reporting.summary import film_label, seen_on_film, site_label, study_total
from opensvh.reporting.tables import site_records

Row = Sequence[object]
_WIDEST, _NARROWEST = 60, 8
LARGEST_SHEET = 1_048_576
"""Rows that a sheet of Excel holds."""
_UNPRINTABLE = {code: None for code in range(32) if code not in (9, 10, 13)}
"""XML 1.0 has no place for these."""

_KINDS: tuple[tuple[str, Kind | None], ...] = (("total", None), *((kind.value, kind) for kind in Kind))
_TOTALS = ("patient", "date", "visit", *(f"{name}{part}" for name, _ in _KINDS for part in ("", " assessed", " of")))
_SITES = (
    *("patient", "date", "visit", "limb", "side", "site", "name", "kind", "grade", "expected", "maximum", "status"),
    *("reason", "confidence", "x", "y", "film"),
)
_FILMS = ("patient", "date", "visit", "film", "limb", "side", "found", "warnings")
_READ_ME = (
    ("What this is", "Expected Sharp/van der Heijde scores of X-rays of hands and feet, read by a model."),
    ("Use", NOTICE),
    ("totals", "One row a patient and visit. A sum covers the scores that were assessed: 'assessed' of 'of'."),
    ("sites", "One row a score. 'expected' is the model's expectation, 'grade' the whole grade nearest to it."),
    ("sites, status", "Why there is no grade; an empty cell is no zero."),
    ("sites, x and y", "Pixels of the film's file as stored, the centre of the upper left one is 0, 0."),
    ("sites, confidence", "From 0 to 1, that the joint is where it was read."),
    ("films", "What was found on each film, and what a reader should know of it."),
    ("refused", "Films that were not scored, with the reason."),
)


def write_xlsx(path: Path, studies: Sequence[StudyReading], refused: Sequence[RefusedFilm]) -> None:
    """Write the workbook of a run's studies."""
    from openpyxl import Workbook

    book = Workbook(write_only=False)
    book.remove(book.active)
    _add_table(book, "totals", _TOTALS, (_total_row(study) for study in studies))
    _add_table(book, "sites", _SITES, (row for study in studies for row in _site_rows(study)))
    _add_table(book, "films", _FILMS, (row for study in studies for row in _film_rows(study)))
    _add_table(book, "refused", ("film", "reason"), ((film.film, film.reason) for film in refused))
    models = sorted({f"{model_names(study.models)}, {study.software}" for study in studies})
    digests = sorted({f"{model.name}: {model.sha256}" for study in studies for model in study.models})
    made = [*(("Read by", model) for model in models), *(("SHA-256 of the weights", digest) for digest in digests)]
    _add_table(book, "read me", ("about", "what to know"), [*_READ_ME, *made])
    book.properties.title, book.properties.subject, book.properties.creator = "OpenSvH scores", NOTICE, "OpenSvH"
    content = io.BytesIO()
    book.save(content)
    write_whole(path, content.getvalue())


def _add_table(book: Any, title: str, header: Sequence[str], rows: Iterator[Row] | Sequence[Row]) -> None:
    """A sheet with a bold first row that stays in sight, a filter, and columns as wide as what they hold."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    widths = [len(name) for name in header]
    for number, row in enumerate((header, *rows), start=1):
        if number > LARGEST_SHEET:
            raise OutputConflict(f"sheet {title}: a sheet holds {LARGEST_SHEET} rows, this run has more; use parquet")
        for column, value in enumerate(row, start=1):
            _fill(sheet, number, column, value)
            widths[column - 1] = max(widths[column - 1], len(str("" if value is None else value)))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width + 2, _NARROWEST), _WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _fill(sheet: Any, row: int, column: int, value: object) -> None:
    """One cell with its own type: a text that looks like a formula is text all the same."""
    if value is None or value == "":
        return
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = value.translate(_UNPRINTABLE)
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@")
        return
    cell.value = value
    if isinstance(value, float):
        cell.number_format = "0.00"


def _total_row(study: StudyReading) -> Row:
    sums: list[object] = []
    for _, kind in _KINDS:
        total = study_total(study, kind).total
        sums += [total.value if total.assessed else None, total.assessed, total.sites]
    return (study.patient, _day(study), study.visit, *sums)


def _site_rows(study: StudyReading) -> Iterator[Row]:
    for record in site_records(study):
        values = dict(record)
        label = site_label(Limb(str(record["limb"])), str(record["site"]))
        values |= {"date": _day(study), "name": label, "grade": record["score"]}  # type: ignore[dict-item]
        values["side"] = "left" if record["side"] == "L" else "right"
        yield tuple(values[column] for column in _SITES)


def _film_rows(study: StudyReading) -> Iterator[Row]:
    for film in study.films:
        side = film_label(film_code(film.limb, film.side)).split()[0].lower()
        found, warnings = seen_on_film(film), "; ".join(film.warnings)
        yield study.patient, _day(study), study.visit, film.film, film.limb.value, side, found, warnings


def _day(study: StudyReading) -> Day | None:
    return None if study.date is None else Day.fromisoformat(study.date)
