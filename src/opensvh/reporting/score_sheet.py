"""The score sheet: every score of both hands and both feet as a table, in the order of the method."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from opensvh.domain.anatomy import Kind, Limb, Side, Site, film_code, sites_of
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.reporting import summary, words
from opensvh.reporting.palette import grade_step


@dataclass(frozen=True)
class Cell:
    """One score in the table: `step` is its colour, None without a score."""

    key: str
    kind: str
    step: int | None
    score: str
    expected: str
    title: str


@dataclass(frozen=True)
class Row:
    """A line of a limb's table; a cell is None where the method has no score, or there is no film."""

    label: str
    group: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class LimbTable:
    """The score sheet of both hands or both feet, rows in groups, with its column totals."""

    title: str
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    totals: tuple[summary.LimbTotal, ...]


COLUMNS: tuple[tuple[Side, Kind], ...] = tuple((side, kind) for side in Side for kind in Kind)
"""Left narrowing, left erosion, right narrowing, right erosion."""


def limb_tables(study: StudyReading) -> tuple[LimbTable, ...]:
    """The hands' table and the feet's."""
    films = {film_code(film.limb, film.side): film for film in study.films}
    return tuple(_limb_table(study, films, limb) for limb in Limb)


def step_of(reading: SiteReading) -> int | None:
    """The colour step of a reading, None without a score."""
    return None if reading.score is None else grade_step(reading.score / (reading.site.maximum(reading.kind) or 1))


def _limb_table(study: StudyReading, films: Mapping[str, FilmReading], limb: Limb) -> LimbTable:
    rows = [
        Row(
            label=words.site_label(limb, site.name),
            group=words.GROUPS[_group(site)],
            cells=tuple(_cell(films.get(film_code(limb, side)), site, kind) for side, kind in COLUMNS),
        )
        for site in sites_of(limb)
    ]
    return LimbTable(
        title=words.LIMB_TITLES[limb],
        groups=tuple((name, tuple(group)) for name, group in groupby(rows, key=lambda row: row.group)),
        totals=tuple(summary.study_total(study, kind, limb, side) for side, kind in COLUMNS),
    )


def _group(site: Site) -> str:
    if site.limb is Limb.FOOT:
        return "forefoot"
    if site.name.rstrip("12345") in ("IP", "PIP", "MCP"):
        return "fingers"
    return "spaces" if site.erosion is None else "bones"


def _cell(film: FilmReading | None, site: Site, kind: Kind) -> Cell | None:
    if film is None or site.maximum(kind) is None:
        return None
    reading = film.reading(site.name, kind)
    expected = reading.expected
    where = f"{words.film_label(film_code(film.limb, film.side))}, {words.site_label(film.limb, site.name)}"
    said = (
        words.why(reading) if expected is None else words.OF_MAXIMUM.format(value=expected, maximum=site.maximum(kind))
    )
    return Cell(
        key=f"{film_code(film.limb, film.side)}:{site.point}",
        kind=kind.value,
        step=step_of(reading),
        score=words.NO_SCORE if expected is None else str(reading.score),
        expected="" if expected is None else f"{expected:.1f}",
        title=f"{where}, {words.KINDS[kind]}: {said}",
    )
