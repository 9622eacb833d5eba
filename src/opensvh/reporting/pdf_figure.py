"""The figure of hands and feet in print: the drawing of `limb_drawing`, the marks of `figure_of_limbs`."""

from opensvh.domain.anatomy import Kind
from opensvh.reporting import words
from opensvh.reporting.figure_of_limbs import LimbFigure, Mark
from opensvh.reporting.glance import sum_text
from opensvh.reporting.limb_drawing import MARK_WIDTH, ZERO_SHARE
from opensvh.reporting.palette import GRADES, Colour, ink_on_grade
from opensvh.reporting.pdf_paper import LINE, WHITE, Area, Paint, Paper
from opensvh.reporting.pdf_text import CAUTION, INK, SOFT, Style, shortened, width_of

UNIT_MM = 0.435
"""One unit of the drawing."""
CAPTION_HEIGHT = 9.0
"""Beneath the drawing: the limb's name and its sums."""
_GAP = 5.0
_BONE = Paint((241, 242, 240), (186, 191, 192), 0.4)
_UNREAD_BONE = Paint(None, (186, 191, 192), 0.4, (1.5, 1.5))
_RIM: Colour = (95, 80, 70)
_UNSCORED: Colour = (205, 208, 212)
_RADIUS = MARK_WIDTH / 2 * UNIT_MM
_CAPTION = Style(7.0)


def draw_limbs(paper: Paper, area: Area, limbs: tuple[LimbFigure, ...]) -> None:
    """All limbs side by side, their feet on one line, each with its name and sums beneath."""
    widths = [limb.size.width * UNIT_MM for limb in limbs]
    gap = min(_GAP, (area.width - sum(widths)) / (len(limbs) - 1))
    x = area.x + (area.width - sum(widths) - gap * (len(limbs) - 1)) / 2
    for limb, width in zip(limbs, widths, strict=True):
        _draw_limb(paper, x, area, limb)
        x += width + gap


def draw_key(paper: Paper, right: float, y: float) -> None:
    """What the marks mean, in one line that ends at `right`."""
    style = Style(7.0, colour=SOFT)
    entries: list[tuple[list[tuple[Kind, int | None]], str]] = [
        ([(Kind.NARROWING, 2)], words.LEGEND_NARROWING),
        ([(Kind.EROSION, 2)], words.LEGEND_EROSION),
        ([(Kind.EROSION, 0)], words.LEGEND_ZERO),
        ([(Kind.EROSION, step) for step in range(1, len(GRADES) + 1)], words.LEGEND_HIGHEST),
        ([(Kind.EROSION, None)], words.LEGEND_NONE),
    ]
    mark, space, between = 2 * _RADIUS + 0.6, 1.2, 5.0
    widths = [len(marks) * mark + space + width_of(said, style) for marks, said in entries]
    x = right - sum(widths) - between * (len(entries) - 1)
    for (marks, said), width in zip(entries, widths, strict=True):
        for index, (kind, step) in enumerate(marks):
            _draw_shape(paper, x + (index + 0.5) * mark, y - 0.9, kind, step)
            if step in (0, None):
                _letter(paper, x + (index + 0.5) * mark, y - 0.9, "0" if step == 0 else words.NO_SCORE, step)
        paper.text(x + len(marks) * mark + space, y, said, style)
        x += width + between


def ink_on(step: int | None) -> Colour:
    """The colour of letters on a mark: soft on a 0."""
    return SOFT if step == 0 else INK if step is None else ink_on_grade(step)


def fill_of(step: int | None) -> Colour:
    """The colour of a mark."""
    return _UNSCORED if step is None else WHITE if step == 0 else GRADES[step - 1]


def _draw_limb(paper: Paper, x: float, area: Area, limb: LimbFigure) -> None:
    top = area.y + area.height - CAPTION_HEIGHT - limb.size.height * UNIT_MM
    paper.outlines(
        limb.bones, lambda u, v: (x + u * UNIT_MM, top + v * UNIT_MM), _BONE if limb.is_read else _UNREAD_BONE
    )
    for mark in limb.marks:
        _draw_mark(paper, x + mark.x * UNIT_MM, top + mark.y * UNIT_MM, mark)
    middle, width = x + limb.size.width * UNIT_MM / 2, limb.size.width * UNIT_MM + 4
    y = area.y + area.height - CAPTION_HEIGHT
    paper.text(middle, y + 4, limb.label, _CAPTION.bold, "centre")
    sums = words.LIMB_SUMS.format(narrowing=sum_text(limb.narrowing), erosion=sum_text(limb.erosion))
    style = Style(6.3, colour=SOFT if limb.is_read else CAUTION)
    said = shortened(sums if limb.is_read else words.NO_FILM_READ, style, width)
    paper.text(middle, y + 7, said, style, "centre")


def _draw_mark(paper: Paper, x: float, y: float, mark: Mark) -> None:
    _draw_shape(paper, x, y, mark.kind, mark.step)
    _letter(paper, x, y, mark.text, mark.step)


def _letter(paper: Paper, x: float, y: float, letter: str, step: int | None) -> None:
    style = Style(5.2 if step == 0 else 5.4 if len(letter) > 1 else 6.4, colour=ink_on(step))
    style = style if step == 0 else style.bold
    paper.text(x, y + style.size * 0.128, letter, style, "centre")


def _draw_shape(paper: Paper, x: float, y: float, kind: Kind, step: int | None) -> None:
    """Narrowing is square, erosion round; unscored is grey with a broken rim."""
    line = INK if step is None else LINE if step == 0 else _RIM
    radius = _RADIUS * (ZERO_SHARE if step == 0 else 1)
    paint = Paint(fill_of(step), line, 0.7 if step is None else 0.45, (1.0, 0.8) if step is None else ())
    if kind is Kind.NARROWING:
        paper.box(Area(x - radius, y - radius, 2 * radius, 2 * radius), paint, radius=0.35)
    else:
        paper.circle(x, y, radius + 0.04, paint)
