"""Soft tissue: its thickness under each pixel, from round cones laid around the bones and strands laid over them.

Where they lie is anatomy: `hand_outline` and `foot_outline`. Thickness is in mm of muscle and skin; the fat under the
skin, which attenuates less, counts for `FAT` of its thickness.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from opensvh.simulation.anatomy.skeleton import Vector
from opensvh.simulation.rays.projection import Detector

Field = NDArray[np.float32]

COARSE_MM = 1.6
"""Grid on which the outline is computed before it is enlarged: soft tissue has no finer detail."""
FINE_MM = 0.45
"""Grid of everything but the very edge: folds of the skin."""

SEAM_MM = 1.4
"""How far cones run into each other."""

FAT = 0.86
SKIN_MM, FAT_MM = 1.3, 3.2
"""Depth from the outline at which fat begins, and over which it gives way to muscle; our choice."""


@dataclass(frozen=True)
class Cone:
    """A round cone of the outline: from `start` to `end`, with half widths on the picture and half depths along it."""

    start: Vector
    end: Vector
    width: tuple[float, float]
    depth: tuple[float, float]


@dataclass(frozen=True)
class Strand:
    """Tissue along a line inside the outline: a fold, a nail, the belly of a muscle; missing where negative (a crease).

    `half_width` and `add_mm`, the thickness added along its middle, in mm.
    """

    start: Vector
    end: Vector
    half_width: float
    add_mm: float


@dataclass(frozen=True)
class _Grid:
    """Every `step`-th pixel of a detector, first at its first pixel."""

    step: int
    columns: int
    rows: int


def soft_thickness(
    parts: Sequence[Cone | Strand], stoutness: float, detector: Detector, rng: np.random.Generator
) -> Field:
    """Millimetres of soft tissue under each pixel, [height, width]; 0 outside the limb."""
    cones = [part for part in parts if isinstance(part, Cone)]
    coarse, fine = _grid(detector, COARSE_MM), _grid(detector, FINE_MM)
    fields = _coarse(cones, stoutness, detector, coarse)
    ratio = coarse.step / fine.step
    outline, width, depth = (_enlarged(field, ratio, fine.columns, fine.rows) for field in fields)
    middle = 2 * depth * (FAT + (1 - FAT) * _lean(outline)) * _uneven(fine, FINE_MM, rng)
    for part in parts:
        if isinstance(part, Strand):
            _lay(middle, part, detector, fine.step * detector.pixel_mm)
    size = detector.width, detector.height
    edge = _enlarged(fields[0], coarse.step, *size)
    width, middle = _enlarged(width, fine.step, *size), _enlarged(middle, fine.step, *size)
    return _rounded(edge, width, middle, detector.pixel_mm)


def _rounded(outline: Field, width: Field, middle: Field, pixel_mm: float) -> Field:
    """Thickness of a round section: `middle` at half width inside, nothing at the outline."""
    outward = 1 + np.clip(outline / np.maximum(width, 4), -1, 0)
    thickness = np.maximum(middle, 0) * np.sqrt(1 - outward * outward)
    return np.asarray(thickness * np.clip(np.float32(0.5) - outline * np.float32(1 / pixel_mm), 0, 1), np.float32)


def _grid(detector: Detector, spacing_mm: float) -> _Grid:
    step = max(int(spacing_mm / detector.pixel_mm), 1)
    return _Grid(step, detector.width // step + 3, detector.height // step + 3)


def _coarse(cones: Sequence[Cone], stoutness: float, detector: Detector, grid: _Grid) -> tuple[Field, Field, Field]:
    """Signed distance to the outline, local half width and half depth, on the coarse grid."""
    step = grid.step * detector.pixel_mm
    rows = [(*c.start[:2], *(c.end - c.start)[:2], *np.multiply(stoutness, (*c.width, *c.depth))) for c in cones]
    place = np.array([detector.left_mm, detector.top_mm, step], np.float32)
    outline, width, depth = np.zeros((3, grid.rows, grid.columns), np.float32)
    _blend(np.array(rows, np.float32), place, outline, width, depth)
    return tuple(  # type: ignore[return-value]
        np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)
        for field, sigma in ((outline, 0.8), (width, 1.5), (depth, 1.5))
    )


@njit(cache=True, fastmath=True, nogil=True)
def _blend(cones, place, outline, width, depth):  # type: ignore[no-untyped-def]
    """Union of the cones with rounded seams: arrays, since compiled code takes no objects (see `_coarse`)."""
    away = np.empty((3, cones.shape[0]), np.float32)
    for row in range(outline.shape[0]):
        for column in range(outline.shape[1]):
            x, y = place[0] + column * place[2], place[1] - row * place[2]
            nearest = np.float32(1e9)
            for n in range(cones.shape[0]):
                left, low, right, high = x - cones[n, 0], y - cones[n, 1], cones[n, 2], cones[n, 3]
                share = (left * right + low * high) / max(right * right + high * high, np.float32(1e-6))
                share = min(max(share, np.float32(0)), np.float32(1))
                away[1, n] = cones[n, 4] + (cones[n, 5] - cones[n, 4]) * share
                away[2, n] = cones[n, 6] + (cones[n, 7] - cones[n, 6]) * share
                away[0, n] = np.sqrt((left - share * right) ** 2 + (low - share * high) ** 2) - away[1, n]
                nearest = min(nearest, away[0, n])
            total, across, deep = np.float32(0), np.float32(0), np.float32(0)
            for n in range(cones.shape[0]):
                over = (away[0, n] - nearest) / np.float32(SEAM_MM)
                if over < np.float32(9):
                    weight = np.exp(-over)
                    total += weight
                    across += weight * away[1, n]
                    deep += weight * away[2, n]
            outline[row, column] = nearest - np.float32(SEAM_MM) * np.log(total)
            width[row, column], depth[row, column] = across / total, deep / total


def _enlarged(field: Field, ratio: float, columns: int, rows: int) -> Field:
    """A field on a grid `ratio` times finer, the first place staying where it is."""
    enlarge = np.array([[ratio, 0, 0], [0, ratio, 0]], np.float64)
    flags = cv2.INTER_LINEAR if ratio < 3 else cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpAffine(field, enlarge, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _lean(outline: Field) -> Field:
    """1 in skin and muscle, 0 in the fat between them, from the distance to the outline."""
    deep = np.clip((-outline - SKIN_MM - 1.0) / FAT_MM, 0, 1)
    skin = np.clip((outline + SKIN_MM) / 0.6, 0, 1)
    return np.asarray(np.maximum(deep, skin), np.float32)


def _uneven(grid: _Grid, spacing_mm: float, rng: np.random.Generator) -> Field:
    """Fat and muscle: a smooth random factor about 1, on two scales."""
    size = (grid.columns, grid.rows)
    factor = np.ones(size[::-1], np.float32)
    for scale_mm, strength in ((4.0, 0.012), (16.0, 0.022)):
        shape = int(size[1] * spacing_mm / scale_mm) + 4, int(size[0] * spacing_mm / scale_mm) + 4
        coarse = rng.standard_normal(shape).astype(np.float32)
        factor += np.float32(strength) * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return factor


def _lay(middle: Field, strand: Strand, detector: Detector, spacing_mm: float) -> None:
    """Add one strand, rounded in section, to the thickness in the middle, in place."""
    ends = np.array([strand.start[:2], strand.end[:2]])
    columns = (ends[:, 0] - detector.left_mm) / spacing_mm
    rows = (detector.top_mm - ends[:, 1]) / spacing_mm
    reach = strand.half_width / spacing_mm
    left, right = max(int(columns.min() - reach), 0), min(int(columns.max() + reach) + 2, middle.shape[1])
    top, bottom = max(int(rows.min() - reach), 0), min(int(rows.max() + reach) + 2, middle.shape[0])
    if left >= right or top >= bottom:
        return
    x, y = np.arange(left, right)[None, :] - columns[0], np.arange(top, bottom)[:, None] - rows[0]
    run = np.array([columns[1] - columns[0], rows[1] - rows[0]])
    along = np.clip((x * run[0] + y * run[1]) / max(float(run @ run), 1e-6), 0, 1)
    squared = ((x - along * run[0]) ** 2 + (y - along * run[1]) ** 2) / max(reach, 0.7) ** 2
    middle[top:bottom, left:right] += np.float32(strand.add_mm) * np.clip(1 - squared, 0, 1).astype(np.float32)
