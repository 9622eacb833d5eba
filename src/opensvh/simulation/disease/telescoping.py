"""Digits that shorten: where an end has collapsed, what lies beyond it sinks into the place of the lost bone.

How much bone a collapse takes is said by `erosions`.
"""

from dataclasses import replace

import numpy as np

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.skeleton import Skeleton, Vector

_BEYOND = {"MCP": ("pp", "mp", "dp"), "MTP": ("pp", "mp", "dp"), "PIP": ("mp", "dp"), "IP": ("dp",)}
"""Row of a site -> parts of the digit beyond its joint."""
_JOINTS_BEYOND = {"MCP": ("MCP", "PIP", "IP", "DIP"), "MTP": ("MTP", "PIP", "IP", "DIP"), "PIP": ("PIP", "DIP")}


def sunk(skeleton: Skeleton, limb: Limb, site: str, name: str, by_mm: float) -> Skeleton:
    """The digit beyond a joint moved `by_mm` towards the wrist or ankle; `name` is the bone whose end is lost.

    Where a head is lost the next bone keeps its base, which then reaches into the head's place; a lost base is already
    shortened and its joint stays cut as it was.
    """
    row, digit = site[:-1], site[-1]
    moved = {f"{part}{digit}" for part in _BEYOND.get(row, ())} & set(skeleton.bones)
    proximal = f"{'mt' if limb is Limb.FOOT else 'mc'}{digit}" if row in ("MCP", "MTP") else f"pp{digit}"
    if not moved or proximal not in skeleton.bones:
        return skeleton
    shift = -by_mm * skeleton.bones[proximal].axis
    bones = {
        other: replace(bone, position=bone.position + shift) if other in moved else bone
        for other, bone in skeleton.bones.items()
    }
    points = {point: _moved(place, point, row, digit, shift) for point, place in skeleton.points.items()}
    contacts = tuple(
        replace(contact, gap_mm=contact.gap_mm - by_mm)
        if name == proximal and contact.neighbour == proximal and contact.bone in moved
        else contact
        for contact in skeleton.contacts
    )
    return replace(skeleton, bones=bones, points=points, contacts=contacts)


def _moved(place: Vector, point: str, row: str, digit: str, shift: Vector) -> Vector:
    beyond = {f"{joint}{digit}" for joint in _JOINTS_BEYOND.get(row, (row,))}
    return np.asarray(place + shift) if point in beyond else place
