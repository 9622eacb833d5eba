"""Where the joints of a real film lie and which way they face, from its joint centres alone.

The spaces themselves are found on the film by `joint_space`, the bones' outlines by `outline`. Lengths are in mm of a
limb whose size is taken from two joint centres.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point

Picture = NDArray[np.float32]
Plane = NDArray[np.float64]

STEP_MM = 0.15
"""Side of a pixel of an aligned picture: about that of a digital film of a hand."""

_SIZES: dict[Limb, tuple[tuple[str, str, float], ...]] = {
    Limb.HAND: (("CMC3", "MCP3", 66.0), ("MCP3", "PIP3", 44.0), ("MCP2", "PIP2", 39.0)),
    Limb.FOOT: (("MTP1", "MTP5", 66.0), ("MTP1", "IP1", 29.0)),
}
"""Pairs of joint centres and their distance in mm: metacarpal 3 and two phalanges (their ratios in FACTS.md, section
6), the breadth of a forefoot and its hallux. The longest counts, since a view from aside only shortens."""


@dataclass(frozen=True)
class Frame:
    """A place on a film with its own axes: `across` (towards thumb or hallux) and `along` (distal) in mm.

    `centre` is in film pixels; `distal` and `thumb` are unit vectors there; `scale` in pixels per mm.
    """

    centre: Plane
    distal: Plane
    thumb: Plane
    scale: float

    def film(self, across: Plane | float, along: Plane | float) -> tuple[Plane, Plane]:
        """Film coordinates x and y of places in mm."""
        x, y = (
            self.centre[axis] + self.scale * (across * self.thumb[axis] + along * self.distal[axis]) for axis in (0, 1)
        )
        return np.asarray(x), np.asarray(y)

    def local(self, x: Plane, y: Plane) -> tuple[Plane, Plane]:
        """The inverse of `film`."""
        right, down = x - self.centre[0], y - self.centre[1]
        return (
            (right * self.thumb[0] + down * self.thumb[1]) / self.scale,
            (right * self.distal[0] + down * self.distal[1]) / self.scale,
        )

    def shifted(self, across: float, along: float) -> "Frame":
        """The same axes around another place."""
        x, y = self.film(across, along)
        return replace(self, centre=np.array([float(x), float(y)]))

    def picture(self, pixels: Picture, half_across: float, half_along: float) -> Picture:
        """The film around the centre, [rows, columns] at `STEP_MM`, distal side up, thumb or hallux right."""
        columns, rows = (2 * round(half / STEP_MM) + 1 for half in (half_across, half_along))
        right, down = self.thumb * self.scale * STEP_MM, -self.distal * self.scale * STEP_MM
        corner = self.centre - right * (columns // 2) - down * (rows // 2)
        to_film = np.column_stack([right, down, corner])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(pixels, to_film, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        )

    def window(self, shape: tuple[int, ...], across: tuple[float, float], along: tuple[float, float]) -> "Window":
        """The film's pixels that hold a rectangle of the frame, and where each lies in it."""
        u, v = np.meshgrid(np.array(across), np.array(along))
        x, y = self.film(u, v)
        left, top = (max(int(np.floor(each.min())), 0) for each in (x, y))
        right = max(min(int(np.ceil(x.max())) + 1, shape[1]), left + 1)
        bottom = max(min(int(np.ceil(y.max())) + 1, shape[0]), top + 1)
        columns, rows = np.meshgrid(np.arange(left, right, dtype=float), np.arange(top, bottom, dtype=float))
        return Window((slice(top, bottom), slice(left, right)), *self.local(columns, rows))


@dataclass(frozen=True)
class Window:
    """A part of a film: its slices, and each pixel's place in a frame, both [rows, columns] in mm."""

    part: tuple[slice, slice]
    across: Plane
    along: Plane


@dataclass(frozen=True)
class JointSpan:
    """How a kind of joint is looked at: its axis between two points (proximal, distal) turned by `turn_deg` towards the
    thumb; `shift_mm` moves the middle across. The space is measured over `half_mm` to both sides, the bones reach
    `bone_half_mm`; a slide fades out `fade_mm` distal of the joint (None: a share of the axis' length). The curve of
    the middle line, in 1/mm, lies within `curves`: below 0 where the proximal bone is the ball. A space is taken for
    seen where its valley has `least_depth` of the grey range around it."""

    axis: tuple[str, str]
    half_mm: float
    bone_half_mm: float
    turn_deg: float = 0.0
    shift_mm: float = 0.0
    fade_mm: float | None = None
    curves: tuple[float, float] = (-0.07, 0.0)
    least_depth: float = 0.12


@dataclass(frozen=True)
class JointPlace:
    """A joint on a film: its frame, how it is looked at, how far a slide reaches distally (mm), and how far across."""

    site: str
    frame: Frame
    span: JointSpan
    fade_mm: float
    room_mm: float


_FADE_SHARE = {"MCP": 0.78, "PIP": 0.6, "IP": 0.62, "MTP": 0.78, "CMC": 0.6}
"""End of a slide as a share of the axis: before the next joint centre, or before the end of the middle or distal
phalanx (lengths of FACTS.md, section 6)."""

