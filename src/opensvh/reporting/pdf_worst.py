"""The worst joints in print: pairs of crops, the worse side first, the other one mirrored, their grades beneath."""

from collections.abc import Sequence

from opensvh.reporting import words
from opensvh.reporting.pdf_figure import fill_of, ink_on
from opensvh.reporting.pdf_glance import BREADTH, MARGIN
from opensvh.reporting.pdf_paper import Area, Paint, Paper
from opensvh.reporting.pdf_remarks import TITLE
from opensvh.reporting.pdf_text import SOFT, Style, shortened, width_of, wrapped
from opensvh.reporting.worst_joints import Grade, JointView, WorstJoint

A_ROW = 3
"""Pairs beside each other."""
_BETWEEN, _GAP = 9.0, 1.2
_PAIR = (BREADTH - (A_ROW - 1) * _BETWEEN) / A_ROW
_CROP = (_PAIR - _GAP) / 2
_ROW = _CROP + 16.4
_HEAD = 5.0
_SMALL = Style(6.8, colour=SOFT)


def worst_height(rows: int) -> float:
    """Height of so many rows of pairs with their title, in mm; of no row, that of the sentence that says so."""
    return _HEAD + (rows * _ROW if rows else 6.0)


def rows_of(joints: Sequence[WorstJoint]) -> int:
    """Rows that all of them take."""
    return -(-len(joints) // A_ROW)


def draw_worst(paper: Paper, y: float, joints: Sequence[WorstJoint], otherwise: str) -> None:
    """The pairs, `A_ROW` a row; the words where there are none."""
    width = paper.text(MARGIN, y + 3, words.WORST_TITLE, TITLE)
    if not joints:
        paper.text(MARGIN, y + _HEAD + 3, otherwise, Style(7.2))
        return
    paper.text(MARGIN + width + 2, y + 3, words.WORST_HINT, _SMALL)
    for index, joint in enumerate(joints):
        x = MARGIN + index % A_ROW * (_PAIR + _BETWEEN)
        _draw_pair(paper, x, y + _HEAD + index // A_ROW * _ROW, joint)


def _draw_pair(paper: Paper, x: float, y: float, joint: WorstJoint) -> None:
    paper.text(x, y + 3, joint.label, Style(7.6).bold)
    for index, view in enumerate((joint.worse, joint.opposite)):
        _draw_view(paper, Area(x + index * (_CROP + _GAP), y + 4.4, _CROP, _CROP), view)


def _draw_view(paper: Paper, area: Area, view: JointView) -> None:
    if view.jpeg is None:
        paper.box(area, Paint(line=SOFT, dash=(1.5, 1.5)))
        lines = wrapped(view.missing, _SMALL, area.width - 2)
        top = area.y + area.height / 2 - (len(lines) - 1) * _SMALL.leading / 2
        for index, line in enumerate(lines):
            paper.text(area.x + area.width / 2, top + index * _SMALL.leading, line, _SMALL, "centre")
    else:
        paper.picture(area, view.jpeg)
    y = area.y + area.height + 3.1
    sign = f" {words.MIRRORED_SIGN}" if view.is_mirrored and view.jpeg is not None else ""
    paper.text(area.x, y, f"{view.label}{sign}", Style(6.8).bold)
    for grade in view.grades:
        y += 3.5
        _draw_grade(paper, area, y, grade)


def _draw_grade(paper: Paper, area: Area, y: float, grade: Grade) -> None:
    style = Style(6.5, colour=ink_on(grade.step)).bold
    width = width_of(grade.text, style) + 1.6
    if grade.step != 0:
        paper.box(Area(area.x + area.width - width, y - 2.45, width, 3.15), Paint(fill=fill_of(grade.step)), radius=0.5)
    paper.text(area.x + area.width - 0.8, y, grade.text, style, "right")
    name = Style(6.3)
    paper.text(area.x, y, shortened(grade.name, name, area.width - width - 0.5), name)
