"""The films a film analyser learns from: which limbs each shows and how they lie, from joints or from a table by eye.

Simulated films tell it by their joint centres, real ones by a row a limb; films without a limb have none. Reading the
pixels is `film_analyser_cache`'s.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Point
from opensvh.io.image import stored_size
from opensvh.io.tables import FilmRecord, read_dataset
from opensvh.preprocessing.joint_box import box_around
from opensvh.targets.limb_maps import SeenLimb

LEAST_POINTS = 3
"""With fewer joints a limb's direction is anybody's guess."""
PATIENTS = "patients.csv"
BOX_COLUMNS = ("x0", "y0", "x1", "y1")
LABEL_COLUMNS = ("file", "limb", "view", "digits", "thumb", *BOX_COLUMNS, "part", "age", "sure")
NO_LIMB = "none"
"""What a row of the table says for a film without hand or foot."""
WHOLE, CUT = "whole", "cut"
EYE_FLAGS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "left": ("thumb", {"right": 1.0, "left": 0.0}),
    "oblique": ("view", {"frontal": 0.0, "oblique": 1.0}),
    "growing": ("age", {"adult": 0.0, "growing": 1.0}),
    "readable": ("view", {"frontal": 1.0, "oblique": 1.0, "lateral": 0.0, "bent": 0.0}),
}
"""What a limb's flags (see `targets.limb_maps.FLAGS`) are by which column."""
ANGLES = {"up": 0.0, "right": 90.0, "down": 180.0, "left": 270.0}
"""Where the digits point on the film as stored, clockwise from up."""
Plane = NDArray[np.complex128]
"""Places as complex numbers x + iy, so that a turn and a scale are one factor."""


@dataclass(frozen=True)
class LimbFilm:
    """A film, the limbs it shows in pixels of the file as stored, and whether it is a real one.

    `person` names who is seen, as far as is known: films of one person are held out together.
    """

    path: Path
    limbs: tuple[SeenLimb, ...]
    is_real: bool
    person: str


def simulated_films(folder: Path) -> tuple[LimbFilm, ...]:
    """The films of a native dataset whose joints tell how the limb lies; raises DatasetInvalid where none does."""
    records = [film for film in read_dataset(folder).films if len(film.points) >= LEAST_POINTS]
    if not records:
        raise DatasetInvalid(f"{folder}: no film has {LEAST_POINTS} marked joints; add joints.csv")
    shapes = {limb: mean_shape([film for film in records if film.limb is limb]) for limb in Limb}
    growing = _growing_patients(folder / PATIENTS)
    films = []
    for record in records:
        flags = {"oblique": 0.0, "readable": 1.0}
        if record.person in growing:
            flags["growing"] = float(growing[record.person])
        limb = seen_by_joints(record.limb, record.side, record.points, shapes[record.limb], flags)
        films.append(LimbFilm(record.path, (limb,), False, record.person))
    return tuple(films)


def labelled_films(folder: Path, table: Path) -> tuple[LimbFilm, ...]:
    """Real films by a table with a row a limb (see `LABEL_COLUMNS`); raises DatasetInvalid naming the row.

    `limb` may be `none`. `digits` up, right, down or left on the film as stored; `thumb` left or right once they are
    up; `x0` to `y1` a box in fractions of the film, empty: all of it. What is empty is not known. Where `sure` is 0
    nothing is learnt at that place; films that hold no other limb are left out.
    """
    rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    missing = [column for column in LABEL_COLUMNS if column not in rows.columns]
    if missing:
        raise DatasetInvalid(f"{table}: lacks the columns {', '.join(missing)}; it needs {', '.join(LABEL_COLUMNS)}")
    limbs: dict[str, list[SeenLimb]] = defaultdict(list)
    for number, row in enumerate(rows.to_dict("records"), start=2):
        cells = {str(column): str(cell).strip() for column, cell in row.items()}
        try:
            limbs[cells["file"]].extend(_seen_by_eye(cells, folder))
        except (KeyError, ValueError) as error:
            raise DatasetInvalid(f"{table}: row {number} ({cells['file']}): {error}; correct it") from error
    films = (LimbFilm(folder / file, tuple(seen), True, file) for file, seen in limbs.items())
    return tuple(film for film in films if not film.limbs or any(limb.score for limb in film.limbs))


