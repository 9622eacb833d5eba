"""Films laid on a new sheet for the film analyser: turned, mirrored, scaled, shifted and cut, alone or side by side.

Limbs go through the same maps as pixels. Grey levels and marks are `film_analyser_examples`'.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Point, Size, compose
from opensvh.targets.limb_maps import SeenLimb
from opensvh.training.film_analyser_cache import SmallFilm
from opensvh.training.film_analyser_lay import Lay, moved_limb, visible

LEAST_SEEN = 0.35
"""A limb of which less is left on the sheet is neither asked for nor taken for background."""
Image = NDArray[np.float32]


@dataclass(frozen=True)
class Sheet:
    """A film made of others: `image` float32 [rows, columns], its limbs, and those too little seen to count."""

    image: Image
    limbs: tuple[SeenLimb, ...]
    ignored: tuple[SeenLimb, ...] = ()


def whole_film(film: SmallFilm, side_px: int, rng: np.random.Generator) -> Sheet:
    """The film much as it is: by quarter turns and up to 30 degrees, mirrored or not, a little larger or smaller."""
    rows, columns = film.pixels.shape
    quarter = int(rng.integers(4))
    size = Size(rows, columns) if quarter % 2 else Size(columns, rows)
    fit = side_px / max(size)
    size = Size(max(round(size.width * fit), 8), max(round(size.height * fit), 8))
    lay = Lay(
        angle_deg=90.0 * quarter + float(rng.uniform(-30, 30) if rng.random() < 0.6 else rng.normal(0, 3)),
        mirror=bool(rng.random() < 0.5),
        scale=fit * float(rng.uniform(0.75, 1.2)),
        source=Point((columns - 1) / 2, (rows - 1) / 2),
        goal=Point(size.width * float(rng.uniform(0.44, 0.56)), size.height * float(rng.uniform(0.44, 0.56))),
        replicate=bool(rng.random() < 0.4),
    )
    return laid(film, lay, size)


def one_limb(film: SmallFilm, side_px: int, rng: np.random.Generator) -> Sheet:
    """A limb of the film in any direction, of 25 to 110 % of a sheet of any shape, wholly or partly on it."""
    limb = film.limbs[int(rng.integers(len(film.limbs)))]
    size = any_size(side_px, rng)
    return laid(film, _lay_of(limb, size, float(rng.uniform(0, 360)), float(rng.uniform(0.25, 1.1)), rng), size)


def two_limbs(first: SmallFilm, second: SmallFilm, side_px: int, rng: np.random.Generator) -> Sheet:
    """A limb of each on one film, side by side, with a seam, a border or neither between them."""
    wide = Size(side_px, max(round(side_px * float(rng.uniform(0.55, 1.0))), 8))
    split = round(wide.width * float(rng.uniform(0.42, 0.58)))
    upward = float(rng.choice([0, 180])) + float(rng.normal(0, 8))
    halves = []
    for film, width in ((first, split), (second, wide.width - split)):
        half = Size(width, wide.height)
        limb = film.limbs[int(rng.integers(len(film.limbs)))]
        turn = upward + float(rng.normal(0, 8))
        halves.append(laid(film, _lay_of(limb, half, turn, float(rng.uniform(0.75, 1.0)), rng, loose=0.05), half))
    joined = _side_by_side(halves[0], halves[1])
    _draw_border(joined.image, split, rng)
    return _quarter_turned(joined, int(rng.choice([0, 0, 0, 1, 3])))


def laid(film: SmallFilm, lay: Lay, size: Size) -> Sheet:
    """The film on a sheet of that size."""
    source, matrix = film.pixels, lay.matrix
    if lay.scale < 0.6:  # linear interpolation would skip pixels
        source = np.asarray(cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        across, down = film.pixels.shape[1] / source.shape[1], film.pixels.shape[0] / source.shape[0]
        matrix = compose(matrix, ((across, 0.0, (across - 1) / 2), (0.0, down, (down - 1) / 2)))
    image = cv2.warpAffine(
        source,
        np.asarray(matrix, np.float64),
        tuple(size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if lay.replicate else cv2.BORDER_CONSTANT,
        borderValue=film.ground * 255,
    )
    moved = [moved_limb(limb, lay) for limb in film.limbs]
    seen = [(limb, *visible(limb, size)) for limb in moved]
    return Sheet(
        np.asarray(image, np.float32) / np.float32(255),
        tuple(part for limb, part, share in seen if _counts(limb, share) and part is not None),
        tuple(part for limb, part, share in seen if not _counts(limb, share) and part is not None),
    )


def any_size(side_px: int, rng: np.random.Generator) -> Size:
    """A film of any shape between 1 : 2 and 2 : 1, its longer side as given."""
    aspect = math.exp(float(rng.uniform(-0.7, 0.7)))
    width, height = (side_px, side_px / aspect) if aspect > 1 else (side_px * aspect, side_px)
    return Size(round(width), round(height))


def _counts(limb: SeenLimb, share: float) -> bool:
    return limb.score > 0 and share >= LEAST_SEEN


def _lay_of(
    limb: SeenLimb, size: Size, angle_deg: float, share: float, rng: np.random.Generator, loose: float = 0.25
) -> Lay:
    """The limb with its digits at that angle, as large as `share` of what fits, off the middle or over the edge."""
    mirror = bool(rng.random() < 0.5)
    sine, cosine = abs(math.sin(math.radians(angle_deg))), abs(math.cos(math.radians(angle_deg)))
    wide = limb.width * cosine + limb.length * sine
    high = limb.length * cosine + limb.width * sine
    scale = share * min(size.width / wide, size.height / high)
    spare = max(size.width - wide * scale, 0.0), max(size.height - high * scale, 0.0)
    past = loose * float(rng.random() < 0.5)
    goal = Point(
        size.width / 2 + float(rng.uniform(-0.5, 0.5)) * (spare[0] + past * wide * scale),
        size.height / 2 + float(rng.uniform(-0.5, 0.5)) * (spare[1] + past * high * scale),
    )
    own = -limb.angle_deg if mirror else limb.angle_deg
    return Lay(angle_deg - own, mirror, scale, limb.centre, goal, bool(rng.random() < 0.4))


def _side_by_side(left: Sheet, right: Sheet) -> Sheet:
    shift = left.image.shape[1]

    def shifted(limbs: Sequence[SeenLimb]) -> tuple[SeenLimb, ...]:
        return tuple(replace(limb, centre=Point(limb.centre.x + shift, limb.centre.y)) for limb in limbs)

    image = np.concatenate([left.image, right.image], axis=1)
    return Sheet(image, left.limbs + shifted(right.limbs), left.ignored + shifted(right.ignored))


def _draw_border(image: Image, column: int, rng: np.random.Generator) -> None:
    """A dark or bright stripe between two exposures, in place; on half of the films none."""
    if rng.random() < 0.5:
        half = int(rng.integers(1, 6))
        image[:, column - half : column + half] = 0.0 if rng.random() < 0.6 else float(rng.uniform(0.7, 1))


def _quarter_turned(sheet: Sheet, turns_cw: int) -> Sheet:
    if turns_cw == 0:
        return sheet
    height, width = sheet.image.shape
    goal = Point(height - 1.0, 0.0) if turns_cw == 1 else Point(0.0, width - 1.0)
    lay = Lay(90.0 * turns_cw, False, 1.0, Point(0.0, 0.0), goal)
    image = np.ascontiguousarray(np.rot90(sheet.image, -turns_cw))
    return Sheet(
        image,
        tuple(moved_limb(limb, lay) for limb in sheet.limbs),
        tuple(moved_limb(limb, lay) for limb in sheet.ignored),
    )
