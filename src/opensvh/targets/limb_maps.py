"""Limbs on a film as maps, and back: where a hand or a foot lies, which way, how large, and what can be said of it.

A peak for every limb's centre (CenterNet: Zhou et al. 2019), and round it, cell by cell, what holds for that limb.
Pictures and networks are others' matter.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point

STRIDE = 8
"""Picture pixels to a cell of the maps, on each side."""
LIMBS = (Limb.HAND, Limb.FOOT)
OFFSET, EXTENT, DIRECTION = slice(2, 4), slice(4, 6), slice(6, 8)
"""To the centre, in cells; logarithm of the limb's length and width, in sides of the picture; the digits' unit vector,
x to the right and y down."""
FLAGS = ("left", "oblique", "growing", "readable")
"""Yes or no: thumb or hallux lie as on a left limb read as PA or DP; the limb is turned about its long axis; growth
plates are open; the film is frontal enough to be scored (neither lateral nor bent)."""
FIRST_FLAG = 8
CHANNELS = FIRST_FLAG + len(FLAGS)
PEAK_SPREAD = 0.07
"""Standard deviation of a peak, of the limb's length."""
LEAST_SPREAD, MOST_SPREAD = 0.8, 2.0
"""Its bounds, in cells."""
READ_ABOVE = 0.2
"""Cells where a peak is lower learn nothing of the limb."""
Maps = NDArray[np.float32]


@dataclass(frozen=True)
class SeenLimb:
    """A limb in a picture: `centre` of its visible part, `length` along the digits and `width` across, all in pixels.

    `angle_deg` clockwise from the picture's upward direction to where the digits point. `flags` by name (see `FLAGS`),
    absent where unknown; found ones are probabilities. `score` is the peak's height, `limb_share` that of this kind of
    limb among both, `steadiness` the length of the mean of the direction vectors, each in [0, 1].
    """

    limb: Limb
    centre: Point
    angle_deg: float
    length: float
    width: float
    flags: Mapping[str, float]
    score: float = 1.0
    limb_share: float = 1.0
    steadiness: float = 1.0

    @property
    def side(self) -> Side | None:
        """Where the thumb or hallux lies; None where that is not known."""
        if "left" not in self.flags:
            return None
        return Side.LEFT if self.flags["left"] >= 0.5 else Side.RIGHT

    @property
    def direction(self) -> tuple[float, float]:
        """Unit vector of the digits, y down."""
        return math.sin(math.radians(self.angle_deg)), -math.cos(math.radians(self.angle_deg))


@dataclass(frozen=True)
class LimbTargets:
    """What the maps of a picture should hold.

    `maps` [12, rows, columns]: a peak map a limb, then offset, extent, direction and flags; `weights` [12, ...] of each
    cell in the loss, those of the peaks 1, or 0 where a limb too little seen to count lies.
    """

    maps: Maps
    weights: Maps


def encode_limbs(limbs: Sequence[SeenLimb], side_px: int, ignored: Sequence[SeenLimb] = ()) -> LimbTargets:
    """The targets of a square picture of that side; `ignored` limbs are neither asked for nor taken for background."""
    cells = side_px // STRIDE
    maps, weights = np.zeros((2, CHANNELS, cells, cells), np.float32)
    weights[: len(LIMBS)] = 1
    rows, columns = np.mgrid[:cells, :cells].astype(np.float32)
    for limb in limbs:
        x, y = _cell(limb.centre)
        peak = _peak(columns - x, rows - y, limb.length / STRIDE)
        nearest = min(max(round(y), 0), cells - 1), min(max(round(x), 0), cells - 1)
        peak[nearest] = 1.0
        channel = LIMBS.index(limb.limb)
        np.maximum(maps[channel], peak, out=maps[channel])
        # Where two limbs meet, a cell is that one's whose peak is higher there.
        own = (peak > READ_ABOVE) & (peak >= maps[: len(LIMBS)].max(axis=0))
        maps[OFFSET, own] = np.stack([x - columns, y - rows])[:, own]
        extent = (math.log(max(limb.length, 1) / side_px), math.log(max(limb.width, 1) / side_px))
        maps[EXTENT, own] = np.array(extent, np.float32)[:, None]
        maps[DIRECTION, own] = np.array(limb.direction, np.float32)[:, None]
        weights[OFFSET.start : FIRST_FLAG, own] = peak[own]
        for channel, name in enumerate(FLAGS, FIRST_FLAG):
            maps[channel, own] = limb.flags.get(name, 0.0)
            weights[channel, own] = peak[own] if name in limb.flags else 0.0
    for limb in ignored:
        x, y = _cell(limb.centre)
        reach = max(limb.length, limb.width) / STRIDE / 2 + 1
        near = (np.hypot(columns - x, rows - y) < reach) & (maps[: len(LIMBS)].max(axis=0) < READ_ABOVE)
        weights[: len(LIMBS), near] = 0
    return LimbTargets(maps, weights)


