"""The upper half of the first page in print: the sums with their intervals, the change, the figure of the limbs."""

from opensvh.reporting import words
from opensvh.reporting.glance import ChangeLine, Glance, SumLine
from opensvh.reporting.limb_drawing import SIZES
from opensvh.reporting.palette import Colour
from opensvh.reporting.pdf_figure import CAPTION_HEIGHT, UNIT_MM, draw_key, draw_limbs
from opensvh.reporting.pdf_paper import LINE, Area, Paint, Paper
from opensvh.reporting.pdf_remarks import TITLE
from opensvh.reporting.pdf_text import CAUTION, INK, SOFT, Style, fitted, wrapped

MARGIN, BREADTH = 14.0, 182.0
TOP, BOTTOM = 33.0, 280.0
"""Between the head and the foot of a page."""
_TILES = (48.0, 41.0, 41.0, 52.0)
_TILE_HEIGHT = 28.5
SUMS_HEIGHT = _TILE_HEIGHT + 4.5
FIGURE_HEIGHT = max(size.height for size in SIZES.values()) * UNIT_MM + CAPTION_HEIGHT + 4.5
_BAR: Colour = (226, 228, 224)
_BAND: Colour = (140, 180, 185)
_LABEL = Style(7.6, colour=SOFT).bold
_UNDER = Style(6.4, colour=SOFT)


def draw_sums(paper: Paper, y: float, glance: Glance) -> None:
    """The three sums and the change in a row of tiles, `SUMS_HEIGHT` high."""
    paper.box(Area(MARGIN, y, BREADTH, _TILE_HEIGHT), Paint(line=LINE), radius=2)
    x = MARGIN
    for index, width in enumerate(_TILES):
        tile = Area(x + 3.5, y, width - 6, _TILE_HEIGHT)
        if index:
            paper.box(Area(x, y, 0.01, _TILE_HEIGHT), Paint(line=LINE))
        if index < len(glance.sums):
            _draw_sum(paper, tile, glance.sums[index], is_main=index == 0)
        else:
            _draw_change(paper, tile, glance.change)
        x += width
    paper.text(MARGIN, y + _TILE_HEIGHT + 3.6, glance.intervals_are, _UNDER)


def draw_figure(paper: Paper, y: float, glance: Glance) -> None:
    """The figure of hands and feet with its key, `FIGURE_HEIGHT` high."""
    paper.text(MARGIN, y + 3, words.FIGURE_TITLE, TITLE)
    draw_limbs(paper, Area(MARGIN, y, BREADTH, FIGURE_HEIGHT), glance.limbs)
    draw_key(paper, MARGIN + BREADTH, y + 3)


def _draw_sum(paper: Paper, tile: Area, each: SumLine, *, is_main: bool) -> None:
    figure = Style(24 if is_main else 17).bold
    paper.text(tile.x, tile.y + 5.2, each.title, _LABEL)
    width = paper.text(tile.x, tile.y + 13.6, each.value, figure)
    paper.text(tile.x + width + 1.5, tile.y + 13.6, each.possible, Style(8.5, colour=SOFT))
    bar = Area(tile.x, tile.y + 16.2, tile.width, 1.5)
    paper.box(bar, Paint(fill=_BAR), radius=0.75)
    if each.band is not None:
        low, high = each.band
        band = Area(bar.x + low * bar.width, bar.y, max(0.8, (high - low) * bar.width), bar.height)
        paper.box(band, Paint(fill=_BAND), radius=0.4)
    if each.share is not None:
        paper.box(Area(bar.x + each.share * bar.width - 0.35, bar.y - 0.6, 0.7, 2.7), Paint(fill=INK), radius=0.3)
    paper.text(tile.x, tile.y + 21.6, each.interval, fitted(each.interval, Style(7.2).bold, tile.width, 5.5))
    counted = Style(6.2, colour=SOFT if each.is_complete else CAUTION)
    paper.lines(tile.x, tile.y + 24.4, wrapped(each.counted, counted, tile.width + 1, 2), counted)


def _draw_change(paper: Paper, tile: Area, change: ChangeLine) -> None:
    paper.text(tile.x, tile.y + 5.2, change.title, fitted(change.title, _LABEL, tile.width, 5))
    colour = CAUTION if change.is_detectable else INK
    y = tile.y + 9.6
    if change.lines:
        paper.text(tile.x, tile.y + 11.8, change.value, Style(15, colour=colour).bold)
        y = tile.y + 15.2
    verdict = Style(6.6, colour=colour)
    y = paper.lines(tile.x, y, wrapped(change.verdict, verdict, tile.width, 2), verdict) + 0.2
    style = Style(6.2, colour=SOFT)
    for line in change.lines:
        for part in wrapped(line, style, tile.width, 2):
            if y < tile.y + tile.height - 0.8:
                paper.text(tile.x, y, part, style)
            y += style.leading
