"""The films that are edited: hand-marked or machine-found joint centres in `joints.json`, or a native dataset.

Each is brought upright, cut out with some of its surroundings, and made no larger than a film needs to be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.io.annotations.records import MarkedFilm, has_records, read_records
from opensvh.io.image import read_film
from opensvh.io.tables import FilmRecord, read_dataset
from opensvh.preprocessing.turn import box_on_turned, turned, turned_frame
from opensvh.simulation.edited_films.places import Picture

MARGIN_SHARE = 0.12
"""Surroundings kept on each side of a limb's box, in shares of its height."""
TALLEST_PX = 1600
"""A limb is kept at no more pixels than this from end to end: 0.12 mm a pixel of a long hand."""
SHORTEST_PX = 800
"""A limb of fewer pixels is enlarged: a lesion of a millimetre needs some to be drawn on."""


@dataclass(frozen=True)
class SourceFilm:
    """A film of an undamaged limb; points and box in pixels of the file as stored, `box` None where all is the limb.

    `person` is who is seen: copies of one person's films never train and validate the same model. `growing` limbs are
    never damaged: children are not scored.
    """

    name: str
    person: str
    path: Path
    limb: Limb
    side: Side
    quarter_turns_cw: int
    box: Box | None
    points: Mapping[str, Point]
    growing: bool = False


def source_films(folder: Path, limb: Limb | None = None) -> tuple[SourceFilm, ...]:
    """Every film of the folder whose points are known, or of one limb; raises DatasetInvalid where there is none."""
    if has_records(folder):
        films = [_of_marked(film) for film in read_records(folder)]
    else:
        films = [_of_record(film) for film in read_dataset(folder).films if film.points]
    if not films:
        raise DatasetInvalid(f"{folder}: no film has joint centres; give them in joints.json, or in joints.csv")
    wanted = tuple(film for film in films if limb in (None, film.limb))
    if not wanted:
        raise DatasetInvalid(f"{folder}: no film of a {limb} has joint centres; leave --limb out to take every film")
    return wanted


def upright_picture(source: SourceFilm) -> tuple[Picture, dict[str, Point]]:
    """The limb with the digits up, [rows, columns] in [0, 1], and its points there."""
    pixels = read_film(source.path).pixels
    frame = turned_frame(Size(pixels.shape[1], pixels.shape[0]), False, source.quarter_turns_cw)
    upright = turned(pixels, False, source.quarter_turns_cw)
    box = _kept(source.box, frame)
    frame = frame.cropped(box)
    picture = np.ascontiguousarray(upright[box.top : box.bottom, box.left : box.right], dtype=np.float32)
    tall = box.height / (1 + 2 * MARGIN_SHARE) if source.box else box.height
    wanted = min(max(tall, SHORTEST_PX), TALLEST_PX)
    if wanted != tall:
        size = Size(round(box.width * wanted / tall), round(box.height * wanted / tall))
        frame = frame.scaled(size)
        way = cv2.INTER_AREA if wanted < tall else cv2.INTER_CUBIC
        picture = np.asarray(np.clip(cv2.resize(picture, size, interpolation=way), 0, 1), dtype=np.float32)
    points = zip(source.points, frame.to_model(source.points.values()), strict=True)
    return picture, {name: point for name, point in points if _inside(point, frame.size)}


def _kept(box: Box | None, frame: Frame) -> Box:
    """The part of the upright film that is kept."""
    if box is None:
        return Box(0, 0, frame.size.width, frame.size.height)
    upright = box_on_turned(box, frame)
    grown = upright.grown(round(MARGIN_SHARE * upright.height))
    right, bottom = min(grown.right, frame.size.width), min(grown.bottom, frame.size.height)
    return Box(max(grown.left, 0), max(grown.top, 0), right, bottom)


def _inside(point: Point, size: Size) -> bool:
    return -0.5 <= point.x < size.width - 0.5 and -0.5 <= point.y < size.height - 0.5


def _of_marked(film: MarkedFilm) -> SourceFilm:
    return SourceFilm(
        name=film.file,
        person=film.group,
        path=film.path,
        limb=film.limb,
        side=film.side,
        quarter_turns_cw=film.quarter_turns_cw,
        box=film.box,
        points=film.certain_points,
        growing=film.age == "child",
    )


def _of_record(film: FilmRecord) -> SourceFilm:
    return SourceFilm(film.path.name, film.person, film.path, film.limb, film.side, 0, None, film.points)
