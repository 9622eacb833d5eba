"""Text in print: the fonts, how wide words are, and how they break; all lengths in mm, sizes of type in points.

The fonts hold Latin, Greek and Cyrillic letters. They come with matplotlib (Bitstream Vera licence, embedding
allowed), so that no font of the system is needed and every machine makes the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from opensvh.reporting.palette import Colour

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK: Colour = (29, 35, 38)
SOFT: Colour = (84, 94, 100)
ACCENT: Colour = (24, 96, 105)
CAUTION: Colour = (132, 70, 0)
POINTS_PER_MM = 72 / 25.4
_LEADING = 1.32
_ELLIPSIS = "…"
_NO_GLYPH = "□"


@dataclass(frozen=True)
class Style:
    """How text is set; `size` in points."""

    size: float
    font: str = REGULAR
    colour: Colour = INK

    @property
    def leading(self) -> float:
        """From one baseline to the next, in mm."""
        return self.size * _LEADING / POINTS_PER_MM

    @property
    def bold(self) -> "Style":
        """The same in bold."""
        return replace(self, font=BOLD)


def width_of(words: str, style: Style) -> float:
    """Width of a line as it will be printed."""
    return float(fonts()[style.font].stringWidth(printable(words, style.font), style.size)) / POINTS_PER_MM


def printable(words: str, font: str) -> str:
    """The words with a hollow square for every letter that the font lacks."""
    has = fonts()[font].face.charToGlyph
    return "".join(letter if ord(letter) in has else _NO_GLYPH for letter in words)


def wrapped(words: str, style: Style, width: float, most: int = 99) -> list[str]:
    """Lines no wider than `width`; beyond `most` lines the last ends in an ellipsis."""
    lines = list(_lines(words, style, width))
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], shortened(f"{lines[most - 1]} {lines[most]}", style, width)]


def shortened(words: str, style: Style, width: float) -> str:
    """The words, or as many letters of them as fit, with an ellipsis."""
    if width_of(words, style) <= width:
        return words
    while words and width_of(words + _ELLIPSIS, style) > width:
        words = words[:-1]
    return words.rstrip() + _ELLIPSIS


def fitted(words: str, style: Style, width: float, smallest: float) -> Style:
    """The style, made smaller down to `smallest` points until the words fit in one line."""
    while style.size > smallest and width_of(words, style) > width:
        style = replace(style, size=style.size - 0.5)
    return style


@cache
def fonts() -> dict[str, Any]:
    """The fonts by name, registered with reportlab."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    carrier = find_spec("matplotlib")
    if carrier is None or carrier.origin is None:
        raise RuntimeError("matplotlib, which carries the report's fonts, is not installed")
    folder = Path(carrier.origin).parent / "mpl-data" / "fonts" / "ttf"
    found = {name: TTFont(name, str(folder / f"{name}.ttf")) for name in (REGULAR, BOLD)}
    for font in found.values():
        registerFont(font)
    return found


def _lines(words: str, style: Style, width: float) -> Iterator[str]:
    line = ""
    for word in _pieces(words, style, width):
        longer = f"{line} {word}".strip()
        if line and width_of(longer, style) > width:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def _pieces(words: str, style: Style, width: float) -> Iterator[str]:
    """The words, those wider than a line cut into pieces that fit: paths of files have no spaces."""
    for word in words.split():
        while len(word) > 1 and width_of(word, style) > width:
            fits = next((n for n in range(len(word) - 1, 1, -1) if width_of(word[:n], style) <= width), 1)
            yield word[:fits]
            word = word[fits:]
        yield word
