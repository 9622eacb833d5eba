"""The films in print: as they were read, digits up, a ring where each joint was found, coloured by its worst grade."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from opensvh.reporting import words
from opensvh.reporting.film_views import FilmView, Ring
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.palette import GRADES, NORMAL, UNSCORED
from opensvh.reporting.pdf_paper import Area, Paint, Paper
from opensvh.reporting.pdf_text import SOFT, Style, width_of
from opensvh.reporting.words import film_label

_GAP, _CAPTION = 3.0, 8.5
_ASPECT = 1.2
"""Height of a film's place over its width."""
_WIDTH_PX = 620
"""Of a film in print: about 370 to an inch."""
_JPEG_QUALITY = 85
_FILE = Style(5.8, colour=SOFT)


def films_height(count: int, width: float) -> float:
    """Height that `draw_films` takes for so many films, in mm."""
    return (count + 1) // 2 * ((width - _GAP) / 2 * _ASPECT + _CAPTION)


def draw_films(paper: Paper, area: Area, views: Sequence[FilmView], pictures: Mapping[str, FilmPicture]) -> None:
    """Two films a row; of `area` the place and the width count."""
    width = (area.width - _GAP) / 2
    for index, view in enumerate(views):
        x = area.x + index % 2 * (width + _GAP)
        y = area.y + index // 2 * (width * _ASPECT + _CAPTION)
        _draw_film(paper, Area(x, y, width, width * _ASPECT), view, pictures[view.code])
        paper.text(x, y + width * _ASPECT + 2.9, film_label(view.code), Style(6.8).bold)
        paper.text(x, y + width * _ASPECT + 5.6, _ending(view.file, width), _FILE)


def _draw_film(paper: Paper, area: Area, view: FilmView, picture: FilmPicture) -> None:
    left, top, across, down = view.view
    scale = min(area.width / across, area.height / down)
    shift_x = area.x + (area.width - across * scale) / 2 - left * scale
    shift_y = area.y + (area.height - down * scale) / 2 - top * scale
    paper.picture(area, _seen(picture, area, scale, (shift_x - area.x, shift_y - area.y)))
    for ring in view.rings:
        colour = _colour(ring)
        width = 0.5 if colour == NORMAL else 0.9
        paper.circle(
            ring.x * scale + shift_x, ring.y * scale + shift_y, view.radius * scale, Paint(line=colour, width=width)
        )


def _seen(picture: FilmPicture, area: Area, scale: float, shift: tuple[float, float]) -> bytes:
    """The part of the picture that stands in the area; `scale` mm a picture pixel, `shift` in mm."""
    px = _WIDTH_PX / area.width
    film = np.asarray(cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
    matrix = np.array([[scale * px, 0.0, shift[0] * px - 0.5], [0.0, scale * px, shift[1] * px - 0.5]])
    size = (_WIDTH_PX, round(area.height * px))
    shown = cv2.warpAffine(film, matrix, size, flags=cv2.INTER_LINEAR)
    done, code = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise RuntimeError(f"the film of shape {shown.shape} cannot be encoded")
    return bytes(code.tobytes())


def _colour(ring: Ring) -> tuple[int, int, int]:
    steps = [step for step in (ring.narrowing, ring.erosion) if step is not None]
    if not steps:
        return UNSCORED
    return GRADES[max(steps) - 1] if max(steps) else NORMAL


def _ending(path: str, width: float) -> str:
    """The end of a path, where the file's name is, as long as it fits."""
    if width_of(path, _FILE) <= width:
        return path
    while width_of(words.CUT + path, _FILE) > width:
        path = path[1:]
    return words.CUT + path
