"""Bones as signed distance volumes built from a few measures: tubular, irregular (carpal, tarsal) and forearm or leg.

A volume holds the distance to the bone's surface in mm, negative inside. Local axes: x towards the radial (medial)
side, y from the base to the head, z towards the palm (sole). Where a bone meets a neighbour its volume reaches
`overlap_mm` too far on purpose: the projection cuts it back along the neighbour's surface, so that joint surfaces are
congruent and a gap is what was asked for. Posing them is `skeleton`'s work.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Volume = NDArray[np.float32]

VOXEL_MM = 0.4
MARGIN_MM = 3.2
CORTEX_STEPS = 64


@dataclass(frozen=True)
class BoneShape:
    """One bone at its reference size.

    `distance` [x, y, z] in mm with its first voxel at `origin`; `cortex_mm` over
    `CORTEX_STEPS` steps of the length, and as many of `spongy`, the share of cortical density inside; where that is
    None it goes from `trabecular_end` to `trabecular_middle`; an `endless` bone goes on beyond
    its base with the cross-section it has there (forearm, leg). `waist` is the width over its mean at each mm from the
    base on, which the struts of a long bone follow; None for an irregular bone, whose struts form a round net.
    """

    distance: Volume = field(repr=False)
    origin: tuple[float, float, float]
    length_mm: float
    width_mm: float
    cortex_mm: NDArray[np.float32] = field(repr=False)
    trabecular_end: float = 0.28
    trabecular_middle: float = 0.03
    endless: bool = False
    waist: NDArray[np.float32] | None = field(default=None, repr=False)
    spongy: NDArray[np.float32] | None = field(default=None, repr=False)

    @property
    def density(self) -> NDArray[np.float32]:
        """Share of cortical density inside, over `CORTEX_STEPS` steps of the length."""
        if self.spongy is not None:
            return self.spongy
        along = np.linspace(0, 1, CORTEX_STEPS, dtype=np.float32)
        end = (along if self.endless else 2 * along - 1) ** 2
        return np.asarray(self.trabecular_middle + (self.trabecular_end - self.trabecular_middle) * end, np.float32)

    def distance_at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance in mm at local points [n, 3]: the nearest voxel's, and at least `MARGIN_MM` outside the volume."""
        index = np.rint((points - np.asarray(self.origin)) / VOXEL_MM).astype(int)
        if self.endless:
            index[:, 1] = np.maximum(index[:, 1], 0)
        inside = np.all((index >= 0) & (index < self.distance.shape), axis=1)
        distance = np.full(len(points), MARGIN_MM)
        distance[inside] = self.distance[tuple(index[inside].T)]
        return distance


@dataclass(frozen=True)
class Tube:
    """Measures of a tubular bone in mm: length, then width (x) and depth (z) of base, shaft and head.

    `head` is `ball` (metacarpal, metatarsal), `condyles` (phalanx) or `tuft` (distal phalanx); `base_slope` tilts the
    base plane (mm per mm across), which lies `overlap_mm` below y = 0; `base_reach` and `head_reach` say how far, in
    shares of the length, the flares go.
    """

    length: float
    width: tuple[float, float, float]
    depth: tuple[float, float, float]
    head: str
    cortex: float
    overlap_mm: float = 1.6
    base_slope: float = 0.0
    base_reach: float = 0.28
    head_reach: float = 0.22
    bow: float = 0.02


def tubular(tube: Tube) -> BoneShape:
    """Volume of a finger's, toe's, metacarpal or metatarsal bone."""
    half = (max(tube.width) / 2 + MARGIN_MM, max(tube.depth) / 2 + MARGIN_MM)
    lowest = -tube.overlap_mm - 1.6 - abs(tube.base_slope) * max(tube.width) / 2
    x, y, z, origin = _grid((-half[0], lowest, -half[1]), (half[0], tube.length + MARGIN_MM, half[1]))
    along = np.clip(y / tube.length, -0.1, 1.1)
    near_base = np.exp(-((np.clip(along, 0, None) / tube.base_reach) ** 2))
    near_head = np.exp(-((np.clip(1 - along, 0, None) / tube.head_reach) ** 2))
    across = _flared(tube.width, near_base, near_head)
    deep = _flared(tube.depth, near_base, near_head)
    arch = tube.bow * tube.length * 4 * along * (1 - along)
    side = _superellipse(x, np.where(z + arch > 0, 1.15, 0.95) * (z + arch), across, deep, power=2.3)
    base = -tube.overlap_mm + tube.base_slope * x - y
    distance = _smooth_max(_smooth_max(side, base, 0.5), y - _head_surface(tube, x, z), 0.7)
    if tube.head == "ball":
        distance = _with_tubercles(distance, tube, x, y, z)
    middle = tube.cortex * tube.width[1]
    shell = _cortex(base=0.55, head=0.35, middle=middle)
    inside = _spongy(tube.length)
    return BoneShape(_evened(distance), origin, tube.length, tube.width[2], shell, waist=_waist(tube), spongy=inside)


