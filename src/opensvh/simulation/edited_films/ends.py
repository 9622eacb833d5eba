"""The ends of bones that erosions are cut into, found on a film: at the joints of digits, and in the wrist by name.

Which end a bare area lies on is `disease.bare_areas`' affair; the outline around it is traced by `outline`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from opensvh.domain.anatomy import Side
from opensvh.domain.geometry import Point
from opensvh.simulation.disease.bare_areas import BareArea
from opensvh.simulation.edited_films.joint_space import JointSpaceFound
from opensvh.simulation.edited_films.outline import Expected, Outline, find_outline
from opensvh.simulation.edited_films.places import Frame, JointPlace, Picture, frame_at

USUAL_GAP_MM = 1.3
"""Taken where the space itself is not seen."""
INSIDE_SHARE = {"head": 0.92, "base": 0.72}
"""How far inside its margin an end is looked at from, in half widths: heads are about round, bases wider than deep."""
HEAD_HALF = 0.92
"""A head's half width against that of the base it carries."""


@dataclass(frozen=True)
class WristBone:
    """How a bone of the wrist is found: the middle between `points`, moved by `shift_mm` (towards the thumb, outward);
    outward runs along `axis`, from its first point to its second."""

    points: tuple[str, ...]
    axis: tuple[str, str]
    shift_mm: tuple[float, float]
    expected: Expected


_UP = ("CMC3", "MCP3")
WRIST_BONES: dict[str, WristBone] = {
    "mc1": WristBone(("MC1_BASE",), ("MCP1", "MC1_BASE"), (0.0, -3.5), Expected(5.5, 7.5, 100.0, square=3.5)),
    "trapezium": WristBone(("TRAPEZIUM",), _UP, (0.0, 0.0), Expected(6.5, 7.0, 172.0)),
    "scaphoid": WristBone(("RADCAR", "STT"), _UP, (1.0, 0.0), Expected(8.5, 6.5, 172.0)),
    "lunate": WristBone(("LUNATE",), _UP, (0.0, 0.0), Expected(6.5, 6.5, 172.0)),
    "radius": WristBone(("RADIUS",), _UP, (-6.0, -4.0), Expected(8.0, 13.5, 96.0, square=4.0)),
    "ulna": WristBone(("ULNA",), _UP, (0.0, -1.0), Expected(6.5, 7.5, 112.0)),
}
"""Bone -> where its end or its middle lies on a frontal film; sizes in mm are round figures, tuned by eye."""


@dataclass(frozen=True)
class Joints:
    """What was found of a film's joints: where they are looked for, and the spaces that are seen."""

    side: Side
    points: Mapping[str, Point]
    scale: float
    places: Mapping[str, JointPlace]
    spaces: Mapping[str, JointSpaceFound]


def outline_of(pixels: Picture, joints: Joints, site: str, area: BareArea) -> Outline | None:
    """The outline of the bone's end that a site's bare area lies on; None where the points do not tell it."""
    bone = WRIST_BONES.get(area.part)
    if bone is not None and not (area.part == "mc1" and area.end == "head"):
        return _of_wrist(pixels, joints, bone)
    place = joints.places.get(site)
    if place is None:
        return None
    frame, expected = _of_digit(place, joints.spaces.get(site), area.end)
    return find_outline(pixels, frame, expected)


def _of_digit(place: JointPlace, space: JointSpaceFound | None, end: str) -> tuple[Frame, Expected]:
    """The frame inside one end of a digit's joint, its distal axis pointing out of the end."""
    middle = space.level if space else 0.0
    half_gap = (space.gap_mm if space else USUAL_GAP_MM) / 2
    half = place.span.bone_half_mm * (HEAD_HALF if end == "head" else 1.0)
    deep = INSIDE_SHARE[end] * half
    trusted = 0.09 if space else 0.25
    if end == "head":
        frame = place.frame.shifted(0.0, middle - half_gap - deep)
        return frame, Expected(deep, half, 112.0, facing_trusted=trusted)
    frame = place.frame.shifted(0.0, middle + half_gap + deep)
    return replace(frame, distal=-frame.distal), Expected(deep, half, 104.0, 4.0, trusted)


def _of_wrist(pixels: Picture, joints: Joints, bone: WristBone) -> Outline | None:
    if any(name not in joints.points for name in (*bone.points, *bone.axis)):
        return None
    centre = np.mean([joints.points[name] for name in bone.points], axis=0)
    outward = np.subtract(joints.points[bone.axis[1]], joints.points[bone.axis[0]])
    frame = frame_at(joints.side, centre, outward, joints.scale)
    if bone.axis[1] == "MC1_BASE":
        frame = replace(frame, thumb=-frame.thumb)
    return find_outline(pixels, frame.shifted(*bone.shift_mm), bone.expected)
