"""Where bones and joints of an upright limb lie and which way they run, from its marked points alone.

Used to lay profiles across shafts and joint spaces; the levels along them are `film_measures`'s.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point

UP = (0.0, -1.0)
"""Distal, where no second point tells the axis."""
METATARSAL_BELOW = 0.3
"""A metatarsal's shaft is looked for this far below its MTP joint, in units of the limb."""


class Axis(NamedTuple):
    """A place on a bone's or joint's axis, and the direction of the axis (distal), in px."""

    name: str
    centre: Point
    direction: tuple[float, float]


PHALANGES: Mapping[Limb, tuple[tuple[str, str], ...]] = {
    Limb.HAND: (("MCP2", "PIP2"), ("MCP3", "PIP3"), ("MCP4", "PIP4"), ("MCP5", "PIP5")),
    Limb.FOOT: (("MTP1", "IP1"),),
}
METACARPALS = (("CMC3", "MCP3"), ("CMC4", "MCP4"), ("CMC5", "MCP5"))
METATARSALS = ("MTP1", "MTP2", "MTP3", "MTP4", "MTP5")

JOINT_AXES: Mapping[str, tuple[str, str]] = {
    "IP1": ("MCP1", "IP1"),
    "MCP1": ("MCP1", "IP1"),
    **{f"{joint}{digit}": (f"MCP{digit}", f"PIP{digit}") for joint in ("PIP", "MCP") for digit in range(2, 6)},
    **{f"CMC{digit}": (f"CMC{digit}", f"MCP{digit}") for digit in range(3, 6)},
    "MTP1": ("MTP1", "IP1"),
}
"""Joint -> the points its axis runs between, distal last."""

JOINT_GROUPS: Mapping[Limb, Mapping[str, tuple[str, ...]]] = {
    Limb.HAND: {
        "PIP": ("PIP2", "PIP3", "PIP4", "PIP5"),
        "MCP": ("MCP2", "MCP3", "MCP4", "MCP5"),
        "CMC": ("CMC3", "CMC4", "CMC5"),
        "RADCAR": ("RADCAR",),
    },
    Limb.FOOT: {"MTP1": ("MTP1",), "MTP2-5": ("MTP2", "MTP3", "MTP4", "MTP5"), "IP": ("IP1",)},
}
"""Joints whose profiles are taken together."""


def shaft_axes(limb: Limb, points: Mapping[str, Point], unit: float) -> Iterator[tuple[str, Axis]]:
    """Group of bones ("phalanges", "metacarpals", "metatarsals") and the middle of each shaft that the points tell."""
    for proximal, distal in PHALANGES[limb]:
        yield from _between("phalanges", proximal, distal, points)
    if limb is Limb.HAND:
        for proximal, distal in METACARPALS:
            yield from _between("metacarpals", proximal, distal, points)
        return
    for name in METATARSALS:
        if name in points:
            x, y = points[name]
            yield "metatarsals", Axis(name, Point(x, y + METATARSAL_BELOW * unit), UP)


def joint_axis(limb: Limb, name: str, points: Mapping[str, Point]) -> Axis:
    """The axis through a marked joint; raises KeyError where it is not marked."""
    proximal, distal = ("MTP1", "IP1") if limb is Limb.FOOT and name == "IP1" else JOINT_AXES.get(name, ("", ""))
    if proximal in points and distal in points:
        return Axis(name, points[name], _direction(points[proximal], points[distal]))
    return Axis(name, points[name], UP)


def _between(group: str, proximal: str, distal: str, points: Mapping[str, Point]) -> Iterator[tuple[str, Axis]]:
    if proximal in points and distal in points:
        one, other = points[proximal], points[distal]
        middle = Point((one.x + other.x) / 2, (one.y + other.y) / 2)
        yield group, Axis(f"{proximal}-{distal}", middle, _direction(one, other))


def _direction(start: Point, end: Point) -> tuple[float, float]:
    return (end.x - start.x, end.y - start.y) if start != end else UP
