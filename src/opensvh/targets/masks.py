"""Joint centres -> the class of every pixel: discs, rings of nobody's pixels, background (paper, section 3).

`decode` is the inverse. Which joint has which class is `domain.anatomy`'s.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import BACKGROUND, IGNORED
from opensvh.domain.geometry import Point, Size


def joint_mask(points: Mapping[int, Point], size: Size, radius_px: float, outer_radius_px: float) -> NDArray[np.int16]:
    """Class of each pixel, int16 [height, width], from joint centres by class (1 to 21).

    The closest centre decides: within `radius_px` its class, within `outer_radius_px` `IGNORED`, else background; of
    two equally close ones the first listed. Only the pixels around each joint are looked at.
    """
    mask = np.full((size.height, size.width), BACKGROUND, np.int16)
    nearest = np.full((size.height, size.width), np.inf, np.float32)
    for joint, point in points.items():
        window = _window(point, size, outer_radius_px)
        if window is None:
            continue
        rows, columns = window
        x = np.arange(columns.start, columns.stop, dtype=np.float32) - np.float32(point.x)
        y = np.arange(rows.start, rows.stop, dtype=np.float32) - np.float32(point.y)
        squared = y[:, None] ** 2 + x[None, :] ** 2
        closer = squared < nearest[window]
        nearest[window][closer] = squared[closer]
        classes = np.where(squared <= radius_px**2, joint, IGNORED).astype(np.int16)
        closer &= squared <= outer_radius_px**2
        mask[window][closer] = classes[closer]
    return mask


def _window(point: Point, size: Size, reach_px: float) -> tuple[slice, slice] | None:
    """Rows and columns within reach of a point; None where none lies on the image."""
    top, bottom = max(int(point.y - reach_px), 0), min(int(point.y + reach_px) + 2, size.height)
    left, right = max(int(point.x - reach_px), 0), min(int(point.x + reach_px) + 2, size.width)
    return None if top >= bottom or left >= right else (slice(top, bottom), slice(left, right))