def mean_shape(films: Sequence[FilmRecord]) -> dict[str, complex]:
    """Mean places of the joints of left-looking limbs, digits up, each of size 1 about its centre."""
    places: dict[str, list[complex]] = defaultdict(list)
    for film in films:
        if len(film.points) < len(POINTS[film.limb]):
            continue
        plane = _plane(film.points, film.side)
        plane = (plane - plane.mean()) / np.std(plane)
        for name, place in zip(film.points, plane, strict=True):
            places[name].append(complex(place))
    return {name: complex(np.mean(each)) for name, each in places.items()}


def seen_by_joints(
    limb: Limb, side: Side, points: Mapping[str, Point], shape: Mapping[str, complex], flags: Mapping[str, float]
) -> SeenLimb:
    """How a limb lies whose joints are known: turned as the mean shape fits them best; it may reach past its film.

    The film looks as its side does; a shape of no joints stands for a limb that is upright.
    """
    known = [name for name in points if name in shape]
    found = _plane({name: points[name] for name in known}, side)
    model = np.array([shape[name] for name in known])
    factor = np.vdot(model - model.mean(), found - found.mean()) if known else 1.0
    turn = complex(factor / abs(factor)) if factor else 1.0
    upright = _plane(points, side) * np.conj(turn)
    box = box_around([Point(float(place.real), float(place.imag)) for place in upright], limb)
    centre = complex((box.left + box.right - 1) / 2, (box.top + box.bottom - 1) / 2) * turn
    across = -1.0 if side is Side.RIGHT else 1.0
    return SeenLimb(
        limb=limb,
        centre=Point(across * centre.real, centre.imag),
        angle_deg=math.degrees(math.atan2(turn.imag, turn.real)) * across % 360,
        length=float(box.height),
        width=float(box.width),
        flags={**flags, "left": float(side is Side.LEFT)},
    )


def _plane(points: Mapping[str, Point], side: Side) -> Plane:
    """The joints as those of a left limb."""
    across = -1.0 if side is Side.RIGHT else 1.0
    return np.array([complex(across * point.x, point.y) for point in points.values()])


def _growing_patients(path: Path) -> dict[str, bool]:
    """Whether each patient is a child, where the folder tells."""
    if not path.is_file():
        return {}
    table = pd.read_csv(path, dtype=str)
    if "child" not in table.columns:
        return {}
    return dict(zip(table["patient"], table["child"] == "True", strict=True))


def _seen_by_eye(cells: Mapping[str, str], folder: Path) -> list[SeenLimb]:
    """The limb of a row, or none; of no extent where it is to be looked for on the film (`film_analyser_cache`)."""
    if cells["limb"] == NO_LIMB:
        return []
    columns, rows = stored_size(folder / cells["file"])
    x0, y0, x1, y1 = (float(cells[name] or whole) for name, whole in zip(BOX_COLUMNS, (0, 0, 1, 1), strict=True))
    wide, high = (x1 - x0) * columns, (y1 - y0) * rows
    angle = ANGLES.get(cells["digits"])
    is_sought = not cells["x0"] and cells["part"] == WHOLE
    lies = angle in (90.0, 270.0)
    return [
        SeenLimb(
            limb=Limb(cells["limb"]),
            centre=Point((x0 + x1) / 2 * columns - 0.5, (y0 + y1) / 2 * rows - 0.5),
            angle_deg=angle or 0.0,
            length=0.0 if is_sought else (wide if lies else high),
            width=0.0 if is_sought else (high if lies else wide),
            flags={
                name: meaning[cells[column]]
                for name, (column, meaning) in EYE_FLAGS.items()
                if cells[column] in meaning
            },
            score=float(cells["sure"] == "1" and angle is not None and _is_placed(cells)),
        )
    ]


def _is_placed(cells: Mapping[str, str]) -> bool:
    """Whether a limb that is cut somehow has a box: on a film of an elbow the whole film is none for a hand."""
    return bool(cells["x0"]) or cells["part"] != CUT
