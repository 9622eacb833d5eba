"""Where two bones of a posed limb face each other, and where of that the space between them is seen end on.

The bones as they are cut back by each other and by their other neighbours, in space; drawing them is `projection`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.skeleton import Contact, PosedBone, Skeleton, Vector

REACH_MM, STEP_MM = 11.0, 0.75
"""Half the side of the cube searched around the joint's point, and how finely."""
BESIDE_MM = 0.45
"""How near the middle of the space a place counts as lying in it."""
END_ON = 0.35
"""Largest part of the surface's normal along the beam where a space is seen end on: 20 degrees."""
LEAST_HALF_MM = 0.8
"""A facet is taken to reach at least so far to either side of its middle."""


@dataclass(frozen=True)
class EndOn:
    """Where a space is seen end on: its middle in the world, the unit vector on the picture across the space, from the
    first bone to the second, and how far in mm it reaches along the space to either side of the middle."""

    middle: Vector
    across: Vector
    half_mm: float


def seen_end_on(skeleton: Skeleton, bones: tuple[str, str], near: Vector, gap_mm: float) -> EndOn:
    """Where the surfaces of the space between two bones run along the beam, near a point."""
    contact = next(each for each in skeleton.contacts if {each.bone, each.neighbour} == set(bones))
    bulging = skeleton.bones[contact.neighbour]
    places = near + _cube()
    places = places[np.abs(bulging.distance_at(places) - gap_mm / 2) < BESIDE_MM]
    places = places[_cut_distance(skeleton, contact.bone, places) < gap_mm / 2 + BESIDE_MM]
    normals = _normals(bulging, places) * (1.0 if contact.neighbour == bones[0] else -1.0)
    end_on = np.abs(normals[:, 2]) < END_ON
    chosen = end_on if end_on.any() else np.ones(len(places), bool)
    across = normals[chosen].mean(axis=0) * (1.0, 1.0, 0.0)
    across /= np.linalg.norm(across)
    middle = places[chosen].mean(axis=0)
    low, high = np.quantile((places[chosen] - middle) @ (across[1], -across[0], 0.0), (0.05, 0.95))
    return EndOn(middle, across, max(float(min(-low, high)), LEAST_HALF_MM))


def cut_about_outline(contact: Contact, bones: Mapping[str, PosedBone]) -> Contact:
    """The contact flattened about the depth at which the neighbour's outline faces the bone: the one place where lips
    and lean leave the space as wide on the film as it was cut."""
    bone, neighbour = bones[contact.bone], bones[contact.neighbour]
    towards = (bone.centre - neighbour.centre) * (1.0, 1.0, 0.0)
    towards /= np.linalg.norm(towards)
    depths, steps = np.arange(-4.5, 4.6, 0.5), np.arange(0.0, 16.0, 0.2)
    places = neighbour.centre + steps[None, :, None] * towards + depths[:, None, None] * (0.0, 0.0, 1.0)
    inside = neighbour.distance_at(places.reshape(-1, 3)).reshape(len(depths), -1) < 0
    reach = np.where(inside, steps, 0.0).max(axis=1)
    middle = float(depths[reach > reach.max() - 0.25].mean())
    outermost = neighbour.centre + reach.max() * towards + np.array([0.0, 0.0, middle])
    return replace(contact, depth_mm=float((outermost - bone.position) @ bone.rotation[:, 2]))


def _cube() -> NDArray[np.float64]:
    steps = np.arange(-REACH_MM, REACH_MM + STEP_MM, STEP_MM)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)


def _cut_distance(skeleton: Skeleton, name: str, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance to a bone's surface as its neighbours leave it; contacts that are shared do not occur in the wrist."""
    bone = skeleton.bones[name]
    distance = bone.distance_at(places)
    for contact in skeleton.contacts:
        if contact.bone == name and contact.neighbour in skeleton.bones:
            neighbour = skeleton.bones[contact.neighbour]
            distance = np.maximum(distance, contact.gap_mm - neighbour.distance_at(_flattened(contact, bone, places)))
    return distance


def _flattened(contact: Contact, bone: PosedBone, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the neighbour's surface is looked up for a place, as `Contact` says."""
    depth = bone.rotation[:, 2]
    through = depth if contact.through is None else np.asarray(contact.through)
    beyond = (places - bone.position) @ depth - contact.depth_mm
    return np.asarray(places - (1 - contact.flatten) * np.outer(beyond, through / (through @ depth)))


def _normals(bone: PosedBone, places: NDArray[np.float64], step_mm: float = 0.5) -> NDArray[np.float64]:
    """Unit vectors away from a bone's surface, [n, 3]."""
    steps = step_mm * np.eye(3)
    slopes = np.stack([bone.distance_at(places + step) - bone.distance_at(places - step) for step in steps], axis=1)
    return np.asarray(slopes / np.maximum(np.linalg.norm(slopes, axis=1, keepdims=True), 1e-9))
