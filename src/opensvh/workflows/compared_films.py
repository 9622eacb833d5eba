"""The two sets that a comparison of real and simulated films needs: marked real films, and a simulated dataset.

Films come as stored; `upright` turns one digits up and mirrors a right limb, as all comparisons take them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import DatasetInvalid, LimbNotFound
from opensvh.domain.geometry import Point, Size
from opensvh.evaluation.film_measures import Mask, UprightFilm
from opensvh.evaluation.sampling import Pixels, unit_px
from opensvh.io.annotations.records import RECORDS_FILE, MarkedFilm, has_records, read_records
from opensvh.io.image import read_film
from opensvh.io.tables import FilmRecord, read_dataset
from opensvh.preprocessing.config import CropConfig
from opensvh.preprocessing.silhouette import limb_silhouette
from opensvh.preprocessing.turn import turned, turned_frame


@dataclass(frozen=True)
class RealChoice:
    """Which real films are compared: adults' without arthritis unless told otherwise.

    `without` leaves out films whose name contains it; `children` takes those in whose age is given as child.
    """

    without: str = "severe"
    children: bool = False

    def takes(self, film: MarkedFilm) -> bool:
        return (self.children or film.age != "child") and not (self.without and self.without in film.file)


@dataclass(frozen=True)
class ComparedFilm:
    """A film of either set with its marked points, in pixels of the file; `group` is the person."""

    name: str
    group: str
    real: bool
    limb: Limb
    side: Side
    path: Path
    quarter_turns_cw: int
    points: dict[str, Point]


@dataclass(frozen=True)
class FilmSets:
    """The folders compared and which real films of theirs; `read` finds the films of both."""

    simulated: Path
    real: Path
    choice: RealChoice

    def read(self, folds: int) -> tuple[ComparedFilm, ...]:
        """Every film of the limbs that both sets show; raises DatasetInvalid where persons are fewer than folds."""
        both = real_films(self.real, self.choice), simulated_films(self.simulated)
        shared = [limb for limb in Limb if all(of_limb(films, limb) for films in both)]
        if not shared:
            raise DatasetInvalid(f"{self.simulated}: shows no limb that {self.real} shows; simulate hands or feet")
        for folder, films in zip((self.real, self.simulated), both, strict=True):
            for limb in shared:
                persons = len({film.group for film in of_limb(films, limb)})
                if persons < folds:
                    raise DatasetInvalid(
                        f"{folder}: {persons} persons with a {limb}, fewer than the {folds} folds; "
                        "give more films, or fewer folds"
                    )
        return tuple(film for films in both for film in films if film.limb in shared)


def real_films(folder: Path, choice: RealChoice) -> tuple[ComparedFilm, ...]:
    """The marked films of a folder that are to be compared; raises DatasetInvalid where there are none."""
    if not has_records(folder):
        raise DatasetInvalid(f"{folder}: has no {RECORDS_FILE}; give the folder of the marked real films")
    films = tuple(_of_marked(film) for film in read_records(folder) if choice.takes(film))
    if not films:
        raise DatasetInvalid(f"{folder}: {RECORDS_FILE} names no film to compare; allow children, or leave fewer out")
    return _with_scale(folder, films)


def simulated_films(folder: Path) -> tuple[ComparedFilm, ...]:
    """The films of a native dataset with joints; raises DatasetInvalid where there are none."""
    films = tuple(_of_record(film) for film in read_dataset(folder).films if film.points)
    if not films:
        raise DatasetInvalid(f"{folder}: no film has joints in joints.csv; give a folder `opensvh simulate` wrote")
    return _with_scale(folder, films)


def of_limb(films: Sequence[ComparedFilm], limb: Limb) -> list[ComparedFilm]:
    """Those films that show the limb."""
    return [film for film in films if film.limb is limb]


def upright(film: ComparedFilm, with_silhouette: bool = True) -> UprightFilm:
    """Read the film, turn it digits up and mirror a right limb; raises FilmUnreadable."""
    stored = read_film(film.path).pixels
    mirror = film.side is Side.RIGHT
    pixels = np.ascontiguousarray(turned(stored, mirror, film.quarter_turns_cw))
    frame = turned_frame(Size(stored.shape[1], stored.shape[0]), mirror, film.quarter_turns_cw)
    points = dict(zip(film.points, frame.to_model(film.points.values()), strict=True))
    tissue = _tissue(pixels) if with_silhouette else None
    return UprightFilm(film.name, film.group, film.limb, pixels, points, tissue)


def _with_scale(folder: Path, films: tuple[ComparedFilm, ...]) -> tuple[ComparedFilm, ...]:
    """The films whose marked points tell their scale; raises DatasetInvalid where none do."""
    kept = tuple(film for film in films if unit_px(film.limb, film.points))
    if not kept:
        raise DatasetInvalid(f"{folder}: no film has MCP3 and CMC3, or MTP1, MTP5 and IP1 marked; mark these at least")
    return kept


def _of_marked(film: MarkedFilm) -> ComparedFilm:
    # Uncertain points lie within a few pixels of the truth: near enough to look around them.
    return ComparedFilm(
        film.file, film.group, True, film.limb, film.side, film.path, film.quarter_turns_cw, dict(film.points)
    )


def _of_record(film: FilmRecord) -> ComparedFilm:
    return ComparedFilm(film.path.name, film.patient, False, film.limb, film.side, film.path, 0, dict(film.points))


def _tissue(pixels: Pixels) -> Mask | None:
    """The limb's silhouette, at the film's own size."""
    config = CropConfig()
    scale = min(1.0, config.working_px / max(pixels.shape))
    reduced = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    try:
        silhouette = limb_silhouette(np.asarray(reduced, dtype=np.float32), config)
    except LimbNotFound:
        return None
    size = pixels.shape[1], pixels.shape[0]
    return np.asarray(cv2.resize(silhouette.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), dtype=np.bool_)
