"""The score sheet drawn: totals, every score of hands and feet, small films with rings; legible at one pixel a pixel.

It names no patient: the viewer does, and a picture without a name stays one when an archive is de-identified. All
measures are in pixels of the sheet, y down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from opensvh.domain.anatomy import FILM_CODES, Kind, Limb, Side, Site, film_code, sites_of
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.reporting.dicom.codes import METHOD_NAME
from opensvh.reporting.dicom.sheet_films import film_view
from opensvh.reporting.notice import NOTICE
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.palette import GRADES, NORMAL, UNSCORED, Colour, grade_colour, hexadecimal
from opensvh.reporting.summary import gaps, missing_films, study_total
from opensvh.reporting.words import film_label, site_label

WIDTH, HEIGHT = 1600, 1200
_DPI = 100
_PAPER, _INK, _FAINT, _ALARM = "#12161c", "#e8ecf1", "#93a0af", "#b3261e"
_DARK_TEXT = "#12161c"
_MARGIN = 28
_SUMS_TOP, _SUMS_HEIGHT = 112, 84
_BODY_TOP = 220
_ROW, _LABEL_WIDTH, _CELL_WIDTH = 27, 232, 92
_TABLE_LEFT = WIDTH - _MARGIN - _LABEL_WIDTH - 4 * _CELL_WIDTH
_FILM_WIDTH, _FILM_GAP = 452, 16
_FILM_HEIGHTS = {Limb.HAND: 520, Limb.FOOT: 302}
_COLUMNS = tuple((side, kind) for side in Side for kind in (Kind.NARROWING, Kind.EROSION))
_SIDES = {Side.LEFT: "Left", Side.RIGHT: "Right"}
_LEGEND = (
    ("0", NORMAL),
    *((f"{20 * step} %", colour) for step, colour in enumerate(GRADES, start=1)),
    ("none", UNSCORED),
)
_MOST_GAPS = 4


@dataclass(frozen=True)
class Place:
    """A rectangle of the sheet."""

    left: float
    top: float
    width: float
    height: float


def drawn_sheet(study: StudyReading, model: str, pictures: Mapping[str, FilmPicture]) -> NDArray[np.uint8]:
    """The sheet as RGB [rows, columns, 3]; `pictures` by film code, `model` in words."""
    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=_PAPER)
    canvas = FigureCanvasAgg(figure)
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set_xlim(0, WIDTH)
    sheet.set_ylim(HEIGHT, 0)
    sheet.set_axis_off()
    _draw_head(sheet, study, model)
    _draw_sums(sheet, study)
    _draw_films(sheet, study, pictures)
    foot = _draw_table(sheet, study, Limb.HAND, _BODY_TOP)
    _draw_table(sheet, study, Limb.FOOT, foot + _ROW * 0.7)
    _draw_legend(sheet)
    _draw_gaps(sheet, study)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3].copy()  # type: ignore[no-untyped-call]


def _draw_head(sheet: Axes, study: StudyReading, model: str) -> None:
    _words(sheet, _MARGIN, 34, f"{METHOD_NAME} score sheet", size=18, weight="bold")
    day = ", ".join(part for part in (study.visit, study.date) if part)
    made_by = f"{study.software}, model {model}"
    _words(
        sheet, WIDTH - _MARGIN, 34, f"{day}  ·  {made_by}" if day else made_by, size=11, align="right", colour=_FAINT
    )
    _box(sheet, Place(0, 62, WIDTH, 34), _ALARM)
    _words(sheet, WIDTH / 2, 79, NOTICE, size=12, weight="bold", align="center", colour="white")


def _draw_sums(sheet: Axes, study: StudyReading) -> None:
    """Total, narrowing, erosion, hands, feet: the sum, what it could be, and of how many scores."""
    sums = {
        "Total": study_total(study),
        "Narrowing": study_total(study, Kind.NARROWING),
        "Erosion": study_total(study, Kind.EROSION),
        "Hands": study_total(study, limb=Limb.HAND),
        "Feet": study_total(study, limb=Limb.FOOT),
    }
    width = (WIDTH - 2 * _MARGIN + 12) / len(sums)
    for index, (name, each) in enumerate(sums.items()):
        left = _MARGIN + index * width
        _box(sheet, Place(left, _SUMS_TOP, width - 12, _SUMS_HEIGHT), "#1d242d")
        value = f"{each.total.value:.1f}" if each.total.assessed else "–"
        _words(sheet, left + 14, _SUMS_TOP + 22, name, size=12, colour=_FAINT)
        _words(sheet, left + 14, _SUMS_TOP + 55, value, size=21, weight="bold")
        assessed = f"{each.total.assessed} of {each.total.sites} scores"
        _words(sheet, left + width - 26, _SUMS_TOP + 48, f"of {each.possible}", size=12, align="right")
        complete = each.total.complete
        _words(
            sheet,
            left + width - 26,
            _SUMS_TOP + 68,
            assessed,
            10.5,
            align="right",
            colour=_FAINT if complete else "#f3b04a",
        )


def _draw_films(sheet: Axes, study: StudyReading, pictures: Mapping[str, FilmPicture]) -> None:
    """Left and right side by side, hands above feet; an empty frame where no film was read."""
    readings = {film_code(film.limb, film.side): film for film in study.films}
    for code, (limb, side) in FILM_CODES.items():
        left = _MARGIN + (side is Side.RIGHT) * (_FILM_WIDTH + _FILM_GAP)
        top = _BODY_TOP + (limb is Limb.FOOT) * (_FILM_HEIGHTS[Limb.HAND] + 2 * _FILM_GAP + 8)
        place = Place(left, top + 22, _FILM_WIDTH, _FILM_HEIGHTS[limb])
        _words(sheet, left, top + 8, film_label(code), size=11.5, weight="bold")
        _box(sheet, place, "#000000")
        if code in readings and code in pictures:
            _draw_film(sheet, place, readings[code], pictures[code])
        else:
            _words(
                sheet,
                left + place.width / 2,
                top + place.height / 2,
                "no film was read",
                12,
                align="center",
                colour=_FAINT,
            )


def _draw_film(sheet: Axes, place: Place, reading: FilmReading, picture: FilmPicture) -> None:
    view = film_view(picture, reading, round(place.width), round(place.height))
    left = place.left + (place.width - view.pixels.shape[1]) // 2
    top = place.top + (place.height - view.pixels.shape[0]) // 2
    extent = (left, left + view.pixels.shape[1], top + view.pixels.shape[0], top)
    sheet.imshow(
        view.pixels, cmap="gray", vmin=0, vmax=255, extent=extent, interpolation="nearest", aspect="auto", zorder=2
    )
    for ring in view.rings:
        colour = hexadecimal(ring.colour)
        centre = (left + ring.x, top + ring.y)
        sheet.add_patch(Circle(centre, view.radius, fill=False, edgecolor=colour, linewidth=1.6, zorder=3))


def _draw_table(sheet: Axes, study: StudyReading, limb: Limb, top: float) -> float:
    """A row a site, a column a side and kind; returns where it ends."""
    middle = top + _ROW * 0.5
    _words(sheet, _TABLE_LEFT, middle, "Hands" if limb is Limb.HAND else "Feet", size=12, weight="bold")
    for column, (side, kind) in enumerate(_COLUMNS):
        x = _column_left(column) + _CELL_WIDTH / 2
        _words(sheet, x, middle - 7, _SIDES[side], size=9.5, align="center", colour=_FAINT)
        _words(sheet, x, middle + 8, kind.value, size=9.5, align="center", colour=_FAINT)
    rows = list(dict.fromkeys(site.name for site in sites_of(limb)))
    scores = {(film.side, each.site.limb, each.site.name, each.kind): each for film, each in study.site_readings()}
    for row, name in enumerate(rows, start=1):
        y = top + _ROW * row + 4
        _words(sheet, _TABLE_LEFT, y + _ROW / 2, site_label(limb, name), size=10.5)
        for column, (side, kind) in enumerate(_COLUMNS):
            site = next(each for each in sites_of(limb) if each.name == name)
            cell = Place(_column_left(column) + 2, y + 1.5, _CELL_WIDTH - 4, _ROW - 3)
            _draw_cell(sheet, cell, site, kind, scores.get((side, limb, name, kind)))
    return top + _ROW * (len(rows) + 1) + 4


def _draw_cell(sheet: Axes, cell: Place, site: Site, kind: Kind, reading: SiteReading | None) -> None:
    """The whole grade and, small, the expectation; nothing where the method scores nothing."""
    maximum = site.maximum(kind)
    if maximum is None:
        return
    expected = None if reading is None else reading.expected
    share = None if reading is None or reading.score is None else reading.score / maximum
    colour = grade_colour(share)
    _box(sheet, cell, hexadecimal(colour))
    ink = "white" if share is not None and _is_dark(colour) else _DARK_TEXT
    y = cell.top + cell.height / 2
    if reading is None or expected is None:
        _words(
            sheet,
            cell.left + cell.width / 2,
            y,
            "not scored" if reading else "no film",
            9.5,
            align="center",
            colour=ink,
        )
        return
    _words(sheet, cell.left + cell.width * 0.36, y, str(reading.score), 11.5, weight="bold", align="center", colour=ink)
    _words(sheet, cell.left + cell.width * 0.72, y, f"{expected:.1f}", 9.5, align="center", colour=ink)


def _draw_legend(sheet: Axes) -> None:
    """What colours mean, below the films."""
    y = HEIGHT - 60
    _words(sheet, _MARGIN, y, "Grade as a share of the site's maximum:", size=10.5, colour=_FAINT)
    for index, (words, colour) in enumerate(_LEGEND):
        left = _MARGIN + 330 + index * 88
        _box(sheet, Place(left, y - 9, 18, 18), hexadecimal(colour))
        _words(sheet, left + 24, y, words, size=10.5, colour=_FAINT)


def _draw_gaps(sheet: Axes, study: StudyReading) -> None:
    """What could not be assessed, in a line or two; the report names every site."""
    lines = [f"{film_label(code)}: no film was read" for code in missing_films(study)]
    lines += [f"{film_label(gap.film)}, {len(gap.sites)} without a score: {gap.reason}" for gap in gaps(study)]
    if len(lines) > _MOST_GAPS:
        lines = [*lines[: _MOST_GAPS - 1], f"and {len(lines) - _MOST_GAPS + 1} more reasons, in the report"]
    words = "   ·   ".join(lines) or "Every site was assessed."
    _words(sheet, _MARGIN, HEIGHT - 24, _cut(words, 210), size=10.5, colour=_INK)
    _words(
        sheet,
        WIDTH - _MARGIN,
        HEIGHT - 60,
        "bold: whole grade; beside it the expected score",
        10.5,
        align="right",
        colour=_FAINT,
    )


def _column_left(column: int) -> float:
    return _TABLE_LEFT + _LABEL_WIDTH + column * _CELL_WIDTH


def _is_dark(colour: Colour) -> bool:
    return colour == GRADES[-1]


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else words[: length - 1] + "…"


def _box(sheet: Axes, place: Place, colour: str) -> None:
    sheet.add_patch(
        Rectangle((place.left, place.top), place.width, place.height, facecolor=colour, linewidth=0, zorder=1)
    )


def _words(
    sheet: Axes,
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    weight: str = "normal",
    align: str = "left",
    colour: str = _INK,
) -> None:
    # A dollar sign in a site's or a visit's name is no formula.
    sheet.text(
        x, y, words, fontsize=size, fontweight=weight, ha=align, va="center", color=colour, parse_math=False, zorder=4
    )
