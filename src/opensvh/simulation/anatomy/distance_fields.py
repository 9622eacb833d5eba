"""Arithmetic of distance volumes: the voxels, smooth unions and cuts, levels turned into distances.

A level is negative inside and zero on the surface, but may be steeper than a distance; shapes are made of them in
`bones`, `solids`, `carpals`, `forearm` and `metatarsal`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]

VOXEL_MM = 0.4
STEEPEST = 2.5


def grid(low: Sequence[float], high: Sequence[float]) -> tuple[Field, Field, Field, tuple[float, float, float]]:
    """Sparse coordinates of a volume's voxels between two corners in mm, and its first voxel."""
    axes = [np.arange(a, b + VOXEL_MM, VOXEL_MM) for a, b in zip(low, high, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij", sparse=True)
    return x, y, z, (float(low[0]), float(low[1]), float(low[2]))


def tube_side(x: Field, z: Field, across: Field | float, deep: Field | float, power: float) -> Field:
    """Distance to the side of a superelliptic tube along the line from its axis; exact on the surface."""
    level = (np.abs(x / across) ** power + np.abs(z / deep) ** power) ** (1 / power)
    radius = np.sqrt(x**2 + z**2)
    return np.asarray(np.maximum(radius - radius / np.maximum(level, 0.05), -np.minimum(across, deep)))


def smooth_max(a: Field, b: Field, width_mm: float) -> Field:
    """What two solids have in common, its edge rounded over about `width_mm`."""
    blend = np.clip(1 - np.abs(a - b) / (2 * width_mm), 0, None)
    return np.asarray(np.maximum(a, b) + width_mm / 2 * blend**2)


def smooth_min(a: Field, b: Field, width_mm: float) -> Field:
    """The union of two solids, the inner edge filled over about `width_mm`."""
    return -smooth_max(-a, -b, width_mm)


def evened(level: Field) -> NDArray[np.float32]:
    """Level with its slope brought to 1 outside, where neighbours are cut back by it.

    Raw levels run too steep on oblique sides, and a joint space cut by one would be too narrow.
    """
    return np.asarray(np.where(level > 0, level / steepness(level, 1.0), level), dtype=np.float32)


def steepness(level: Field, least: float) -> NDArray[np.float32]:
    """Slope of a level, between `least` and `STEEPEST`."""
    slopes = np.gradient(level.astype(np.float32), VOXEL_MM)
    return np.asarray(np.clip(np.sqrt(sum(slope**2 for slope in slopes)), least, STEEPEST))