_UP = ("CMC3", "MCP3")
_HINGE, _FLAT = (-0.03, 0.045), (-0.04, 0.04)
SPANS: dict[Limb, dict[str, JointSpan]] = {
    Limb.HAND: {
        "IP1": JointSpan(("MCP1", "IP1"), 3.6, 6.5, curves=_HINGE),
        "MCP1": JointSpan(("MCP1", "IP1"), 3.8, 7.5),
        **{f"MCP{digit}": JointSpan((f"MCP{digit}", f"PIP{digit}"), 4.4, 8.0, least_depth=0.22) for digit in (2, 3, 4)},
        "MCP5": JointSpan(("MCP5", "PIP5"), 3.7, 6.8, least_depth=0.22),
        **{f"PIP{digit}": JointSpan((f"MCP{digit}", f"PIP{digit}"), 3.8, 6.0, curves=_HINGE) for digit in (2, 3, 4)},
        "PIP5": JointSpan(("MCP5", "PIP5"), 3.1, 5.0, curves=_HINGE),
        **{f"CMC{digit}": JointSpan((f"CMC{digit}", f"MCP{digit}"), 2.6, 4.5, curves=_FLAT) for digit in (3, 4, 5)},
        "STT": JointSpan(_UP, 3.0, 7.0, turn_deg=30.0, fade_mm=16.0, curves=_FLAT),
        "CNL": JointSpan(_UP, 3.4, 7.0, turn_deg=-5.0, shift_mm=-1.0, fade_mm=18.0, curves=(0.02, 0.08)),
        "RADCAR": JointSpan(_UP, 4.5, 11.0, turn_deg=-22.0, fade_mm=22.0, curves=(-0.01, 0.05)),
    },
    Limb.FOOT: {
        "IP1": JointSpan(("MTP1", "IP1"), 4.5, 8.0, fade_mm=15.0, curves=_HINGE),
        "MTP1": JointSpan(("MTP1", "IP1"), 5.5, 10.0),
        **{
            f"MTP{digit}": JointSpan(("MTP1", "IP1"), 2.8, 5.2, turn_deg=turn, fade_mm=15.0, least_depth=0.32)
            for digit, turn in {2: -8.0, 3: -10.0, 4: -12.0, 5: -14.0}.items()
        },
    },
}
"""Site with a space -> how it is looked at. Turns of the lesser toes against the hallux are those of the marked
films; a lesser toe whose base lies over the metatarsal head shows no space, only faint valleys."""


def pixels_per_mm(limb: Limb, points: Mapping[str, Point]) -> float | None:
    """Film pixels per mm; None where the points that tell the limb's size are not known."""
    found = [
        float(np.hypot(*np.subtract(points[second], points[first]))) / length
        for first, second, length in _SIZES[limb]
        if first in points and second in points
    ]
    return max(found) if found and max(found) > 0 else None


def frame_at(side: Side, centre: Point | Plane, towards: Plane, scale: float, turn_deg: float = 0.0) -> Frame:
    """The frame at a film's place whose distal side is `towards` (film pixels), turned towards the thumb."""
    along = towards / max(float(np.hypot(*towards)), 1e-9)
    across = _thumbward(side, along)
    angle = np.deg2rad(turn_deg)
    distal = np.asarray(np.cos(angle) * along + np.sin(angle) * across)
    return Frame(np.asarray(centre, dtype=float), distal, _thumbward(side, distal), scale)


def joint_places(limb: Limb, side: Side, points: Mapping[str, Point]) -> dict[str, JointPlace]:
    """Every joint with a space whose place and axis the points tell."""
    scale = pixels_per_mm(limb, points)
    if scale is None:
        return {}
    found = {}
    for site, span in SPANS[limb].items():
        if all(name in points for name in (site, *span.axis)):
            axis = np.subtract(points[span.axis[1]], points[span.axis[0]])
            frame = frame_at(side, points[site], axis, scale, span.turn_deg).shifted(span.shift_mm, 0.0)
            kind = site.rstrip("0123456789")
            fade = span.fade_mm or _FADE_SHARE[kind] * float(np.hypot(*axis)) / scale
            found[site] = JointPlace(site, frame, span, fade, _room(site, span, points, scale))
    return found


def _room(site: str, span: JointSpan, points: Mapping[str, Point], scale: float) -> float:
    """How far across a slide may reach before it touches the neighbouring digits' bones, in mm."""
    kind = site.rstrip("0123456789")
    wanted = span.bone_half_mm + 4.0
    others = [name for name in points if name != site and name.startswith(kind) and name[-1:].isdigit()]
    if kind in ("STT", "CNL", "RADCAR") or not others:
        return wanted
    near = min(float(np.hypot(*np.subtract(points[name], points[site]))) for name in others) / scale
    return float(np.clip(near - span.bone_half_mm, span.bone_half_mm + 0.8, wanted))


def _thumbward(side: Side, distal: Plane) -> Plane:
    """Unit vector across: to the right of a left limb whose digits point up."""
    across = np.array([-distal[1], distal[0]])
    return across if side is Side.LEFT else -across
