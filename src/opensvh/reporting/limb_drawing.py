"""A schematic hand and foot: bones as outlines and the places where sites are marked, in units of the drawing.

A left limb with the digits up, x to the right and y down, about half a millimetre a unit in print. Drawn, not measured:
the wrist is larger than life, so that its twelve sites have room. What stands at the places is `figure_of_limbs`'s.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from opensvh.domain.anatomy import Kind, Limb
from opensvh.domain.geometry import Point, Size

Command = tuple[str, tuple[float, ...]]
"""`M x y`, `L x y`, `C x1 y1 x2 y2 x y` or `Z`: what SVG and PDF both know."""
Outline = tuple[Command, ...]

SIZES: Mapping[Limb, Size] = {Limb.HAND: Size(106, 152), Limb.FOOT: Size(92, 132)}
MARK_WIDTH = 6.4
"""Of one score's mark; a joint with both kinds has two side by side, narrowing on the left."""
ZERO_SHARE = 0.8
"""Size of the mark of a 0: what is sound stands back."""

_SLIMMER, _TUFT = 0.91, 0.72
"""Width of a bone as a share of the one before it in its ray, and of the last one's tip as a share of its head."""
_KAPPA = 0.5523
"""Length of the control arms that make four Bezier curves a circle."""


@dataclass(frozen=True)
class _Bone:
    """A long bone from its base to its head, with half widths at the base, in the middle and at the head."""

    base: Point
    head: Point
    widths: tuple[float, float, float]


def _line(joints: str, widths: tuple[float, float, float]) -> list[_Bone]:
    """Bones of a ray from `x y, x y, ...`: each pair of points is one's base and head, each slimmer than the last."""
    places = [Point(*map(float, joint.split())) for joint in joints.split(",")]
    ends = list(zip(places[::2], places[1::2], strict=True))
    slim = [_SLIMMER**index for index in range(len(ends))]
    base, middle, head = widths
    return [
        _Bone(near, far, (base * share, middle * share, head * share * (_TUFT if share == slim[-1] else 1)))
        for (near, far), share in zip(ends, slim, strict=True)
    ]


_FINGERS: tuple[_Bone, ...] = (
    *_line("46 98, 47 69, 47 61, 47 40, 47 32.5, 47 18, 47 12.5, 47 3", (4.6, 2.9, 4.4)),
    *_line("59 98, 64 72, 65 64.5, 69 45.5, 69.6 38, 71.6 24, 72.5 18.5, 74 10", (4.4, 2.8, 4.3)),
    *_line("34 99, 30 74, 29 66.5, 26 46, 25.6 38.5, 24 24, 23.4 18.5, 22.4 9.5", (4.2, 2.7, 4.1)),
    *_line("23 101, 14 80, 12.5 73, 8 57, 7 50.5, 4.8 40, 4 35, 2.8 27", (3.9, 2.5, 3.8)),
    *_line("75 104, 87 88, 90 81.5, 96.5 66.5, 98 59.5, 101 48", (4.6, 3.1, 4.5)),
)
_FOREARM: tuple[_Bone, ...] = (
    _Bone(Point(53.6, 151), Point(52.5, 137), (6.0, 6.6, 10.2)),
    _Bone(Point(25.6, 151), Point(25, 139), (3.9, 3.9, 5.2)),
)
_CARPALS: tuple[tuple[float, float, float, float], ...] = (
    (27.5, 110, 7.8, 7.4),
    (42.5, 109.5, 6.3, 8.3),
    (55.5, 106.5, 5.2, 5.2),
    (67.5, 110.5, 6.2, 6.2),
    (23.5, 122.5, 6.0, 5.6),
    (37.5, 123.5, 6.8, 6.2),
    (55, 121.5, 8.4, 7.6),
)
_RAYS: tuple[_Bone, ...] = (
    *_line("61 112, 72 66, 73 58, 74 38, 74.5 31, 75 15", (6.4, 4.6, 6.6)),
    *_line("49.5 107, 54 57, 54 50.5, 54 39, 54 35.5, 54 29.5, 54 26.5, 54 20", (4.2, 2.6, 4.0)),
    *_line("40 109, 39 62, 39 55.5, 38 45, 38 41.5, 37.6 36, 37.4 33, 37 27.5", (4.0, 2.4, 3.8)),
    *_line("31 112, 24 70, 23 63.5, 21 54, 20.6 50.5, 19.6 45.5, 19.2 42.5, 18 37", (3.9, 2.3, 3.7)),
    *_line("22 117, 10 81, 8.8 74.5, 6 66, 5.4 62.5, 4.6 58, 4.2 55, 3.4 50", (4.2, 2.3, 3.6)),
)
_TARSALS: tuple[tuple[float, float, float, float], ...] = (
    (61, 121, 7.4, 6.0),
    (49, 117.5, 4.6, 7.0),
    (39, 119.5, 4.6, 7.0),
    (27, 124, 6.6, 7.0),
)