def irregular(half_axes: Sequence[float], power: float = 2.6, inflation: float = 1.0) -> BoneShape:
    """Volume of a carpal or tarsal: a rounded block around the origin, larger than the bone by `inflation`.

    Neighbours cut it down to its facets, so what is seen of it is decided by `skeleton.Contact`.
    """
    a, b, c = (float(axis) * inflation for axis in half_axes)
    reach = [axis + MARGIN_MM for axis in (a, b, c)]
    x, y, z, origin = _grid([-r for r in reach], reach)
    level = (np.abs(x / a) ** power + np.abs(y / b) ** power + np.abs(z / c) ** power) ** (1 / power)
    radius = np.sqrt(x**2 + y**2 + z**2)
    distance = np.maximum(radius - radius / np.maximum(level, 0.05), -min(a, b, c))
    shell = np.full(CORTEX_STEPS, 0.45, np.float32)
    return BoneShape(_evened(distance), origin, 2 * b, 2 * a, shell, 0.25, 0.25)


def radius_bone() -> BoneShape:
    """The distal radius, its joint surface near y = `length_mm`, sloping down to the ulnar side, with styloid."""
    length = 70.0
    x, y, z, origin = _grid((-21, 0, -14), (22, length + 9, 14))
    below = length - y
    flare = 1 / (1 + np.exp((below - 21) / 5.5))
    left, right = -6.0 - 8.6 * flare, 6.0 + 8.2 * flare
    side = _superellipse(x - (left + right) / 2, z, (right - left) / 2, 5.6 + 4.6 * flare, power=2.5)
    surface = length - 5.5 + 0.36 * x + 0.012 * x**2 + 3.0
    styloid = _capsule(x, y, z, (12.6, length - 7.5, 0.0), (13.6, length + 1.5, 0.0), 3.6)
    distance = _smooth_min(_smooth_max(side, (y - surface) * 0.93, 0.8), styloid, 1.0)
    return BoneShape(
        _evened(distance), origin, length, 30.0, _shaft_cortex(2.3), endless=True, spongy=_shaft_spongy(length)
    )


def ulna_bone() -> BoneShape:
    """The distal ulna: head near y = `length_mm`, styloid on the ulnar side."""
    length = 70.0
    x, y, z, origin = _grid((-13, 0, -12), (13, length + 9, 12))
    below = length - y
    half = 5.4 + 2.9 / (1 + np.exp((below - 10) / 3.0)) - 0.6 * np.exp(-(((below - 16) / 6) ** 2))
    head = _smooth_max(_superellipse(x, z, half, half * 0.95, power=2.0), y - (length - 0.02 * (x - 1) ** 2), 0.9)
    styloid = _capsule(x, y, z, (-5.6, length - 4, -1), (-6.4, length + 2.6, -1), 2.1)
    distance = _smooth_min(head, styloid, 0.8)
    return BoneShape(
        _evened(distance), origin, length, 16.0, _shaft_cortex(1.9), endless=True, spongy=_shaft_spongy(length)
    )


def leg_bone(half_width: float, half_end: float, malleolus_mm: float) -> BoneShape:
    """The distal tibia or fibula, its lower end near y = `length_mm`; the malleolus reaches on by `malleolus_mm`."""
    length = 60.0
    reach = half_end + 6
    x, y, z, origin = _grid((-reach, 0, -reach), (reach, length + abs(malleolus_mm) + 5, reach))
    half = half_width + (half_end - half_width) / (1 + np.exp((length - y - 20) / 6))
    shaft = _smooth_max(_superellipse(x, z, half, half * 0.9, power=2.4), y - length, 1.0)
    if malleolus_mm:
        tip = (0.7 * half_end, length + malleolus_mm - 5.0, 0.0)
        shaft = _smooth_min(shaft, _capsule(x, y, z, (0.7 * half_end, length - 8, 0.0), tip, 5.0), 1.5)
    return BoneShape(
        _evened(shaft), origin, length, 2 * half_end, _shaft_cortex(3.0), endless=True, spongy=_shaft_spongy(length)
    )


def sesamoid(half_axes: Sequence[float]) -> BoneShape:
    """A small bone under a joint, cut by nothing."""
    return irregular(half_axes, power=2.0)