def decode_limbs(maps: Maps, threshold: float, most: int = 4) -> tuple[SeenLimb, ...]:
    """The limbs of maps [12, rows, columns] (peaks and flags as probabilities), the surest first: the inverse.

    A weaker peak within half a limb's length of a stronger one is the same limb.
    """
    height = maps[: len(LIMBS)].max(axis=0)
    found: list[SeenLimb] = []
    for place in np.argsort(height, axis=None)[::-1]:
        row, column = (int(each) for each in np.unravel_index(place, height.shape))
        if height[row, column] < threshold or len(found) == most:
            break
        limb = _read_at(maps, row, column)
        if not any(_is_same(limb, other) for other in found):
            found.append(limb)
    return tuple(found)


def _cell(place: Point) -> Point:
    """A place of the picture in cells of the maps."""
    return Point((place.x + 0.5) / STRIDE - 0.5, (place.y + 0.5) / STRIDE - 0.5)


def _peak(across: Maps, down: Maps, length_cells: float) -> Maps:
    spread = min(max(PEAK_SPREAD * length_cells, LEAST_SPREAD), MOST_SPREAD)
    return np.asarray(np.exp(-(across**2 + down**2) / (2 * spread**2)), np.float32)


def _read_at(maps: Maps, row: int, column: int) -> SeenLimb:
    """The limb of a peak: what its cell and the eight round it say, weighted by the height of the peak there."""
    rows, columns = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
    near = maps[:, rows, columns]
    weight = near[: len(LIMBS)].max(axis=0)
    grid_y, grid_x = np.mgrid[rows, columns][:, : weight.shape[0], : weight.shape[1]]

    def mean(values: Maps) -> float:
        return float(np.average(values, weights=weight))

    x, y = mean(near[2] + grid_x), mean(near[3] + grid_y)
    right, down = mean(near[6]), mean(near[7])
    side_px = maps.shape[-1] * STRIDE
    heights = maps[: len(LIMBS), row, column]
    best = int(np.argmax(heights))
    return SeenLimb(
        limb=LIMBS[best],
        centre=Point((x + 0.5) * STRIDE - 0.5, (y + 0.5) * STRIDE - 0.5),
        angle_deg=math.degrees(math.atan2(right, -down)) % 360,
        length=math.exp(mean(near[4])) * side_px,
        width=math.exp(mean(near[5])) * side_px,
        flags={name: mean(near[channel]) for channel, name in enumerate(FLAGS, FIRST_FLAG)},
        score=float(heights[best]),
        limb_share=float(heights[best] / heights.sum()),
        steadiness=min(math.hypot(right, down), 1.0),
    )


def _is_same(limb: SeenLimb, other: SeenLimb) -> bool:
    apart = math.hypot(limb.centre.x - other.centre.x, limb.centre.y - other.centre.y)
    return apart < 0.5 * min(max(limb.length, limb.width), max(other.length, other.width))
