"""A4 pages to draw on, in millimetres from the upper left corner with y down.

Only here are they turned into reportlab's points from the lower left. Text is `pdf_text`'s.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from opensvh.reporting.limb_drawing import Outline
from opensvh.reporting.palette import Colour
from opensvh.reporting.pdf_text import INK, POINTS_PER_MM, REGULAR, Style, fonts, printable, width_of

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 210.0, 297.0
WHITE: Colour = (255, 255, 255)
LINE: Colour = (208, 211, 206)
HAIRLINE = 0.5


class Area(NamedTuple):
    """A rectangle from its upper left corner, in mm."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Paint:
    """How a shape is filled and stroked; None leaves it out. `width` and `dash` in points."""

    fill: Colour | None = None
    line: Colour | None = None
    width: float = HAIRLINE
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class About:
    """What a PDF says of itself."""

    title: str
    subject: str
    keywords: str
    creator: str
    language: str


@dataclass(frozen=True)
class Paper:
    """The page under the pen, its `number` from 1."""

    canvas: "Canvas"
    number: int

    def text(self, x: float, y: float, words: str, style: Style, align: str = "left") -> float:
        """Set a line with its baseline at y; `align` left, centre or right of x. Returns its width."""
        width = width_of(words, style)
        left = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
        self.canvas.setFillColorRGB(*_rgb(style.colour))
        self.canvas.setFont(style.font, style.size)
        self.canvas.drawString(left * POINTS_PER_MM, _up(y), printable(words, style.font))
        return width

    def lines(self, x: float, y: float, lines: Sequence[str], style: Style) -> float:
        """Set lines beneath each other, the first baseline at y; returns the baseline that would be next."""
        for line in lines:
            self.text(x, y, line, style)
            y += style.leading
        return y

    def box(self, area: Area, paint: Paint, radius: float = 0.0) -> None:
        """A rectangle with round corners."""
        x, _, width, height = (value * POINTS_PER_MM for value in area)
        self.canvas.roundRect(x, _up(area.y) - height, width, height, radius * POINTS_PER_MM, **self._painted(paint))

    def circle(self, x: float, y: float, radius: float, paint: Paint) -> None:
        """A disc around (x, y)."""
        self.canvas.circle(x * POINTS_PER_MM, _up(y), radius * POINTS_PER_MM, **self._painted(paint))

    def rule(self, x: float, y: float, width: float, colour: Colour = LINE) -> None:
        """A hairline to the right."""
        self._painted(Paint(line=colour))
        self.canvas.line(x * POINTS_PER_MM, _up(y), (x + width) * POINTS_PER_MM, _up(y))

    def picture(self, area: Area, jpeg: bytes) -> None:
        """A JPEG, its bytes as they are."""
        from reportlab.lib.utils import ImageReader

        x, _, width, height = (value * POINTS_PER_MM for value in area)
        self.canvas.drawImage(ImageReader(io.BytesIO(jpeg)), x, _up(area.y) - height, width, height)

    def outlines(
        self, outlines: Sequence[Outline], place: Callable[[float, float], tuple[float, float]], paint: Paint
    ) -> None:
        """Closed outlines, each filled and stroked; `place` puts their points on the page."""
        painted = self._painted(paint)
        for outline in outlines:
            path = self.canvas.beginPath()
            draw = {"M": path.moveTo, "L": path.lineTo, "C": path.curveTo, "Z": path.close}
            for name, values in outline:
                points = [place(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
                draw[name](*(value for x, y in points for value in (x * POINTS_PER_MM, _up(y))))
            self.canvas.drawPath(path, **painted)

    def _painted(self, paint: Paint) -> dict[str, int]:
        self.canvas.setLineWidth(paint.width)
        self.canvas.setDash(list(paint.dash))
        if paint.fill is not None:
            self.canvas.setFillColorRGB(*_rgb(paint.fill))
        if paint.line is not None:
            self.canvas.setStrokeColorRGB(*_rgb(paint.line))
        return {"stroke": int(paint.line is not None), "fill": int(paint.fill is not None)}


def drawn_document(about: About, pages: Sequence[Callable[[Paper], None]]) -> bytes:
    """The bytes of a PDF of these pages; the same drawing gives the same bytes."""
    fonts()
    content = io.BytesIO()
    canvas = _canvas(content, about)
    with _binary_streams():
        for number, page in enumerate(pages, start=1):
            page(Paper(canvas, number))
            canvas.showPage()
        canvas.save()
    return content.getvalue()


def _canvas(content: io.BytesIO, about: About) -> "Canvas":
    from reportlab.pdfgen.canvas import Canvas

    size = (WIDTH * POINTS_PER_MM, HEIGHT * POINTS_PER_MM)
    # Without a first font of ours every page would name Helvetica, which is not embedded.
    canvas = Canvas(
        content, pagesize=size, invariant=1, pageCompression=1, lang=about.language, initialFontName=REGULAR
    )
    canvas.setTitle(about.title)
    canvas.setSubject(about.subject)
    canvas.setKeywords(about.keywords)
    canvas.setCreator(about.creator)
    canvas.setAuthor(about.creator)
    return canvas


@contextmanager
def _binary_streams() -> Iterator[None]:
    """Pictures as bytes: reportlab by default spells them in letters, which takes a second and a quarter more room."""
    from reportlab import rl_config

    before = rl_config.useA85
    rl_config.useA85 = 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _up(y: float) -> float:
    """Millimetres from the top to points from the bottom."""
    return (HEIGHT - y) * POINTS_PER_MM


def _rgb(colour: Colour = INK) -> tuple[float, float, float]:
    return colour[0] / 255, colour[1] / 255, colour[2] / 255
