"""Both hands or both feet on one film, and films that show a part of a limb only; each with the points that are left.

Two limbs are put together before they are exposed, so that they share beam, console and noise as on a real film. What
one limb is made of is told in `radiograph`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box, Point
from opensvh.simulation.films.borders import draw_borders
from opensvh.simulation.films.film import develop, draw_style, stored
from opensvh.simulation.films.marks import Shown, draw_labels

FloatImage = NDArray[np.float32]

CUTS = ("distal", "proximal", "left", "right")
"""Edges that a film can cut a limb at: fingertips, wrist or hindfoot, either border."""


@dataclass(frozen=True)
class ProjectedLimb:
    """A limb before exposure, as it lies on the film (a right limb already looks like one).

    `bone_mm` and `soft_mm` [rows, columns] as `film.develop` takes them; `points` in their pixels.
    """

    side: Side
    bone_mm: FloatImage
    soft_mm: FloatImage
    points: Mapping[str, Point]
    pixel_mm: float


@dataclass(frozen=True)
class PlacedLimb:
    """One limb of a film of two: its joint centres and the box of its soft tissue, in pixels of the whole film."""

    side: Side
    points: Mapping[str, Point]
    box: Box


@dataclass(frozen=True)
class TwoLimbFilm:
    """A film of both sides: 8-bit pixels [rows, columns], the two limbs from left to right, mm at the detector."""

    pixels: NDArray[np.uint8]
    limbs: tuple[PlacedLimb, PlacedLimb]
    pixel_mm: float


def film_of_two(first: ProjectedLimb, second: ProjectedLimb, limb: Limb, rng: np.random.Generator) -> TwoLimbFilm:
    """Both limbs on one film, the patient's left one on the left: thumbs and halluces lie inwards, digits up."""
    left, right = (first, second) if first.side is Side.LEFT else (second, first)
    right = _resampled(right, left.pixel_mm)
    bone, soft, placed = _side_by_side(_trimmed(left), _trimmed(right), rng)
    style = draw_style(rng, limb)
    image = develop(bone, soft, left.pixel_mm, style, rng)
    draw_borders(image, limb, soft > 0, _joints(placed), rng)
    middle = (placed[0].box.right + placed[1].box.left) // 2
    for part, each in zip((slice(0, middle), slice(middle, None)), placed, strict=True):
        if rng.random() < 0.8:
            draw_labels(image[:, part], Shown(soft[:, part] > 0, each.side, limb), rng)
    return TwoLimbFilm(stored(image, style), placed, left.pixel_mm)


def cut_film(
    pixels: NDArray[np.uint8], points: Mapping[str, Point], cut: str, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], dict[str, Point]]:
    """The film, digits up, without a part at one edge (see `CUTS`); a point that is cut off is not among those left.

    The cut lies within the outer third of the points, or a little outside them, so that tips go but joints may stay.
    """
    height, width = pixels.shape
    x, y = np.array([point.x for point in points.values()]), np.array([point.y for point in points.values()])
    low, high = (float(x.min()), float(x.max())) if cut in ("left", "right") else (float(y.min()), float(y.max()))
    depth = float(rng.uniform(-0.12, 0.3)) * (high - low)
    box = {
        "distal": (0, max(int(low + depth), 0), width, height),
        "proximal": (0, 0, width, min(int(high - depth), height)),
        "left": (max(int(low + depth), 0), 0, width, height),
        "right": (0, 0, min(int(high - depth), width), height),
    }[cut]
    kept = Box(*box)
    left = {name: Point(p.x - kept.left, p.y - kept.top) for name, p in points.items() if kept.contains(p)}
    return pixels[kept.top : kept.bottom, kept.left : kept.right].copy(), left


def _resampled(limb: ProjectedLimb, pixel_mm: float) -> ProjectedLimb:
    """The limb at another pixel size."""
    if limb.pixel_mm == pixel_mm:
        return limb
    rows, columns = limb.soft_mm.shape
    factor = limb.pixel_mm / pixel_mm
    size = (round(columns * factor), round(rows * factor))
    across, down = size[0] / columns, size[1] / rows
    bone, soft = (cv2.resize(part, size, interpolation=cv2.INTER_LINEAR) for part in (limb.bone_mm, limb.soft_mm))
    points = {
        name: Point((point.x + 0.5) * across - 0.5, (point.y + 0.5) * down - 0.5) for name, point in limb.points.items()
    }
    return ProjectedLimb(limb.side, np.asarray(bone), np.asarray(soft), points, pixel_mm)


def _trimmed(limb: ProjectedLimb) -> ProjectedLimb:
    """The limb without the empty film on both sides of it."""
    columns = np.flatnonzero((limb.soft_mm > 0).any(axis=0))
    if columns.size == 0:
        return limb
    left, right = int(columns[0]), int(columns[-1]) + 1
    points = {name: Point(point.x - left, point.y) for name, point in limb.points.items()}
    return ProjectedLimb(limb.side, limb.bone_mm[:, left:right], limb.soft_mm[:, left:right], points, limb.pixel_mm)


def _joints(limbs: tuple[PlacedLimb, PlacedLimb]) -> Box:
    """The box that holds all joints of both limbs."""
    points = np.array([point for each in limbs for point in each.points.values()])
    (left, top), (right, bottom) = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0)) + 1
    return Box(int(left), int(top), int(right), int(bottom))


def _side_by_side(
    left: ProjectedLimb, right: ProjectedLimb, rng: np.random.Generator
) -> tuple[FloatImage, FloatImage, tuple[PlacedLimb, PlacedLimb]]:
    """Bone and soft tissue of the whole film. Both limbs leave it at its lower edge, at heights that differ a little.

    Space between them, and on both sides: 4-40 mm.
    """
    border, between, beyond = (int(mm / left.pixel_mm) for mm in rng.uniform(4, 40, 3))
    lowered = [0, int(rng.uniform(0, 25) / left.pixel_mm)]
    if rng.random() < 0.5:
        lowered.reverse()
    height = min(each.soft_mm.shape[0] + down for each, down in zip((left, right), lowered, strict=True))
    second = border + left.soft_mm.shape[1] + between
    width = second + right.soft_mm.shape[1] + beyond
    # The film ends where the shorter limb does; it is never cut above a joint of the other.
    deepest = max(p.y + down for each, down in zip((left, right), lowered, strict=True) for p in each.points.values())
    height = max(height, int(deepest + 2 / left.pixel_mm))
    bone, soft = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    placed = [
        _placed(bone, soft, each, (column, row))
        for each, column, row in zip((left, right), (border, second), lowered, strict=True)
    ]
    return bone, soft, (placed[0], placed[1])


def _placed(bone: FloatImage, soft: FloatImage, limb: ProjectedLimb, corner: tuple[int, int]) -> PlacedLimb:
    """Add one limb at its upper left corner (column, row), in place."""
    column, row = corner
    height, width = min(limb.soft_mm.shape[0], soft.shape[0] - row), limb.soft_mm.shape[1]
    bone[row : row + height, column : column + width] += limb.bone_mm[:height]
    soft[row : row + height, column : column + width] += limb.soft_mm[:height]
    points = {name: Point(point.x + column, point.y + row) for name, point in limb.points.items()}
    rows = np.flatnonzero((limb.soft_mm[:height] > 0).any(axis=1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, height)
    return PlacedLimb(limb.side, points, Box(column, row + top, column + width, row + bottom))
