"""Bones as signed distance volumes built from a few measures: tubular or rounded.

A volume holds the distance to the bone's surface in mm, negative inside. Local axes: x towards the radial (medial)
side, y from the base to the head, z towards the palm (sole). Where a bone meets a neighbour its volume reaches
`overlap_mm` too far on purpose: the projection cuts it back along the neighbour's surface, so that joint surfaces are
congruent and a gap is what was asked for. Posing them is `skeleton`'s work.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.distance_fields import VOXEL_MM, evened, grid, smooth_max, smooth_min, tube_side
from opensvh.simulation.anatomy.knuckles import Knuckle, hollowed
from opensvh.simulation.anatomy.toe_bases import SoleSide, lobed

Volume = NDArray[np.float32]

MARGIN_MM = 3.2
CORTEX_STEPS = 64


@dataclass(frozen=True)
class BoneShape:
    """One bone at its reference size.

    `distance` [x, y, z] in mm with its first voxel at `origin`; `cortex_mm` over
    `CORTEX_STEPS` steps of the length, and as many of `spongy`, the share of cortical density inside; where that is
    None it goes from `trabecular_end` to `trabecular_middle`; an `endless` bone goes on beyond
    its base with the cross-section it has there (forearm, leg). `waist` is the width over its mean at each mm from the
    base on, which the struts of a long bone follow; None for an irregular bone, whose struts form a round net. Those of
    a `coarse` long bone are wider apart and run less along it.
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
    coarse: bool = False

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
class Substance:
    """What a tubular bone is made of: `plates_mm` is the cortex of base and head, `spongy` the share of bone that
    trabeculae add under the base's plate and in the head; `cortex_to_head` says how far from the middle thick cortex
    goes towards the head, in shares of the length, and how abruptly it ends (a power); `marrow` is the share of bone
    at mid-shaft; `coarse` struts form a wide net."""

    plates_mm: tuple[float, float] = (0.55, 0.35)
    spongy: tuple[float, float] = (0.28, 0.13)
    cortex_to_head: tuple[float, float] = (0.27, 3.0)
    marrow: float = 0.05
    coarse: bool = False


@dataclass(frozen=True)
class Tube:
    """Measures of a tubular bone in mm: length, then width (x) and depth (z) of base, shaft and head.

    `head` is `ball` (metacarpal, metatarsal), `condyles` (phalanx) or `tuft` (distal phalanx); `base_slope` tilts the
    base plane (mm per mm across), which lies `overlap_mm` below y = 0; `base_reach` and `head_reach` say how far, in
    shares of the length, the flares go. `knuckle` gives the head of a finger's bone its fossae
    and outline, `corner_mm` rounds the edge of the base; condyles fall off by `rolled` of their width to back and sole.
    `sole` shapes the base of a lesser toe's first phalanx.
    """

    length: float
    width: tuple[float, float, float]
    depth: tuple[float, float, float]
    head: str
    cortex: float
    overlap_mm: float = 2.5
    base_slope: float = 0.0
    base_reach: float = 0.28
    head_reach: float = 0.22
    bow: float = 0.02
    knuckle: Knuckle | None = None
    substance: Substance = Substance()
    corner_mm: float = 0.5
    rolled: float = 0.2
    sole: SoleSide | None = None


def tubular(tube: Tube) -> BoneShape:
    """Volume of a finger's, toe's, metacarpal or metatarsal bone."""
    half = (max(tube.width) / 2 + MARGIN_MM, max(tube.depth) / 2 + MARGIN_MM)
    lowest = -tube.overlap_mm - 1.6 - abs(tube.base_slope) * max(tube.width) / 2
    x, y, z, origin = grid((-half[0], lowest, -half[1]), (half[0], tube.length + MARGIN_MM, half[1]))
    along = np.clip(y / tube.length, -0.1, 1.1)
    near_base, near_head = _near_ends(tube, along)
    across = _flared(tube.width, near_base, _near_widest(tube, along))
    deep = _flared(tube.depth, near_base, near_head)
    arch = tube.bow * tube.length * 4 * along * (1 - along)
    if tube.sole is not None:
        size = (tube.width[0], tube.length)
        across, deep = tube.sole.half_measures((x, y, z + arch), (across, deep), size)
    side = tube_side(x, np.where(z + arch > 0, 1.15, 0.95) * (z + arch), across, deep, power=2.3)
    # Dorsal and palmar lips reach over the neighbour's head, the corners at the sides hardly.
    reach = tube.overlap_mm * (1 - 0.65 * np.clip(2 * x / tube.width[0], -1, 1) ** 2)
    if tube.sole is not None:
        reach = lobed(reach, tube.overlap_mm, 2 * x / tube.width[0], z)
    base = -reach + tube.base_slope * x - y
    distance = smooth_max(smooth_max(side, base, tube.corner_mm), y - _head_surface(tube, x, z), 0.7)
    if tube.head == "ball":
        distance = _with_tubercles(distance, tube, x, y, z)
    if tube.knuckle is not None:
        half = (tube.width[2] / 2, tube.depth[2] / 2)
        distance = hollowed(distance, tube.knuckle, half, (x, tube.length - y, z))
    shell = _cortex(tube)
    inside = _spongy(tube)
    return BoneShape(
        evened(distance),
        origin,
        tube.length,
        tube.width[2],
        shell,
        waist=_waist(tube),
        spongy=inside,
        coarse=tube.substance.coarse,
    )


