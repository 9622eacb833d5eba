"""`report.pdf`: a patient's reading on two A4 pages, with what `html`'s page shows first on the first of them.

Vectors, embedded fonts, the notice on each page; the same reading gives the same bytes. reportlab is imported late.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from opensvh.domain.reading import StudyReading
from opensvh.reporting import words
from opensvh.reporting.film_views import film_views
from opensvh.reporting.glance import Glance, glance_at
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.pdf_films import draw_films, films_height
from opensvh.reporting.pdf_glance import (
    BOTTOM,
    BREADTH,
    FIGURE_HEIGHT,
    MARGIN,
    SUMS_HEIGHT,
    TOP,
    draw_figure,
    draw_sums,
)
from opensvh.reporting.pdf_paper import HEIGHT, LINE, About, Area, Paper, drawn_document
from opensvh.reporting.pdf_remarks import (
    Columns,
    column_height,
    draw_blocks,
    draw_count_of_rest,
    remark_columns,
    split,
)
from opensvh.reporting.pdf_sheet import COLUMN, draw_reading_notes, draw_table
from opensvh.reporting.pdf_text import ACCENT, BOLD, SOFT, Style, fitted, shortened, wrapped
from opensvh.reporting.pdf_worst import A_ROW, draw_worst, rows_of, worst_height
from opensvh.reporting.score_sheet import limb_tables

_PAGES = 2
_SPACE = 3.0
_RIGHT = MARGIN + BREADTH - COLUMN
_WORST = TOP + SUMS_HEIGHT + _SPACE + FIGURE_HEIGHT + _SPACE
"""Where the worst joints begin on the first page."""
_NOTICE_WIDTH = 56.0


def render_pdf(study: StudyReading, pictures: Mapping[str, FilmPicture], previous: StudyReading | None = None) -> bytes:
    """The PDF file's bytes; `pictures` by film code (`LH`), `previous` the same patient's last reading, if any."""
    glance = glance_at(study, pictures, previous)
    content = _arranged(study, pictures, glance)
    return drawn_document(
        _about(study), [lambda paper: _draw_first(paper, content), lambda paper: _draw_second(paper, content)]
    )


@dataclass(frozen=True)
class _Content:
    """What stands on which page: rows of worst joints and remarks on page 1, the `rest` of them on page 2."""

    study: StudyReading
    pictures: Mapping[str, FilmPicture]
    glance: Glance
    rows: int
    remarks: Columns
    rest: Columns


def _arranged(study: StudyReading, pictures: Mapping[str, FilmPicture], glance: Glance) -> _Content:
    """As many rows of worst joints as leave room for the remarks, but at least one; then as many remarks as fit."""
    columns = remark_columns(glance, COLUMN)
    rows = rows_of(glance.worst)
    while rows > 1 and max(map(column_height, columns)) > _room(rows):
        rows -= 1
    (left, more_left), (right, more_right) = (split(blocks, _room(rows)) for blocks in columns)
    return _Content(study, pictures, glance, rows, (left, right), (more_left, more_right))


def _room(rows: int) -> float:
    """Height left for remarks on the first page, in mm."""
    return BOTTOM - _WORST - worst_height(rows) - _SPACE


def _draw_first(paper: Paper, content: _Content) -> None:
    _draw_frame(paper, content)
    draw_sums(paper, TOP, content.glance)
    draw_figure(paper, TOP + SUMS_HEIGHT + _SPACE, content.glance)
    draw_worst(paper, _WORST, content.glance.worst[: content.rows * A_ROW], content.glance.no_worst)
    for x, blocks in zip((MARGIN, _RIGHT), content.remarks, strict=True):
        draw_blocks(paper, x, BOTTOM - _room(content.rows), blocks)


def _draw_second(paper: Paper, content: _Content) -> None:
    _draw_frame(paper, content)
    hands, feet = limb_tables(content.study)
    left = draw_reading_notes(paper, MARGIN, draw_table(paper, MARGIN, TOP, hands) + _SPACE, content.glance)
    films = Area(_RIGHT, draw_table(paper, _RIGHT, TOP, feet) + _SPACE, COLUMN, 0)
    views = film_views(content.study, content.pictures)
    draw_films(paper, films, views, content.pictures)
    y = max(left, films.y + films_height(len(views), COLUMN)) + _SPACE
    for x, blocks in zip((MARGIN, _RIGHT), content.rest, strict=True):
        fitting, lost = split(blocks, BOTTOM - y - _SPACE)
        draw_count_of_rest(paper, x, draw_blocks(paper, x, y, fitting), lost)


def _about(study: StudyReading) -> About:
    return About(
        title=f"{study.patient} · {words.TITLE}",
        subject=words.NOTICE,
        keywords="; ".join([words.KEYWORD, *map(words.model_line, study.models)]),
        creator=study.software,
        language=words.LANGUAGE,
    )


def _draw_frame(paper: Paper, content: _Content) -> None:
    """Whose reading it is above, what made it and what it is not for below; the same on both pages."""
    glance, width = content.glance, BREADTH - _NOTICE_WIDTH - 6
    paper.text(MARGIN, 16, words.TITLE, Style(8, BOLD, ACCENT))
    name = fitted(glance.patient, Style(18).bold, width, 10.5)
    lines = wrapped(glance.patient, name, width, 2)
    paper.lines(MARGIN, 23.6 if len(lines) == 1 else 20.6, lines, name)
    paper.text(MARGIN, 29.2, shortened(glance.subtitle, Style(7.4), width), Style(7.4, colour=SOFT))
    x = MARGIN + BREADTH - _NOTICE_WIDTH
    paper.rule(x, 12.6, _NOTICE_WIDTH, SOFT)
    paper.text(x, 16.4, words.NOTICE_FIRST, Style(8).bold)
    paper.lines(x, 20, wrapped(words.NOTICE_REST, Style(7.2), _NOTICE_WIDTH), Style(7.2))
    _draw_foot(paper, content.study)


def _draw_foot(paper: Paper, study: StudyReading) -> None:
    y = HEIGHT - 14.5
    small = Style(6.4, colour=SOFT)
    paper.rule(MARGIN, y, BREADTH, LINE)
    made = " · ".join([*map(words.model_line, study.models), study.software])
    page = words.PAGE_OF.format(page=paper.number, pages=_PAGES)
    paper.text(MARGIN, y + 3.6, shortened(made, small, BREADTH - 25), small)
    paper.text(MARGIN + BREADTH, y + 3.6, page, small, "right")
    paper.text(MARGIN, y + 6.8, words.NOTICE, small)
