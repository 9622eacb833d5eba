"""Osteoarthritis of single joints: osteophytes at the margins, sclerosis under the surface, uneven narrowing.

Which joints have it, and how often at what age, is in `mimics`. Measures in mm are this project's choice.
"""

from dataclasses import replace

import numpy as np

from opensvh.simulation.anatomy.bone_ends import BoneEnd, End, bone_end
from opensvh.simulation.anatomy.skeleton import Contact, Lesion, PosedBone, Skeleton, Vector

CORNERS = {"head": 66.0, "base": 60.0, "whole": 66.0}
"""Degrees from the joint's direction at which the margin of a surface lies, by end."""


def osteophytes(
    skeleton: Skeleton, name: str, end: End, severity: float, rng: np.random.Generator, towards: float = 0.0
) -> Skeleton:
    """Spurs at both margins of an end, `severity` in [0, 1]; 0 degrees of a whole bone are turned to `towards`."""
    place = bone_end(skeleton, name, end)
    bone = skeleton.bones[name]
    spurs: list[Lesion] = []
    for side in (-1, 1):
        reach = severity * rng.uniform(0.6, 1.3) * min(place.width_mm / 6, 2.2)
        if reach > 0.5:
            spurs += _spur(skeleton, bone, place, towards + side * (CORNERS[end] + rng.normal(0, 5)), reach)
    return _with(skeleton, name, replace(bone, growths=(*bone.growths, *spurs)))


def sclerosis(
    skeleton: Skeleton, name: str, end: End, severity: float, rng: np.random.Generator, towards: float = 0.0
) -> Skeleton:
    """Dense bone along a joint surface, deeper in worse disease."""
    place, bone = bone_end(skeleton, name, end), skeleton.bones[name]
    angles = towards + np.array([-22.0, 0.0, 22.0]) + rng.normal(0, 4)
    depth = 0.8 + 1.6 * severity * rng.uniform(0.6, 1.2)
    spots = [place.spot(skeleton, float(angle)) for angle in angles]
    dense = [
        _ball(bone, s.point + 0.5 * depth * s.inward, (0.22 * place.width_mm, depth, 0.3 * place.width_mm))
        for s in spots
    ]
    return _with(skeleton, name, replace(bone, dense=(*bone.dense, *dense)))


def closed_in(skeleton: Skeleton, distal: str, proximal: str, share: float, wedge: float) -> Skeleton:
    """The DIP joint of a digit narrowed to `share` of its gap and tilted by `wedge` mm of gap for each mm across."""
    contact = next(c for c in skeleton.contacts if c.bone == distal and c.neighbour == proximal)
    bone = skeleton.bones[distal]
    lost = (1 - share) * contact.gap_mm
    nearer = replace(contact, gap_mm=contact.gap_mm - lost, wedge=contact.wedge + wedge)
    moved = _with(skeleton, distal, replace(bone, position=bone.position - lost * bone.axis))
    gaps = {joint: gap - lost if joint == f"DIP{distal[-1]}" else gap for joint, gap in moved.gaps_mm.items()}
    return replace(moved, contacts=_swapped(moved.contacts, contact, nearer), gaps_mm=gaps)


def thinned_space(skeleton: Skeleton, one: str, other: str, share: float) -> Skeleton:
    """The space between two bones narrowed to `share`: they stay where they are and are cut back less."""
    pair = {one, other}
    contacts = tuple(
        replace(c, gap_mm=share * c.gap_mm) if {c.bone, c.neighbour} == pair else c for c in skeleton.contacts
    )
    return replace(skeleton, contacts=contacts)


def _spur(skeleton: Skeleton, bone: PosedBone, place: BoneEnd, angle: float, reach: float) -> tuple[Lesion, ...]:
    """A ledge that reaches about `reach` mm out, on a buttress, as deep as the margin it grows from."""
    spot, deep = place.spot(skeleton, angle), 0.22 * place.width_mm
    behind = 0.5 * reach * place.outward
    return (
        _ball(bone, spot.point + 0.3 * reach * spot.inward, (1.2 * reach, 0.8 * reach, deep)),
        _ball(bone, spot.point + 1.0 * reach * spot.inward - behind, (1.3 * reach, 1.5 * reach, 0.8 * deep)),
    )


def _ball(bone: PosedBone, centre: Vector, size: tuple[float, float, float]) -> Lesion:
    """An ellipsoid at a world point: radii across, along and through the bone, in mm of the world."""
    x, y, z = (float(value) for value in bone.local(centre))
    a, b, c = (float(value) for value in np.array(size) / bone.scale)
    return Lesion((x, y, z), (a, b, c))


def _with(skeleton: Skeleton, name: str, bone: PosedBone) -> Skeleton:
    return replace(skeleton, bones={**skeleton.bones, name: bone})


def _swapped(contacts: tuple[Contact, ...], old: Contact, new: Contact) -> tuple[Contact, ...]:
    return tuple(new if contact is old else contact for contact in contacts)
