"""Joint probabilities per pixel -> joint centres: the inverse of `masks`.

A joint's disc is cut where a neighbour is nearer, so the middle of what is left is not its centre. The centres are
therefore moved until the mask that they would give has its middles where the map has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Limb, joint_class
from opensvh.domain.geometry import Point, Size
from opensvh.targets.masks import joint_mask

ROUNDS = 4
LEAST_PIXELS = 4
REACH_SHARE = 0.09
"""How far a joint's region may reach where the masks' radii are not known, of the height: twice the paper's R."""


@dataclass(frozen=True)
class MaskRadii:
    """r and R of the masks (see `masks`), in pixels of the map."""

    inner_px: float
    outer_px: float


@dataclass(frozen=True)
class FoundJoint:
    """A joint centre in the map's pixels, None where its class is nowhere likely; `confidence` is the class's peak."""

    point: Point | None
    confidence: float


def decode_joints(
    probabilities: NDArray[np.float32], limb: Limb, radii: MaskRadii | None = None
) -> dict[str, FoundJoint]:
    """The limb's joints by point name, from class probabilities [22, height, width].

    `radii` of the masks that the model was trained on, in the map's pixels; without them the centres are the middles of
    what is seen, which neighbours pull apart.
    """
    joints = [joint_class(limb, name) for name in POINTS[limb]]
    peaks = {joint: float(probabilities[joint].max()) for joint in joints}
    likeliest = probabilities.argmax(axis=0)
    reach = reach_px(radii) if radii else int(REACH_SHARE * probabilities.shape[1])
    middles = {joint: _middle(probabilities[joint], likeliest == joint, reach) for joint in joints}
    seen = {joint: middle for joint, middle in middles.items() if middle is not None}
    return placed_joints(limb, peaks, seen, Size(probabilities.shape[2], probabilities.shape[1]), radii)


def placed_joints(
    limb: Limb, peaks: Mapping[int, float], middles: Mapping[int, Point], size: Size, radii: MaskRadii | None
) -> dict[str, FoundJoint]:
    """The same from what is left of the maps: peaks and middles by class, the latter only of joints that are the
    likeliest class on `LEAST_PIXELS` at least; `size` of the maps. Other classes than the limb's are passed over."""
    names = {joint_class(limb, name): name for name in POINTS[limb]}
    seen = {joint: middles[joint] for joint in names if joint in middles}
    centres = _uncut(seen, size, radii) if radii else seen
    return {name: FoundJoint(centres.get(joint), peaks[joint]) for joint, name in names.items()}


def reach_px(radii: MaskRadii) -> int:
    """How far from its peak a joint's region is looked at, pixels of the map to each side."""
    return int(2 * radii.outer_px)


def _middle(probability: NDArray[np.float32], region: NDArray[np.bool_], reach: int) -> Point | None:
    """Probability-weighted middle of the class's region around its peak, None if it is the likeliest nowhere."""
    if int(region.sum()) < LEAST_PIXELS:
        return None
    masked = np.where(region, probability, np.float32(0))
    row, column = (int(index) for index in np.unravel_index(int(masked.argmax()), masked.shape))
    top, left = max(row - reach, 0), max(column - reach, 0)
    near = masked[top : row + reach + 1, left : column + reach + 1]
    total = float(near.sum())
    y = float(near.sum(axis=1) @ np.arange(near.shape[0])) / total
    x = float(near.sum(axis=0) @ np.arange(near.shape[1])) / total
    return Point(left + x, top + y)


def _uncut(seen: Mapping[int, Point], size: Size, radii: MaskRadii) -> dict[int, Point]:
    """Centres whose discs, cut by their neighbours, have the middles seen."""
    centres = dict(seen)
    for _ in range(ROUNDS):
        mask = joint_mask(centres, size, radii.inner_px, radii.outer_px)
        for joint, middle in seen.items():
            place = centres[joint]
            rows, columns = np.nonzero(_around(mask, place, radii.inner_px) == joint)
            if len(rows) == 0:
                continue
            top, left = _corner(place, radii.inner_px)
            moved = Point(
                place.x + middle.x - (left + float(columns.mean())), place.y + middle.y - (top + float(rows.mean()))
            )
            centres[joint] = _within(moved, middle, radii.inner_px)
    return centres


def _corner(place: Point, radius_px: float) -> tuple[int, int]:
    return max(int(place.y - radius_px) - 1, 0), max(int(place.x - radius_px) - 1, 0)


def _around(mask: NDArray[np.int16], place: Point, radius_px: float) -> NDArray[np.int16]:
    top, left = _corner(place, radius_px)
    return mask[top : int(place.y + radius_px) + 3, left : int(place.x + radius_px) + 3]


def _within(place: Point, middle: Point, radius_px: float) -> Point:
    """The place, or the nearest one to it that lies less than a radius from the middle seen."""
    away = float(np.hypot(place.x - middle.x, place.y - middle.y))
    if away <= radius_px:
        return place
    share = radius_px / away
    return Point(middle.x + share * (place.x - middle.x), middle.y + share * (place.y - middle.y))
