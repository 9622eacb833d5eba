"""Plaster around a limb: its thickness along the ray for a closed cast and for a slab along one side.

Other things that a patient wears are in `accessories`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.rays.projection import Detector

FloatImage = NDArray[np.float32]

LIMB_RADIUS_MM = 30.0
"""A forearm's or an ankle's half width: what the shell's curve is taken from."""
END_FREE_MM = 25.0
"""The limb goes on this far beyond a cast's end: the shell is open there."""


def cast_mm(
    skeleton: Skeleton, soft_mm: FloatImage, limb: Limb, detector: Detector, rng: np.random.Generator
) -> FloatImage:
    """A shell of 3-8 mm that follows the skin from the film's lower edge to the knuckles or beyond."""
    wall = float(rng.uniform(3, 8))
    distal = _distal_mm(skeleton, limb, detector) - np.float32(rng.uniform(-12, 12))
    covered = ((distal < END_FREE_MM) & (soft_mm > 0)).astype(np.uint8)
    # Fingers that part below the plaster's end are bandaged as one.
    size = int(16 / detector.pixel_mm) | 1
    covered = np.asarray(cv2.morphologyEx(covered, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)), np.uint8)
    depth = cv2.distanceTransform(covered, cv2.DIST_L2, 3) * np.float32(detector.pixel_mm)
    beyond = cv2.distanceTransform(1 - covered, cv2.DIST_L2, 3) * np.float32(detector.pixel_mm)
    beyond += np.float32(0.12 * wall) * _wavy(soft_mm.shape, rng)
    from_axis = np.minimum(np.abs(LIMB_RADIUS_MM - np.minimum(depth, LIMB_RADIUS_MM) + beyond), LIMB_RADIUS_MM + wall)
    outer = np.sqrt(np.maximum((LIMB_RADIUS_MM + wall) ** 2 - from_axis**2, 0))
    inner = np.sqrt(np.maximum(LIMB_RADIUS_MM**2 - from_axis**2, 0))
    end = np.clip(-(distal + 2 * _wavy(soft_mm.shape, rng)) / wall, 0, 1)
    return np.asarray(2 * (outer - inner) * end * _layers(soft_mm.shape, detector.pixel_mm, rng), dtype=np.float32)


def slab_mm(
    skeleton: Skeleton, soft_mm: FloatImage, limb: Limb, detector: Detector, rng: np.random.Generator
) -> FloatImage:
    """A slab of 3-6 mm behind the limb, narrower or wider than it, up to the knuckles."""
    distal = _distal_mm(skeleton, limb, detector) - np.float32(rng.uniform(-25, 10)) + 2 * _wavy(soft_mm.shape, rng)
    covered = ((distal < 0) & (soft_mm > 0)).astype(np.float32)
    kernel = np.ones((1, int(rng.uniform(4, 16) / detector.pixel_mm) | 1), np.uint8)
    changed = cv2.dilate(covered, kernel) if rng.random() < 0.5 else cv2.erode(covered, kernel)
    slab = cv2.blur(changed, (5, 5)) * np.float32(rng.uniform(3, 6))
    return np.asarray(slab * _layers(soft_mm.shape, detector.pixel_mm, rng), dtype=np.float32)


def _distal_mm(skeleton: Skeleton, limb: Limb, detector: Detector) -> FloatImage:
    """How far distal to the middle metacarpals' or metatarsals' necks each pixel lies, in mm."""
    name = "mc" if limb is Limb.HAND else "mt"
    middle = np.mean([skeleton.bones[f"{name}{digit}"].along(0.75) for digit in (2, 3, 4)], axis=0)
    column, row = detector.pixels(middle)
    axis = skeleton.bones[f"{name}3"].axis[:2]
    axis = (axis / max(float(np.hypot(*axis)), 1e-6)).astype(np.float32)
    x = (np.arange(detector.width, dtype=np.float32) - np.float32(column))[None, :]
    y = (np.float32(row) - np.arange(detector.height, dtype=np.float32))[:, None]
    return np.asarray((x * axis[0] + y * axis[1]) * np.float32(detector.pixel_mm))


def _wavy(shape: tuple[int, ...], rng: np.random.Generator) -> FloatImage:
    """A smooth random field of unit SD with some ten waves to the film."""
    coarse = rng.standard_normal((12, 9), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _layers(shape: tuple[int, ...], pixel_mm: float, rng: np.random.Generator) -> FloatImage:
    """Turns of bandage: a factor about 1 with oblique strips, creases and grain."""
    rows, columns = shape
    angle, width = rng.uniform(-0.5, 0.5), rng.uniform(18, 45)
    down, across = np.arange(rows, dtype=np.float32)[:, None], np.arange(columns, dtype=np.float32)[None, :]
    strips = rng.normal(0, 0.1, 64)
    factor = 1 + strips[((down + angle * across) * (pixel_mm / width)).astype(np.int32) % 64]
    for scale_mm, strength in ((2.0, 0.07), (7.0, 0.1)):
        coarse = rng.standard_normal((int(rows * pixel_mm / scale_mm) + 2, int(columns * pixel_mm / scale_mm) + 2))
        factor += strength * cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(factor, 0.3, 2), dtype=np.float32)