PLACES: Mapping[Limb, Mapping[tuple[str, Kind | None], Point]] = {
    Limb.HAND: {
        ("PIP3", None): Point(47, 36.2),
        ("PIP2", None): Point(69.3, 41.7),
        ("PIP4", None): Point(25.8, 42.2),
        ("PIP5", None): Point(7.5, 53.7),
        ("IP1", Kind.EROSION): Point(97.2, 63),
        ("MCP3", None): Point(47, 65),
        ("MCP2", None): Point(64.5, 68.2),
        ("MCP4", None): Point(29.5, 70.2),
        ("MCP5", None): Point(13.2, 76.5),
        ("MCP1", None): Point(88.5, 84.7),
        ("CMC3", Kind.NARROWING): Point(44.5, 99.7),
        ("CMC4", Kind.NARROWING): Point(33.5, 101.2),
        ("CMC5", Kind.NARROWING): Point(22.8, 104.4),
        ("MC1_BASE", Kind.EROSION): Point(74.5, 101.5),
        ("TRAPEZIUM", Kind.EROSION): Point(67.8, 110.5),
        ("STT", Kind.NARROWING): Point(58.6, 114.2),
        ("CNL", Kind.NARROWING): Point(45.6, 116.6),
        ("NAVICULAR", Kind.EROSION): Point(55, 123.6),
        ("LUNATE", Kind.EROSION): Point(36.8, 124.4),
        ("RADCAR", Kind.NARROWING): Point(46.6, 131.4),
        ("RADIUS", Kind.EROSION): Point(53, 142.2),
        ("ULNA", Kind.EROSION): Point(25, 142.2),
    },
    Limb.FOOT: {
        ("IP1", None): Point(74.2, 34.5),
        ("MTP1", None): Point(72.4, 62),
        ("MTP2", None): Point(54, 53.8),
        ("MTP3", None): Point(39, 58.8),
        ("MTP4", None): Point(23.6, 66.8),
        ("MTP5", None): Point(9.4, 77.8),
    },
}
"""Centre of a site's mark; kind None where narrowing and erosion stand side by side at one place."""


def outlines(limb: Limb) -> tuple[Outline, ...]:
    """Every bone of the left limb, closed."""
    if limb is Limb.FOOT:
        return (*map(_long_bone, _RAYS), *(_ellipse(*bone) for bone in _TARSALS))
    return (*map(_long_bone, (*_FINGERS, *_FOREARM)), *(_ellipse(*bone) for bone in _CARPALS))


def mirrored(outline: Outline, width: float) -> Outline:
    """The outline of a right limb in a drawing `width` units across."""
    return tuple(
        (name, tuple(width - value if index % 2 == 0 else value for index, value in enumerate(values)))
        for name, values in outline
    )


def svg_path(outline: Outline) -> str:
    """The outline as the `d` of an SVG path."""
    return "".join(name + " ".join(f"{value:.1f}" for value in values) for name, values in outline)


def _long_bone(bone: _Bone) -> Outline:
    """Waisted between rounded ends."""
    length = math.dist(bone.base, bone.head)
    along = Point((bone.head.x - bone.base.x) / length, (bone.head.y - bone.base.y) / length)

    def at(share: float, across: float) -> tuple[float, float]:
        forward = share * length
        x = bone.base.x + forward * along.x - across * along.y
        return x, bone.base.y + forward * along.y + across * along.x

    base, middle, head = bone.widths
    bulge = 0.9 * min(base, head) / length
    curves = (
        (at(0.2, base), at(0.3, middle), at(0.5, middle)),
        (at(0.7, middle), at(0.8, head), at(1 - bulge / 2, head)),
        (at(1 + bulge / 3, head), at(1 + bulge / 3, -head), at(1 - bulge / 2, -head)),
        (at(0.8, -head), at(0.7, -middle), at(0.5, -middle)),
        (at(0.3, -middle), at(0.2, -base), at(bulge / 2, -base)),
        (at(-bulge / 3, -base), at(-bulge / 3, base), at(bulge / 2, base)),
    )
    return _closed(at(bulge / 2, base), curves)


def _ellipse(x: float, y: float, across: float, down: float) -> Outline:
    a, b = across * _KAPPA, down * _KAPPA
    curves = (
        ((x + across, y + b), (x + a, y + down), (x, y + down)),
        ((x - a, y + down), (x - across, y + b), (x - across, y)),
        ((x - across, y - b), (x - a, y - down), (x, y - down)),
        ((x + a, y - down), (x + across, y - b), (x + across, y)),
    )
    return _closed((x + across, y), curves)


def _closed(start: tuple[float, float], curves: tuple[tuple[tuple[float, float], ...], ...]) -> Outline:
    drawn = tuple(("C", tuple(value for point in curve for value in point)) for curve in curves)
    return (("M", start), *drawn, ("Z", ()))