def irregular(half_axes: Sequence[float], power: float = 2.6) -> BoneShape:
    """Volume of a rounded block around the origin; `power` 2 is an ellipsoid."""
    a, b, c = (float(axis) for axis in half_axes)
    reach = [axis + MARGIN_MM for axis in (a, b, c)]
    x, y, z, origin = grid([-r for r in reach], reach)
    level = (np.abs(x / a) ** power + np.abs(y / b) ** power + np.abs(z / c) ** power) ** (1 / power)
    radius = np.sqrt(x**2 + y**2 + z**2)
    distance = np.maximum(radius - radius / np.maximum(level, 0.05), -min(a, b, c))
    shell = np.full(CORTEX_STEPS, 0.45, np.float32)
    return BoneShape(evened(distance), origin, 2 * b, 2 * a, shell, 0.25, 0.25)


def sesamoid(half_axes: Sequence[float]) -> BoneShape:
    """A small bone under a joint, cut by nothing."""
    return irregular(half_axes, power=2.0)


def _near_ends(tube: Tube, along: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far a measure goes from the shaft's to the base's and to the head's, at shares of the length."""
    near_base = np.exp(-((np.clip(along, 0, None) / tube.base_reach) ** 2))
    return near_base, np.exp(-((np.clip(1 - along, 0, None) / tube.head_reach) ** 2))


def _near_widest(tube: Tube, along: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for the head's width, which is widest at its tubercles."""
    if tube.knuckle is None:
        return _near_ends(tube, along)[1]
    return tube.knuckle.near_head(np.clip(1 - along, 0, None) * tube.length)


def _flared(
    measures: tuple[float, float, float], near_base: NDArray[np.float64], near_head: NDArray[np.float64]
) -> NDArray[np.float64]:
    base, shaft, head = measures
    return (shaft + (base - shaft) * near_base + (head - shaft) * near_head) / 2


def _head_surface(tube: Tube, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height y of the joint surface of the head over (x, z)."""
    u, v = 2 * x / tube.width[2], 2 * z / tube.depth[2]
    if tube.head == "ball" and tube.knuckle is not None:
        return np.asarray(tube.length - 0.42 * tube.width[2] * dome(u, 0.95) - 0.46 * tube.depth[2] * dome(v, 0.9))
    if tube.head == "ball":
        across = 0.4 * tube.width[2] * (1 - np.sqrt(np.clip(1 - 0.9 * np.abs(u) ** 2.4, 0.02, 1)))
        deep = 0.46 * tube.depth[2] * (1 - np.sqrt(np.clip(1 - 0.9 * v**2, 0.02, 1)))
        return np.asarray(tube.length - across - deep)
    if tube.head == "condyles":
        groove = max(0.75, 0.085 * tube.width[2]) * np.exp(-((u / 0.36) ** 2))
        return np.asarray(tube.length - groove - tube.width[2] * (0.11 * u**4 + tube.rolled * v**2))
    return np.asarray(tube.length - 0.34 * tube.width[2] * np.abs(u) ** 2.5 - 0.2 * tube.depth[2] * v**2)


def dome(u: NDArray[np.float64], roundness: float, until: float = 0.88) -> NDArray[np.float64]:
    """How far a dome has sunk at a share of its half width; from `until` on it goes straight down its flank.

    A dome with an upright rim would have distances that leap there, and its neighbour's edge would be cut in a tooth.
    """
    inner = np.minimum(np.abs(u), until)
    root = np.sqrt(1 - roundness * inner**2)
    return np.asarray(1 - root + (np.abs(u) - inner) * roundness * until / np.sqrt(1 - roundness * until**2))


def _with_tubercles(
    distance: NDArray[np.float64], tube: Tube, x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float64]:
    sunk_mm, from_end, radius, blend = (1.1, 0.8, 1.8, 0.7) if tube.knuckle is None else (2.1, 0.7, 2.2, 1.8)
    for side in (-1, 1):
        centre = (side * (tube.width[2] / 2 - sunk_mm), tube.length - from_end * tube.width[2], -0.12 * tube.depth[2])
        bump = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2) - radius
        distance = smooth_min(distance, bump, blend)
    return distance


def _cortex(tube: Tube) -> NDArray[np.float32]:
    """Thin near the joints, thick at mid-shaft; the plate under a concave base is denser than a head's."""
    along = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS
    base, head = tube.substance.plates_mm
    plate = (base - head) * np.exp(-((along / 0.04) ** 2))
    reach, power = np.where(along[:, None] < 0.5, (0.27, 3.0), tube.substance.cortex_to_head).T
    middle = tube.cortex * tube.width[1] - head
    return np.asarray(head + plate + middle * np.exp(-(np.abs((along - 0.5) / reach) ** power)), dtype=np.float32)


def _spongy(tube: Tube) -> NDArray[np.float32]:
    """Trabecular bone along a tube: densest under the base's plate, dense in the head, little at mid-shaft."""
    y = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS * tube.length
    ends = 0.2 * (2 * y / tube.length - 1) ** 2
    under_plate, in_head = tube.substance.spongy
    plate, head = under_plate * np.exp(-((y / 2.2) ** 2)), in_head * np.exp(-(((tube.length - y) / 6) ** 2))
    marrow = 0.05 + (tube.substance.marrow - 0.05) * np.exp(-(((y / tube.length - 0.6) / 0.25) ** 4))
    return np.asarray(marrow + ends + plate + head, dtype=np.float32)


def _waist(tube: Tube) -> NDArray[np.float32]:
    along = np.arange(0.0, tube.length + 1) / tube.length
    width = _flared(tube.width, _near_ends(tube, along)[0], _near_widest(tube, along))
    return np.asarray(width / width.mean(), np.float32)
