"""Small films of the score sheet: the limb cut out of a report's picture, with the place and colour of its rings."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import FilmReading
from opensvh.reporting.overlay import FilmPicture, worst_share
from opensvh.reporting.palette import Colour, grade_colour

_MARGIN = 0.05
"""Around the limb, as a share of the longer side of its box."""
_RADIUS = 1 / 62
"""Of a ring, as a share of the view's longer side."""


@dataclass(frozen=True)
class Ring:
    """A joint, in pixels of the view."""

    x: float
    y: float
    colour: Colour


@dataclass(frozen=True)
class FilmView:
    """A limb as grey levels [rows, columns] and the rings on it, of one radius."""

    pixels: NDArray[np.uint8]
    rings: tuple[Ring, ...]
    radius: float


def film_view(picture: FilmPicture, reading: FilmReading, width: int, height: int) -> FilmView:
    """The limb, digits up, as large as `width` x `height` pixels hold it."""
    film = np.asarray(cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
    box = _limb_on(picture, reading, film.shape[1], film.shape[0])
    cut = film[box.top : box.bottom, box.left : box.right]
    scale = min(width / box.width, height / box.height)
    size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pixels = np.asarray(cv2.resize(cut, size, interpolation=way), np.uint8)
    rings = []
    for name, point in reading.points.items():
        (where,) = picture.frame.to_model([point])
        x, y = (where.x - box.left + 0.5) * scale, (where.y - box.top + 0.5) * scale
        rings.append(Ring(x, y, grade_colour(worst_share(reading, name))))
    return FilmView(pixels, tuple(rings), max(4.0, max(size) * _RADIUS))


def _limb_on(picture: FilmPicture, reading: FilmReading, width: int, height: int) -> Box:
    """The limb's box in the picture, with a margin, within the picture."""
    corners: list[Point] = picture.frame.to_model(reading.box.corners())
    left, right = min(each.x for each in corners), max(each.x for each in corners)
    top, bottom = min(each.y for each in corners), max(each.y for each in corners)
    margin = _MARGIN * max(right - left, bottom - top)
    first = (max(0, round(left - margin)), max(0, round(top - margin)))
    last = (min(width, round(right + margin)), min(height, round(bottom + margin)))
    if last[0] <= first[0] or last[1] <= first[1]:
        return Box(0, 0, width, height)
    return Box(*first, *last)
