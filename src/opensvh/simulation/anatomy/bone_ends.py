"""Where a posed bone's surface lies on the picture: the ends and outlines that lesions and growths are placed on.

Bones reach too far into their neighbours and are cut back when drawn (`skeleton.Contact`); what is placed here lies on
the surface that is left. What is put there is decided in `erosions` and `mimics`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import MARGIN_MM
from opensvh.simulation.anatomy.skeleton import Contact, PosedBone, Skeleton, Vector

End = Literal["head", "base", "whole"]

BEAM = np.array([0.0, 0.0, 1.0])
REACH_MM = 50.0
STEP_MM = 0.2
DEEP_IN_FOREARM_MM = {"radius": 8.0, "ulna": 5.0}
"""How far below its end a forearm bone's `head` is looked at from."""


@dataclass(frozen=True)
class Spot:
    """A place on a bone's surface: a world point in mm and the unit vector into the bone."""

    point: Vector
    inward: Vector


@dataclass(frozen=True)
class BoneEnd:
    """One end of a bone, or a whole irregular bone, as the picture shows it.

    `anchor` is a world point inside; `outward` the unit direction on the picture that 0 degrees means (to the joint;
    distal for a whole bone), `aside` the one of +90 degrees (towards thumb or hallux). `width_mm` is the bone's width
    on the picture at the anchor.
    """

    name: str
    anchor: Vector
    outward: Vector
    aside: Vector
    width_mm: float

    def direction(self, angle: float, lift: float = 0.0) -> Vector:
        """Unit vector at `angle` degrees on the picture, raised off it towards the detector by `lift` degrees."""
        a, b = np.deg2rad([angle, lift])
        flat = np.cos(a) * self.outward + np.sin(a) * self.aside
        return np.asarray(np.cos(b) * flat + np.sin(b) * BEAM)

    def spot(self, skeleton: Skeleton, angle: float, lift: float = 0.0) -> Spot:
        """Where a ray from the anchor leaves the bone."""
        way = self.direction(angle, lift)
        return Spot(self.anchor + _exit_mm(skeleton, self.name, self.anchor, way) * way, -way)


def bone_end(skeleton: Skeleton, name: str, end: End) -> BoneEnd:
    """The end of a bone that a site's changes lie on."""
    bone = skeleton.bones[name]
    if end == "whole":
        return _whole(skeleton, name)
    axis = _on_picture(bone.axis)
    outward, aside = (axis if end == "head" else -axis), np.array([axis[1], -axis[0], 0.0])
    anchor = _anchor(skeleton, name, end)
    width = sum(_exit_mm(skeleton, name, anchor, side * aside) for side in (-1, 1))
    return BoneEnd(name, anchor, outward, aside, width)


def chord(skeleton: Skeleton, name: str, place: Vector) -> tuple[float, float]:
    """Where the beam through a world point crosses a bone: the middle's depth z and half the way inside, in mm."""
    depths = place[2] + np.arange(-REACH_MM / 2, REACH_MM / 2, STEP_MM)
    line = np.column_stack([np.full(len(depths), place[0]), np.full(len(depths), place[1]), depths])
    inside = depths[cut_distance(skeleton, name, line) < 0]
    if len(inside) == 0:
        return float(place[2]), 1.0
    return float(inside.mean()), float(max(np.ptp(inside) / 2, 1.0))


def cut_distance(skeleton: Skeleton, name: str, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance in mm to a bone's surface as its neighbours have cut it, at world points [n, 3]."""
    bone = skeleton.bones[name]
    uncut = bone.distance_at(places)
    distance = uncut
    for contact in skeleton.contacts:
        if contact.bone == name and contact.neighbour in skeleton.bones:
            neighbour = skeleton.bones[contact.neighbour]
            far = neighbour.distance_at(_flattened(contact, bone, places))
            cut = (uncut - far + contact.gap_mm) / 2 if contact.shared else contact.gap_mm - far
            near = far < 0.99 * MARGIN_MM * float(neighbour.scale.mean())
            distance = np.where(near, np.maximum(distance, cut), distance)
    return distance


def _flattened(contact: Contact, bone: PosedBone, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places as the neighbour is asked about them: depth shrunk to the contact's `flatten` (see `Contact`)."""
    normal = np.asarray(contact.through) if contact.through else BEAM if contact.shared else bone.rotation[:, 2]
    about = np.array([0.0, 0.0, contact.depth_mm]) if contact.shared else bone.position
    depth = (places - about) @ normal
    return places - (1 - contact.flatten) * depth[:, None] * normal


def _whole(skeleton: Skeleton, name: str) -> BoneEnd:
    """An irregular bone seen from the middle of its outline in the plane of its centre."""
    bone = skeleton.bones[name]
    grid = np.arange(-18.0, 18.1, 0.8)
    offsets = np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2)
    places = bone.centre + np.column_stack([offsets, np.zeros(len(offsets))])
    inside = places[cut_distance(skeleton, name, places) < 0]
    middle = inside.mean(axis=0) if len(inside) else bone.centre
    width = 0.8 * float(np.sqrt(max(len(inside), 1)))
    return BoneEnd(name, middle, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), width)


def _anchor(skeleton: Skeleton, name: str, end: End) -> Vector:
    """The point inside an end from which its surface is looked for: on the axis, below the surface that is left."""
    bone = skeleton.bones[name]
    if name in DEEP_IN_FOREARM_MM:
        return bone.world((0.0, bone.shape.length_mm - DEEP_IN_FOREARM_MM[name], 0.0))
    way = bone.axis if end == "head" else -bone.axis
    middle = _within(skeleton, name, bone.along(0.5))
    surface = middle + _exit_mm(skeleton, name, middle, way) * way
    depth = bone.shape.width_mm * float(bone.scale[0]) * (0.5 if name.startswith(("mc", "mt")) else 0.4)
    return _within(skeleton, name, surface - min(depth, 0.35 * bone.length) * way)


def _within(skeleton: Skeleton, name: str, place: Vector) -> Vector:
    """The place, or, where a bowed shaft leaves its axis, the middle of the bone before or behind it."""
    if cut_distance(skeleton, name, place[None])[0] < 0:
        return np.asarray(place)
    return np.array([place[0], place[1], chord(skeleton, name, place)[0]])


def _exit_mm(skeleton: Skeleton, name: str, start: Vector, way: Vector) -> float:
    """How far from `start` along the unit vector `way` the bone is left for the first time; 0 if outside already."""
    steps = np.arange(0.0, REACH_MM, STEP_MM)
    outside = np.flatnonzero(cut_distance(skeleton, name, start + steps[:, None] * way) > 0)
    return float(steps[outside[0]]) if len(outside) else REACH_MM


def _on_picture(axis: Vector) -> Vector:
    """The unit vector of an axis on the picture; upwards where it points along the beam."""
    flat = np.array([axis[0], axis[1], 0.0])
    size = float(np.linalg.norm(flat))
    return flat / size if size > 0.05 else np.array([0.0, 1.0, 0.0])
