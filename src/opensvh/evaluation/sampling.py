"""Grey levels of an upright film in squares and along lines, at lengths measured by the limb itself.

Lengths are in units of the limb (`unit_px`), so that films of any pixel size are sampled alike. What is made of the
samples is `film_measures`'s.
"""

import math
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point

Pixels = NDArray[np.float32]
"""Grey levels in [0, 1] [rows, columns], digits up, looking like a left limb."""

HALLUX_PER_FOREFOOT = 2.3
"""Width over the MTP joints to the length of the hallux's proximal phalanx, on real films seen straight from above."""
LINES = 9
"""Parallel lines that a profile is the mean of."""


def unit_px(limb: Limb, points: Mapping[str, Point]) -> float | None:
    """The limb's unit of length in px: the third metacarpal, or the forefoot's width; None where they are not marked.

    An oblique view shortens the forefoot, a dorsiflexed toe its phalanx: the longer of both is taken.
    """
    if limb is Limb.HAND:
        return _distance(points, "MCP3", "CMC3")
    width, phalanx = _distance(points, "MTP1", "MTP5"), _distance(points, "MTP1", "IP1")
    return None if width is None or phalanx is None else max(width, HALLUX_PER_FOREFOOT * phalanx)


def patch(pixels: Pixels, centre: Point, side_px: float, size: int) -> Pixels:
    """The square of `side_px` film pixels around a point, scaled to [size, size]; beyond the film its edge goes on."""
    whole = max(round(side_px), 2)
    cut = cv2.getRectSubPix(np.ascontiguousarray(pixels, dtype=np.float32), (whole, whole), tuple(centre))
    way = cv2.INTER_AREA if whole > size else cv2.INTER_CUBIC
    return np.asarray(np.clip(cv2.resize(cut, (size, size), interpolation=way), 0.0, 1.0), dtype=np.float32)


def profile(
    pixels: Pixels, centre: Point, direction: tuple[float, float], reach_px: float, width_px: float, samples: int
) -> NDArray[np.float64]:
    """Mean levels [samples] along a band of `width_px` through `centre`, from -reach to +reach along `direction`."""
    length = math.hypot(*direction)
    along = np.array(direction) / length
    across = np.array((-along[1], along[0]))
    at = np.linspace(-reach_px, reach_px, samples)
    beside = np.linspace(-width_px / 2, width_px / 2, LINES)
    grid = np.array(centre) + at[None, :, None] * along + beside[:, None, None] * across
    x, y = grid[..., 0].astype(np.float32), grid[..., 1].astype(np.float32)
    levels = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(levels.mean(axis=0), dtype=np.float64)


def _distance(points: Mapping[str, Point], one: str, other: str) -> float | None:
    if one not in points or other not in points:
        return None
    return math.dist(points[one], points[other])
