"""Bones placed in space, where they meet, and the joints' centres: what a pose is made of.

World axes in mm: x to the right of a canonical picture (thumb or hallux side), y up (distal), z towards the detector
(palm or sole). `hand` and `foot` build a `Skeleton`; `projection` draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import BoneShape

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Lesion:
    """A place in or on a bone: an ellipsoid of local `centre` and `radii`, in mm of the reference size.

    `rim_mm` is the thickness of a dense margin around a defect (a cyst, an old erosion); 0 leaves it bare.
    """

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    rim_mm: float = 0.0


@dataclass(frozen=True)
class GrowthPlate:
    """The gap between shaft and epiphysis of a growing bone: local `y_mm` of its middle, width and arch in mm."""

    y_mm: float
    width_mm: float
    arch_mm: float = 0.6


@dataclass(frozen=True)
class PosedBone:
    """A shape, scaled along its axes, turned and moved: world = rotation @ (scale * local) + position.

    `erosions` take bone away; `bridges` take the cortex away, so that trabeculae run on into a fused neighbour;
    `growths` add bone (osteophytes, callus); `dense` places are sclerotic. `end_density` is the part of the trabecular
    bone left near the ends (periarticular osteopenia), `solid` replaces bone by metal of that many times its density.
    """

    shape: BoneShape
    rotation: NDArray[np.float64]
    position: Vector
    scale: Vector = field(default_factory=lambda: np.ones(3))
    erosions: tuple[Lesion, ...] = ()
    bridges: tuple[Lesion, ...] = ()
    growths: tuple[Lesion, ...] = ()
    dense: tuple[Lesion, ...] = ()
    growth_plate: GrowthPlate | None = None
    end_density: float = 1.0
    solid: float = 0.0

    def world(self, local: Vector | tuple[float, float, float]) -> Vector:
        """A local point (mm of the reference size) in the world."""
        return np.asarray(self.rotation @ (self.scale * np.asarray(local, float)) + self.position)

    def local(self, world: Vector) -> Vector:
        """A world point, or points [n, 3], in local mm of the reference size."""
        return np.asarray((np.asarray(world) - self.position) @ self.rotation / self.scale)

    def distance_at(self, world: Vector) -> NDArray[np.float64]:
        """Signed distance to the uncut surface at world points [n, 3], in mm."""
        return self.shape.distance_at(self.local(np.atleast_2d(world))) * float(self.scale.mean())

    @property
    def axis(self) -> Vector:
        """Unit vector from base to head."""
        return np.asarray(self.rotation[:, 1])

    @property
    def length(self) -> float:
        return float(self.shape.length_mm * self.scale[1])

    def along(self, share: float) -> Vector:
        """A point on a tubular bone's axis, at a share of its length from the base."""
        return self.world((0.0, share * self.shape.length_mm, 0.0))

    @property
    def centre(self) -> Vector:
        """The local origin: the middle of an irregular bone."""
        return self.position


@dataclass(frozen=True)
class Contact:
    """Where `bone` is cut back so that it keeps `gap_mm` from `neighbour`.

    `shared` cuts half way between the two (both bones need a contact); otherwise the bone follows the neighbour's
    surface. Across the line `through` (world; None is the beam, or the bone's own depth where not shared) surfaces are
    flattened: `flatten` is the share of their true depth that they keep, 0 being a slit that is open along `through`.
    What lies at `depth_mm` stays where it is: a depth in the world where shared, else along the bone's own depth from
    its origin. A joint tilted against the beam shows overlapping margins instead of a clear space. Both contacts of a
    shared pair must have the same `flatten`, `depth_mm` and `through`. `wedge` is how much the gap grows, in mm per mm
    along the bone's own x; the gap never falls below that of a fused joint.
    """

    bone: str
    neighbour: str
    gap_mm: float
    shared: bool = False
    flatten: float = 0.3
    depth_mm: float = 0.0
    through: tuple[float, float, float] | None = None
    wedge: float = 0.0


@dataclass(frozen=True)
class Skeleton:
    """A posed limb: bones and contacts by name, joint centres in the world, and the gap of each narrowing site."""

    bones: Mapping[str, PosedBone]
    contacts: tuple[Contact, ...]
    points: Mapping[str, Vector]
    gaps_mm: Mapping[str, float]

    def turned(self, rotation: NDArray[np.float64]) -> "Skeleton":
        """The whole limb turned about the world's origin."""
        bones = {
            name: replace(bone, rotation=rotation @ bone.rotation, position=rotation @ bone.position)
            for name, bone in self.bones.items()
        }
        contacts = tuple(
            each if each.through is None else replace(each, through=tuple(rotation @ np.asarray(each.through)))
            for each in self.contacts
        )
        return replace(
            self, bones=bones, contacts=contacts, points={name: rotation @ point for name, point in self.points.items()}
        )


def turn(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> NDArray[np.float64]:
    """Rotation matrix for angles in degrees: about z (clockwise on the picture is negative), then x, then y."""
    a, b, c = np.deg2rad([x, y, z])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def surface_along(bone: PosedBone, start: Vector, direction: Vector, reach_mm: float = 30.0) -> Vector:
    """The last point inside the bone on the way from `start` along the unit vector `direction`."""
    steps = np.arange(0, reach_mm, 0.1)
    distance = bone.distance_at(start + steps[:, None] * direction)
    inside = np.flatnonzero(distance < 0)
    if len(inside) == 0:
        return start
    last = inside[-1]
    nudge = -distance[last] / max(distance[min(last + 1, len(steps) - 1)] - distance[last], 1e-6) * 0.1
    return np.asarray(start + (steps[last] + np.clip(nudge, 0, 0.1)) * direction)


def between(first: PosedBone, second: PosedBone, start: Vector, end: Vector) -> Vector:
    """The point of the line from `start` to `end` as far from one bone as from the other."""
    line = start + np.linspace(0, 1, 201)[:, None] * (end - start)
    gap = np.abs(first.distance_at(line) - second.distance_at(line))
    return np.asarray(line[int(gap.argmin())])
