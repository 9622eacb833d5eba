"""The second page in print: every score as a table, and how the figures are meant. Its films are `pdf_films`'s."""

from opensvh.reporting import words
from opensvh.reporting.glance import Glance, sum_text
from opensvh.reporting.pdf_figure import fill_of, ink_on
from opensvh.reporting.pdf_glance import BREADTH
from opensvh.reporting.pdf_paper import Area, Paint, Paper
from opensvh.reporting.pdf_remarks import TITLE
from opensvh.reporting.pdf_text import SOFT, Style, shortened, wrapped
from opensvh.reporting.score_sheet import COLUMNS, Cell, LimbTable

COLUMN = (BREADTH - 8) / 2
_ROW = 5.1
_NAME = 0.41
"""Width of a table's first column, as a share."""
_HEAD = Style(6.6, colour=SOFT)


def draw_table(paper: Paper, x: float, y: float, table: LimbTable) -> float:
    """One limb's table, `COLUMN` wide; returns where the next thing may begin."""
    width = COLUMN * (1 - _NAME) / len(COLUMNS)
    centres = [x + COLUMN * _NAME + (index + 0.5) * width for index in range(len(COLUMNS))]
    paper.text(x, y + 3, table.title, TITLE)
    for index, said in enumerate(words.SIDES.values()):
        paper.text((centres[2 * index] + centres[2 * index + 1]) / 2, y + 3, said, _HEAD.bold, "centre")
    for centre, (_, kind) in zip(centres, COLUMNS, strict=True):
        paper.text(centre, y + 6.6, words.SUM_TITLES[kind], _HEAD, "centre")
    y += 7.6
    for group, rows in table.groups:
        paper.text(x, y + 3.6, group, _HEAD.bold)
        y += _ROW
        for row in rows:
            paper.text(x, y + 3.4, shortened(row.label, Style(7.2), COLUMN * _NAME), Style(7.2))
            for centre, cell in zip(centres, row.cells, strict=True):
                if cell is not None:
                    _draw_cell(paper, Area(centre - width / 2 + 0.4, y + 0.25, width - 0.8, _ROW - 0.5), cell)
            y += _ROW
    paper.rule(x, y + 0.8, COLUMN)
    paper.text(x, y + 4.6, words.COLUMN_SUM, Style(7.2).bold)
    for centre, each in zip(centres, table.totals, strict=True):
        paper.text(centre - 0.6, y + 4.6, sum_text(each), Style(7.2).bold, "right")
        paper.text(centre, y + 4.6, words.POSSIBLE.format(possible=each.possible), _HEAD)
    return y + 7


def draw_reading_notes(paper: Paper, x: float, y: float, glance: Glance) -> float:
    """How the figures are meant; returns where the next thing may begin."""
    style = Style(6.8, colour=SOFT)
    paper.text(x, y + 3, words.READING_TITLE, TITLE)
    y += 7.2
    for said in (words.HOW_TO_READ, glance.intervals_are, words.HOW_CROPS):
        y = paper.lines(x, y, wrapped(said, style, COLUMN), style) + 0.8
    return y


def _draw_cell(paper: Paper, area: Area, cell: Cell) -> None:
    unscored = cell.step is None
    if cell.step != 0:
        dash = (1.0, 1.0) if unscored else ()
        paper.box(area, Paint(fill_of(cell.step), SOFT if unscored else None, 0.5, dash), radius=0.6)
    ink = ink_on(cell.step)
    grade = Style(7.2, colour=ink) if cell.step == 0 else Style(7.2, colour=ink).bold
    middle, y = area.x + area.width / 2, area.y + 3.1
    if unscored:
        paper.text(middle, y, cell.score, grade, "centre")
        return
    paper.text(middle - 1.1, y, cell.score, grade, "right")
    paper.text(middle + 0.3, y, cell.expected, Style(5.8, colour=ink))
