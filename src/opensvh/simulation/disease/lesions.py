"""Shapes of bone loss: pocket, saucer, trough and collapse, each a few ellipsoids on a bone's surface.

Where they lie and how large they are is said by `erosions`; they are drawn by `projection`. Sizes in mm of the world.
"""

from collections.abc import Iterable

import numpy as np

from opensvh.simulation.anatomy.bone_ends import BEAM, BoneEnd, Spot, chord
from opensvh.simulation.anatomy.skeleton import Lesion, PosedBone, Skeleton, Vector

THROUGH = (0.6, 1.2)
"""Share of the bone along the beam that a large and a small lesion takes: small ones lie at a thin edge and pass
through it, large ones leave bone before and behind."""

RIM_SHARE = 0.14
"""Greatest rim in radii: a small lesion's rim would hide it."""


def pocket(
    skeleton: Skeleton, end: BoneEnd, spot: Spot, radius: float, rim_mm: float, rng: np.random.Generator
) -> tuple[Lesion, ...]:
    """Round, with a mouth narrower than itself, and a smaller lobe beside it: the erosion of a bare area."""
    centre = spot.point + rng.uniform(0.25, 0.6) * radius * spot.inward
    beside = float(rng.choice((-1.0, 1.0))) * np.cross(spot.inward, BEAM)
    lobe = centre + radius * (rng.uniform(0.6, 0.9) * beside + rng.uniform(-0.2, 0.4) * spot.inward)
    lobe_radius = radius * rng.uniform(0.45, 0.65)
    in_profile = abs(float(spot.inward @ BEAM)) < 0.4
    lesions: list[Lesion] = []
    for place, size in ((centre, radius), (lobe, lobe_radius)):
        if in_profile:
            lesions += _through(skeleton, end, place, place + 0.3 * size * spot.inward, size, rim_mm)
        else:
            lesions.append(_ball(skeleton.bones[end.name], place, np.full(3, size), rim_mm))
    return tuple(lesions)


def saucer(
    skeleton: Skeleton, end: BoneEnd, angle: float, length: float, rng: np.random.Generator
) -> tuple[Lesion, ...]:
    """A shallow loss along the cortex, `length` mm long and about a quarter of that deep."""
    radius = length / 3
    reach = max(float(np.linalg.norm(end.spot(skeleton, angle).point - end.anchor)), 3.0)
    spread = np.degrees((length / 2 - 0.6 * radius) / reach)
    lesions: list[Lesion] = []
    for share in (-1.0, 0.0, 1.0):
        spot = end.spot(skeleton, angle + share * spread)
        depth = length * rng.uniform(0.2, 0.3)
        centre = spot.point + (depth - radius) * spot.inward
        lesions += _through(skeleton, end, centre, spot.point + 0.6 * depth * spot.inward, radius, 0.0)
    return tuple(lesions)


def trough(
    skeleton: Skeleton, end: BoneEnd, angles: Iterable[float], radius: float, rng: np.random.Generator
) -> tuple[Lesion, ...]:
    """Bites side by side along the surface from one side over the middle, uneven in size and depth."""
    lesions: list[Lesion] = []
    for angle in angles:
        spot = end.spot(skeleton, angle)
        bite = radius * float(np.exp(rng.normal(0, 0.16)))
        centre = spot.point + rng.uniform(0.1, 0.55) * bite * spot.inward
        lesions += _through(skeleton, end, centre, centre + 0.2 * bite * spot.inward, bite, 0.0)
    return tuple(lesions)


def collapse(
    skeleton: Skeleton, end: BoneEnd, lost_mm: float, lean: float, rim_mm: float, rng: np.random.Generator
) -> tuple[Lesion, ...]:
    """An end taken off `lost_mm` deep, more on one side (`lean` degrees), down to an uneven stump."""
    bone = skeleton.bones[end.name]
    across = np.cross(BEAM, end.direction(lean))
    tip = end.spot(skeleton, lean)
    radius, half_depth = 0.30 * end.width_mm, 0.75 * end.width_mm
    radii = np.maximum(radius, half_depth * np.abs(bone.rotation.T @ BEAM))
    lesions: list[Lesion] = []
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        depth = lost_mm * float(np.exp(rng.normal(0, 0.14)))
        centre = tip.point + share * 0.44 * end.width_mm * across + (depth - radius) * tip.inward
        lesions.append(_ball(bone, centre, radii, rim_mm))
        lesions.append(_ball(bone, centre - 1.1 * radius * tip.inward, radii, 0.0))
    return tuple(lesions)


def _through(
    skeleton: Skeleton, end: BoneEnd, centre: Vector, probe: Vector, radius: float, rim_mm: float
) -> tuple[Lesion, ...]:
    """A ball drawn out along the beam so that it takes its share of the bone at `probe`, a point below the surface.

    Ellipsoids have the bone's own axes: one where an axis lies near the beam, else (a rolled thumb) balls in a row.
    """
    bone = skeleton.bones[end.name]
    middle, half_mm = chord(skeleton, end.name, probe)
    share = float(np.interp(radius / end.width_mm, (0.12, 0.25), THROUGH[::-1]))
    off_centre = min(float(np.linalg.norm((probe - centre)[:2])) / radius, 0.85)
    deep = max(share * half_mm / np.sqrt(1 - off_centre**2), 1.2 * radius)
    level = np.array([centre[0], centre[1], middle])
    beam = np.abs(bone.rotation.T @ BEAM)
    if beam.max() > 0.93:
        return (_ball(bone, level, np.where(beam == beam.max(), deep, radius), rim_mm),)
    number = int(np.clip(np.ceil(deep / (0.8 * radius)), 2, 8))
    reach = max(deep - radius, 0.3 * radius)
    row = np.linspace(-reach, reach, number)
    return tuple(_ball(bone, level + depth * BEAM, np.full(3, radius), rim_mm) for depth in row)


def _ball(bone: PosedBone, centre: Vector, radii_mm: Vector, rim_mm: float) -> Lesion:
    """An ellipsoid around a world point, its radii along the bone's axes in mm of the world."""
    x, y, z = (float(value) for value in bone.local(centre))
    rim_mm = min(rim_mm, RIM_SHARE * float(np.min(radii_mm)))
    a, b, c = (float(value) for value in radii_mm / bone.scale)
    return Lesion((x, y, z), (a, b, c), rim_mm)
