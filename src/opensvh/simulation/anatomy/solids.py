"""Irregular bones put together from rounded solids: blocks, drums and cones, joined with soft edges.

A table of `Solid`s is a bone; `solid_bone` turns it into the distance volume that `projection` draws. Which solids make
which bone is anatomy and lives with the limb (`tarsus`, `metatarsal`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from opensvh.simulation.anatomy.bones import CORTEX_STEPS, MARGIN_MM, BoneShape
from opensvh.simulation.anatomy.distance_fields import Field, evened, grid, smooth_min
from opensvh.simulation.anatomy.skeleton import turn

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Solid:
    """A rounded solid in local mm: `centre`, half axes, and a turn in degrees about (x, y, z).

    A `block` is a superellipsoid (`power` 2 an ellipsoid, 6 nearly a box); a `drum` is a cylinder about its x axis
    whose round section is y and z. `taper` is the part by which its width and depth shrink from the middle to its
    distal (y) end, and grow to the other.
    """

    centre: Triple
    half_axes: Triple
    turned: Triple = (0.0, 0.0, 0.0)
    power: float = 3.0
    kind: Literal["block", "drum"] = "block"
    taper: float = 0.0


@dataclass(frozen=True)
class SolidBone:
    """A bone as a union of solids, their edges blended over `blend_mm`; length and width for whoever asks its size."""

    solids: tuple[Solid, ...]
    length_mm: float
    width_mm: float
    blend_mm: float = 2.0
    cortex_mm: float = 0.7
    trabeculae: tuple[float, float] = field(default=(0.27, 0.24))


def solid_bone(bone: SolidBone) -> BoneShape:
    """The distance volume of a bone made of solids."""
    low = np.min([_corner(solid, -1.0) for solid in bone.solids], axis=0) - MARGIN_MM
    high = np.max([_corner(solid, 1.0) for solid in bone.solids], axis=0) + MARGIN_MM
    x, y, z, origin = grid(low, high)
    distance = united([distance_to(solid, x, y, z) for solid in bone.solids], bone.blend_mm)
    shell = np.full(CORTEX_STEPS, bone.cortex_mm, np.float32)
    return BoneShape(evened(distance), origin, bone.length_mm, bone.width_mm, shell, *bone.trabeculae)


def united(parts: Sequence[Field], blend_mm: float) -> Field:
    """Distance to the union of parts, with the inner edges filled over about `blend_mm`."""
    distance = parts[0]
    for part in parts[1:]:
        distance = smooth_min(distance, part, blend_mm)
    return distance


def _corner(solid: Solid, sign: float) -> Field:
    """A corner of a box that holds the solid, whatever its turn."""
    turned = turn(x=solid.turned[0], y=solid.turned[1], z=solid.turned[2])
    reach = np.abs(turned) @ (np.array(solid.half_axes) * (1 + abs(solid.taper) * np.array([1.0, 0.0, 1.0])))
    return np.asarray(np.array(solid.centre) + sign * reach)


def distance_to(solid: Solid, x: Field, y: Field, z: Field) -> Field:
    """Distance along the line to the solid's middle; exact on the surface."""
    turned = turn(x=solid.turned[0], y=solid.turned[1], z=solid.turned[2])
    offset = (x - solid.centre[0], y - solid.centre[1], z - solid.centre[2])
    u, v, w = (sum(turned[row, axis] * offset[row] for row in range(3)) for axis in range(3))
    a, b, c = solid.half_axes
    wide = 1 - solid.taper * np.clip(v / b, -1.0, 1.0)
    u, w = u / wide, w / wide
    radius = np.sqrt(u**2 + v**2 + w**2)
    p = solid.power
    if solid.kind == "drum":
        level = (np.abs(u / a) ** p + np.hypot(v / b, w / c) ** p) ** (1 / p)
    else:
        level = (np.abs(u / a) ** p + np.abs(v / b) ** p + np.abs(w / c) ** p) ** (1 / p)
    return np.asarray(np.maximum(radius - radius / np.maximum(level, 0.05), -min(a, b, c)))
