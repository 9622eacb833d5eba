"""Where on a film the hand or foot lies: the box of the limb's silhouette, cut where forearm or leg begin.

Paper, section 4: "classical computer vision techniques such as the canny algorithm". The film must lie with its
digits up; turning is `turn`'s, the silhouette `silhouette`'s, margins and scaling are `scale`'s.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box
from opensvh.preprocessing.config import CropConfig
from opensvh.preprocessing.silhouette import Mask, limb_silhouette

Widths = NDArray[np.float64]
"""Width of the silhouette in each row, from the tip of the longest digit down, in px."""

HEEL_REACH = 2.9
"""A heel that shows wider than the forefoot (oblique views) lies within this many forefoot widths of the toes."""
WIDE_HEEL = 1.12
"""A heel this much wider than the forefoot tells an oblique view."""
RISE = 1.2
"""The narrowest place is searched until the limb is this much wider again: elbow, second limb."""
FOREFOOT_SHARE = 0.6
"""In an oblique view the side the leg leaves to is taken from this upper share of the foot."""


@dataclass(frozen=True)
class _Shape:
    """Proportions in widths of palm or forefoot: where wrist or ankle lie (`nearest` to `farthest` from the tips),
    how far the width has fallen there (`level` of the way to the narrowest), and what is `kept` beyond it, of the
    limb's length. Set on 38 films with boxes marked by hand."""

    nearest: float
    farthest: float
    level: float
    kept: float


@dataclass(frozen=True)
class _Extent:
    """A silhouette's rows and columns, as slices take them; `oblique` where the heel shows wider than the forefoot."""

    top: int
    bottom: int
    oblique: bool = False


def find_limb_box(image: NDArray[np.float32], limb: Limb, config: CropConfig | None = None) -> Box:
    """The box of the hand (finger tips to just below the wrist) or foot (toes to heel), in pixels of `image`.

    `image` float32 [rows, columns] in [0, 1], dense tissue bright, digits up. Raises LimbNotFound.
    """
    config = config or CropConfig()
    scale = min(1.0, config.working_px / max(image.shape))
    reduced = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    silhouette = limb_silhouette(np.asarray(reduced, dtype=np.float32), config)
    extent = _hand_extent(silhouette, config) if limb is Limb.HAND else _foot_extent(silhouette, config)
    left, right = _sides(silhouette, extent)
    rows, columns = image.shape
    return Box(
        left=int(left / scale),
        top=int(extent.top / scale),
        right=min(columns, round(right / scale)),
        bottom=min(rows, round(extent.bottom / scale)),
    )


def _hand_extent(silhouette: Mask, config: CropConfig) -> _Extent:
    """From the finger tips to just below the wrist: where the width, past the palm, has fallen to the forearm's."""
    top, bottom, widths = _profile(silhouette)
    palm = _palm_width(widths)
    shape = _Shape(1.3, 2.8, level=0.12, kept=config.hand_kept)
    length = _length(widths, palm, shape, int(shape.nearest * palm))
    return _Extent(top, min(top + length, bottom))


def _foot_extent(silhouette: Mask, config: CropConfig) -> _Extent:
    """From the toes to the heel: where the width, past forefoot and heel, has fallen to the ankle's."""
    top, bottom, widths = _profile(silhouette)
    forefoot = _forefoot_width(widths)
    nearest = int(1.9 * forefoot)
    heel = widths[nearest : int(HEEL_REACH * forefoot)]
    oblique = bool(heel.size and heel.max() > WIDE_HEEL * forefoot)
    if oblique:
        nearest += int(np.argmax(heel))
    shape = _Shape(1.9, 3.2 if oblique else 2.75, level=0.13, kept=config.foot_kept)
    length = min(_length(widths, forefoot, shape, nearest), int(shape.farthest * forefoot))
    return _Extent(top, min(top + length, bottom), oblique)


def _profile(silhouette: Mask) -> tuple[int, int, Widths]:
    """First row, row after the last, and the widths between; the last rows, rounded by the opening, left out."""
    widths = np.count_nonzero(silhouette, axis=1).astype(np.float64)
    rows = np.flatnonzero(widths)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    return top, bottom, widths[top : max(bottom - 5, top + 1)]


def _palm_width(widths: Widths) -> float:
    """The widest place before the width falls by a quarter: the palm, not the elbow."""
    widest = np.maximum.accumulate(widths)
    falls = np.flatnonzero((widths < 0.75 * widest) & (np.arange(len(widths)) > widest))
    return float(widest[falls[0]] if len(falls) else widest[-1])


def _forefoot_width(widths: Widths) -> float:
    """The widest place of a foot's first part, a third longer than it is wide."""
    widest, row = np.maximum.accumulate(widths), np.arange(len(widths))
    beyond = np.flatnonzero((row > 1.3 * widest) & (row > 0.1 * len(widths)))
    return float(widest[beyond[0]] if len(beyond) else widest[-1])


def _length(widths: Widths, front: float, shape: _Shape, nearest: int) -> int:
    """Rows from the tips to the end of the hand or foot; all rows where the silhouette ends before wrist or ankle."""
    smooth = np.asarray(median_filter(widths, int(front * 0.1) | 1))
    window = smooth[nearest : int(shape.farthest * front)]
    if len(window) == 0:
        return len(widths) + 5
    rises = np.flatnonzero(window > RISE * np.minimum.accumulate(window))
    window = window[: rises[0]] if len(rises) else window
    narrowest = nearest + int(np.argmin(window))
    above = smooth[: narrowest + 1]
    level = above[-1] + shape.level * (above.max() - above[-1])
    wider = np.flatnonzero(above > level)
    knee = max(int(wider[-1]) + 1, nearest) if len(wider) else len(widths)
    return round(knee * (1 + shape.kept))


def _sides(silhouette: Mask, extent: _Extent) -> tuple[int, int]:
    """Left column and the one after the right; of an oblique foot without the leg that leaves to one side."""
    left, right = _columns(silhouette[extent.top : extent.bottom])
    if not extent.oblique:
        return left, right
    front = extent.top + round(FOREFOOT_SHARE * (extent.bottom - extent.top))
    front_left, front_right = _columns(silhouette[extent.top : front])
    slack = round(0.03 * (extent.bottom - extent.top))
    if front_left - left > right - front_right:
        return max(left, front_left - slack), right
    return left, min(right, front_right + slack)


def _columns(silhouette: Mask) -> tuple[int, int]:
    columns = np.flatnonzero(silhouette.any(axis=0))
    return int(columns[0]), int(columns[-1]) + 1
