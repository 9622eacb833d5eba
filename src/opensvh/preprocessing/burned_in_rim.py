"""Marks at the skin that a silhouette has taken for limb: which of them are text, and which of those can be covered.

A logo or a letter there is sharp-edged and has the film's ground on all sides but the one where it touches the limb; a
bone, a nail or a ring has tissue on two opposite sides, or no ground near it. Covering would take skin away where a
mark's box holds tissue too: those are told apart, for the film to be refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

TOGETHER = 0.0025
"""Marks within this of each other (share of the film's longer side) are of one mark: a logo, two letters."""
SIZES = (0.008, 0.16)
"""Longer side of what is text at the skin, of the film's: smaller are dust and noise, larger is anatomy."""
LONGEST = 4
"""No more than so many times as long as wide: skin lines are longer; lines of letters are found as such."""
NEAR, FAR = 0.2, 0.7
"""What is round a mark is looked at from the first to the second of its shorter side."""
ROUND_PX = (3, 8)
"""At least so many pixels off the mark, and so many wide."""
GROUND_WITHIN, GROUND_SPREAD = 4, 0.05
"""The ground's level is that of what is no limb within so many of its shorter side; by so much it differs."""
GROUND_UP_TO = 0.15
"""And is no more than this above that of all that is no limb."""
GROUND_SHARE = 0.25
"""So much, at least, of what is round a mark at the skin is ground."""
TISSUE_SIDE = 0.35
"""A side of which less is ground is tissue."""
TISSUE_INSIDE = 0.04
"""A mark of whose box more than this share is smooth tissue cannot be covered without loss."""
INK_PERCENTILE, WRITTEN_RISE = 97, 0.7
"""Ink is what reaches half the height of this percentile of its box; along its outline the film rises by this share of
that within two pixels, on average. Bones rise by less."""


@dataclass(frozen=True)
class RimMarks:
    """Boxes of text at the skin: `beside` can be covered, `across` lies over the skin."""

    beside: tuple[Box, ...]
    across: tuple[Box, ...]


def marks_at_the_rim(film: Grey, limbs: Mask, strokes: Sequence[Sequence[Box]], kept: Sequence[Box]) -> RimMarks:
    """Judge sharp strokes that lie on the limbs' silhouette, wholly or in part; `kept` boxes are side letters'.

    Strokes come in lists: what lies together in one list is one mark.
    """
    free = [[stroke for stroke in each if not any(map(stroke.overlap, kept))] for each in strokes]
    beside, _ = _judged(film, limbs, free)
    # What only lay close to a mark that is clear, as bone does, is no part of it: the rest is looked at again alone.
    rest = [[stroke for stroke in each if not any(_holds(box, stroke) for box in beside)] for each in free]
    more, across = _judged(film, limbs, rest)
    return RimMarks((*beside, *more), tuple(across))


def _judged(film: Grey, limbs: Mask, strokes: Sequence[Sequence[Box]]) -> tuple[list[Box], list[Box]]:
    """Marks among ground: those that can be covered, and those that hold tissue."""
    beside: list[Box] = []
    across: list[Box] = []
    for box in (group for each in strokes for group in _groups(film.shape, each)):
        ground = _ground(film, limbs, box)
        if ground is not None and _is_written(film, box, ground) and _is_among_ground(film, box, ground):
            (across if _tissue_inside(film, box, ground) > TISSUE_INSIDE else beside).append(box)
    return beside, across


def _holds(box: Box, stroke: Box) -> bool:
    """Whether a stroke's middle lies in a box."""
    column, row = (stroke.left + stroke.right) / 2, (stroke.top + stroke.bottom) / 2
    return box.left <= column <= box.right and box.top <= row <= box.bottom


def _groups(shape: tuple[int, ...], strokes: Sequence[Box]) -> Iterator[Box]:
    """Boxes round strokes that lie together, of a size that text has."""
    longer = max(shape)
    near = max(2, round(TOGETHER * longer))
    marked = np.zeros(shape, np.uint8)
    for stroke in strokes:
        marked[window(stroke.grown(near))] = 1
    count, _, stats, _ = cv2.connectedComponentsWithStats(marked)
    for left, top, width, height, _area in stats[1:count].tolist():
        wide, tall = width - 2 * near, height - 2 * near  # less at the film's edge
        is_sized = SIZES[0] * longer <= max(wide, tall) <= SIZES[1] * longer
        if is_sized and max(wide, tall) <= LONGEST * min(wide, tall):
            yield Box(left, top, left + width, top + height).grown(-near)


def _ground(film: Grey, limbs: Mask, box: Box) -> float | None:
    """The level beside the limb, near a mark; None where no ground is near it."""
    at_rim, around = (
        window(box.grown(max(box.width, box.height))),
        window(box.grown(max(GROUND_WITHIN * _short(box), max(box.width, box.height)))),
    )
    if limbs[at_rim].all():
        return None
    level = float(np.median(film[around][~limbs[around]]))
    # Beside another label, its plate is not the ground.
    return level if level < float(np.median(film[~limbs])) + GROUND_UP_TO else None


def _short(box: Box) -> int:
    return min(box.width, box.height)


def _is_written(film: Grey, box: Box, ground: float) -> bool:
    """Whether what stands in a box has the edges of ink: along its outline the film rises at once."""
    levels = film[window(box.grown(2))]
    contrast = float(np.percentile(levels, INK_PERCENTILE)) - ground
    ink = (levels > ground + contrast / 2).astype(np.uint8)
    outline = (ink > 0) & (cv2.erode(ink, np.ones((3, 3), np.uint8)) == 0)
    if contrast <= 0 or not outline.any():
        return False
    rises = cv2.morphologyEx(levels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return bool(rises[outline].mean() > WRITTEN_RISE * contrast)


def _is_among_ground(film: Grey, box: Box, ground: float) -> bool:
    """Whether ground is round a mark but at one side; no two opposite sides may be tissue."""
    short = min(box.width, box.height)
    first = max(ROUND_PX[0], round(NEAR * short))
    inner, outer = box.grown(first), box.grown(max(first + ROUND_PX[1], round(FAR * short)))
    sides = (
        Box(outer.left, inner.top, inner.left, inner.bottom),
        Box(inner.right, inner.top, outer.right, inner.bottom),
        Box(inner.left, outer.top, inner.right, inner.top),
        Box(inner.left, inner.bottom, inner.right, outer.bottom),
    )
    near = [np.abs(film[window(side)] - ground) < GROUND_SPREAD for side in sides]
    is_ground = [side.size == 0 or bool(side.mean() >= TISSUE_SIDE) for side in near]  # beyond the film's edge: none
    share = np.concatenate([side.ravel() for side in near]).mean()
    return bool(share > GROUND_SHARE) and any(is_ground[:2]) and any(is_ground[2:])


def _tissue_inside(film: Grey, box: Box, ground: float) -> float:
    """Share of a mark's box that is neither ground nor ink: smooth, and at the level of the tissue round it."""
    levels = film[window(box)]
    around = film[window(box.grown(max(ROUND_PX[1], min(box.width, box.height) // 2)))]
    beyond = np.abs(around - ground) >= GROUND_SPREAD
    if levels.size == 0 or not beyond.any():
        return 0.0
    low, high = sorted((ground, float(np.median(_outside(film, box, ground)))))
    between = (levels > low + GROUND_SPREAD) & (levels < high + GROUND_SPREAD)
    smooth = cv2.morphologyEx(levels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) < 2 * GROUND_SPREAD
    return float(cv2.morphologyEx((between & smooth).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3))).mean())


def _outside(film: Grey, box: Box, ground: float) -> Grey:
    """Levels round a mark that are not the ground's; the ground's own where there are none."""
    outer = box.grown(max(ROUND_PX[1], min(box.width, box.height) // 2))
    ring = np.zeros(film.shape, np.bool_)
    ring[window(outer)] = True
    ring[window(box.grown(ROUND_PX[0]))] = False
    levels = film[ring]
    tissue = levels[np.abs(levels - ground) >= GROUND_SPREAD]
    return np.asarray(tissue if tissue.size else np.array([ground]), np.float32)


def window(box: Box) -> tuple[slice, slice]:
    """A box as slices of an array, cut at its start."""
    return slice(max(box.top, 0), max(box.bottom, 0)), slice(max(box.left, 0), max(box.right, 0))