def _grid(
    low: Sequence[float], high: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], tuple[float, float, float]]:
    axes = [np.arange(a, b + VOXEL_MM, VOXEL_MM) for a, b in zip(low, high, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij", sparse=True)
    return x, y, z, (float(low[0]), float(low[1]), float(low[2]))


def _flared(
    measures: tuple[float, float, float], near_base: NDArray[np.float64], near_head: NDArray[np.float64]
) -> NDArray[np.float64]:
    base, shaft, head = measures
    return (shaft + (base - shaft) * near_base + (head - shaft) * near_head) / 2


def _superellipse(
    x: NDArray[np.float64],
    z: NDArray[np.float64],
    across: NDArray[np.float64] | float,
    deep: NDArray[np.float64] | float,
    power: float,
) -> NDArray[np.float64]:
    """Distance to the side of a tube along the line from its axis; exact on the surface."""
    level = (np.abs(x / across) ** power + np.abs(z / deep) ** power) ** (1 / power)
    radius = np.sqrt(x**2 + z**2)
    return np.asarray(np.maximum(radius - radius / np.maximum(level, 0.05), -np.minimum(across, deep)))


def _head_surface(tube: Tube, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height y of the joint surface of the head over (x, z)."""
    u, v = 2 * x / tube.width[2], 2 * z / tube.depth[2]
    if tube.head == "ball":
        cap = 0.4 * tube.width[2]
        return np.asarray(tube.length - cap * (1 - np.sqrt(np.clip(1 - 0.9 * np.abs(u) ** 2.4 - 0.62 * v**2, 0.02, 1))))
    if tube.head == "condyles":
        groove = 0.75 * np.exp(-((u / 0.36) ** 2))
        return np.asarray(tube.length - groove - tube.width[2] * (0.11 * u**4 + 0.13 * v**2))
    return np.asarray(tube.length - 0.34 * tube.width[2] * np.abs(u) ** 2.5 - 0.2 * tube.depth[2] * v**2)


def _with_tubercles(
    distance: NDArray[np.float64], tube: Tube, x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float64]:
    for side in (-1, 1):
        centre = (side * (tube.width[2] / 2 - 1.1), tube.length - 0.52 * tube.width[2], -0.12 * tube.depth[2])
        bump = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2) - 1.8
        distance = _smooth_min(distance, bump, 0.7)
    return distance


def _capsule(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    z: NDArray[np.float64],
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    radius: float,
) -> NDArray[np.float64]:
    axis = np.subtract(end, start)
    offsets = (x - start[0], y - start[1], z - start[2])
    along = sum(o * a for o, a in zip(offsets, axis, strict=True)) / float(axis @ axis)
    along = np.clip(along, 0, 1)
    squared = sum((o - along * a) ** 2 for o, a in zip(offsets, axis, strict=True))
    return np.asarray(np.sqrt(squared) - radius)


def _evened(level: NDArray[np.float64]) -> Volume:
    """Distance to the zero surface of `level`; outside, where neighbours are cut back by it, level over its slope.

    Raw levels run too steep on oblique sides, and a joint space cut by one would be too narrow.
    """
    slopes = np.gradient(level.astype(np.float32), VOXEL_MM)
    steepness = np.clip(np.sqrt(sum(slope**2 for slope in slopes)), 1.0, 2.5)
    return np.asarray(np.where(level > 0, level / steepness, level), dtype=np.float32)


def _smooth_max(a: NDArray[np.float64], b: NDArray[np.float64], width_mm: float) -> NDArray[np.float64]:
    """Maximum with a rounded edge of about `width_mm`."""
    blend = np.clip(1 - np.abs(a - b) / (2 * width_mm), 0, None)
    return np.asarray(np.maximum(a, b) + width_mm / 2 * blend**2)


def _smooth_min(a: NDArray[np.float64], b: NDArray[np.float64], width_mm: float) -> NDArray[np.float64]:
    return -_smooth_max(-a, -b, width_mm)


def _cortex(base: float, head: float, middle: float) -> NDArray[np.float32]:
    """Thin near the joints, thick at mid-shaft; the plate under a concave base is denser than a head's."""
    along = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS
    plate = (base - head) * np.exp(-((along / 0.04) ** 2))
    return np.asarray(head + plate + (middle - head) * np.exp(-(np.abs((along - 0.5) / 0.27) ** 3)), dtype=np.float32)


def _spongy(length_mm: float) -> NDArray[np.float32]:
    """Trabecular bone along a tube: densest under the base's plate, dense in the head, hardly any at mid-shaft."""
    y = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS * length_mm
    ends = 0.2 * (2 * y / length_mm - 1) ** 2
    plate, head = 0.28 * np.exp(-((y / 2.2) ** 2)), 0.13 * np.exp(-(((length_mm - y) / 6) ** 2))
    return np.asarray(0.05 + ends + plate + head, dtype=np.float32)


def _waist(tube: Tube) -> NDArray[np.float32]:
    along = np.arange(0.0, tube.length + 1) / tube.length
    near_base, near_head = np.exp(-((along / tube.base_reach) ** 2)), np.exp(-(((1 - along) / tube.head_reach) ** 2))
    width = _flared(tube.width, near_base, near_head)
    return np.asarray(width / width.mean(), np.float32)


def _shaft_cortex(thickness: float) -> NDArray[np.float32]:
    along = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS
    return np.asarray(0.6 + (thickness - 0.6) / (1 + np.exp((along - 0.72) / 0.05)), dtype=np.float32)


def _shaft_spongy(length_mm: float) -> NDArray[np.float32]:
    """Trabecular bone of a forearm or leg bone, towards its joint; densest under the joint's plate."""
    above = length_mm * (1 - (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS)
    return np.asarray(0.03 + 0.2 * np.exp(-((above / 22) ** 2)) + 0.15 * np.exp(-((above / 5) ** 2)), dtype=np.float32)
