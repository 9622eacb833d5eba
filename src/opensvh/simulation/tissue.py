"""Soft tissue: its thickness under each pixel, from round cones laid around the bones.

Where the cones lie is anatomy: `hand_outline` and `foot_outline`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.projection import Detector
from opensvh.simulation.skeleton import Vector

COARSE_MM = 1.6
"""Grid on which the outline is computed before it is enlarged: soft tissue has no finer detail."""


@dataclass(frozen=True)
class Cone:
    """A round cone of the outline: from `start` to `end`, with half widths on the picture and half depths along it."""

    start: Vector
    end: Vector
    width: tuple[float, float]
    depth: tuple[float, float]


def soft_thickness(
    cones: Sequence[Cone], stoutness: float, detector: Detector, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Millimetres of soft tissue under each pixel, [height, width]; 0 outside the limb."""
    outline, width, depth = _coarse(cones, stoutness, detector)
    size = (detector.width, detector.height)
    step = max(int(COARSE_MM / detector.pixel_mm), 1)
    enlarge = np.array([[step, 0, 0], [0, step, 0]], np.float64)
    outline, width, depth = (
        np.asarray(
            cv2.warpAffine(field, enlarge, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
        )
        for field in (outline, width, depth)
    )
    inward = np.clip(-outline / np.maximum(width, 4), 0, 1)
    thickness = 2 * depth * np.sqrt(np.clip(1 - (1 - inward) ** 2, 0, 1))
    thickness *= np.clip(0.5 - outline / detector.pixel_mm, 0, 1)
    return np.asarray(thickness * _uneven(size, detector.pixel_mm, rng), dtype=np.float32)


def _coarse(
    cones: Sequence[Cone], stoutness: float, detector: Detector
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Signed distance to the outline, local half width and half depth, on the coarse grid."""
    step = max(int(COARSE_MM / detector.pixel_mm), 1) * detector.pixel_mm
    columns = int(detector.width * detector.pixel_mm / step) + 3
    rows = int(detector.height * detector.pixel_mm / step) + 3
    x = (detector.left_mm + step * np.arange(columns, dtype=np.float64))[None, :]
    y = (detector.top_mm - step * np.arange(rows, dtype=np.float64))[:, None]
    fields = [_cone_fields(cone, stoutness, x, y) for cone in cones]
    outlines, widths, depths = (np.stack([field[part] for field in fields]) for part in range(3))
    nearest = outlines.min(axis=0)
    weights = np.exp(-np.minimum((outlines - nearest) / 1.4, 40))
    total = weights.sum(axis=0)
    outline = cv2.GaussianBlur((nearest - 1.4 * np.log(total)).astype(np.float32), (0, 0), 0.8)
    width = cv2.GaussianBlur(((weights * widths).sum(axis=0) / total).astype(np.float32), (0, 0), 1.5)
    depth = cv2.GaussianBlur(((weights * depths).sum(axis=0) / total).astype(np.float32), (0, 0), 1.5)
    return outline, width, depth


def _cone_fields(
    cone: Cone, stoutness: float, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    run = (cone.end - cone.start)[:2]
    along = ((x - cone.start[0]) * run[0] + (y - cone.start[1]) * run[1]) / max(float(run @ run), 1e-6)
    along = np.clip(along, 0, 1)
    width = stoutness * (cone.width[0] + (cone.width[1] - cone.width[0]) * along)
    depth = stoutness * (cone.depth[0] + (cone.depth[1] - cone.depth[0]) * along)
    away = np.hypot(x - cone.start[0] - along * run[0], y - cone.start[1] - along * run[1])
    return away - width, width, depth


def _uneven(size: tuple[int, int], pixel_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Fat and muscle: a smooth random factor about 1, on two scales."""
    factor = np.ones(size[::-1], np.float32)
    for scale_mm, strength in ((4.0, 0.015), (14.0, 0.03)):
        coarse = rng.standard_normal((int(size[1] * pixel_mm / scale_mm) + 4, int(size[0] * pixel_mm / scale_mm) + 4))
        factor += strength * cv2.resize(coarse.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return factor
