"""How a limb lies on a film, told by its joint centres alone: where it is, how long, how turned.

A marked real film and a simulated one are measured the same way, so that patches of both show a joint at one scale.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point

LEAST_POINTS = 3
"""With fewer points a limb's length is anybody's guess."""

SHAPES: dict[Limb, dict[str, tuple[float, float]]] = {
    Limb.HAND: {
        "IP1": (0.290, -0.196),
        "PIP2": (0.101, -0.437),
        "PIP3": (-0.044, -0.452),
        "PIP4": (-0.179, -0.365),
        "PIP5": (-0.292, -0.232),
        "MCP1": (0.258, -0.050),
        "MCP2": (0.081, -0.228),
        "MCP3": (-0.036, -0.212),
        "MCP4": (-0.135, -0.158),
        "MCP5": (-0.211, -0.088),
        "CMC3": (-0.004, 0.140),
        "CMC4": (-0.060, 0.145),
        "CMC5": (-0.093, 0.164),
        "STT": (0.068, 0.196),
        "CNL": (0.013, 0.263),
        "RADCAR": (0.050, 0.293),
        "MC1_BASE": (0.152, 0.150),
        "TRAPEZIUM": (0.106, 0.174),
        "LUNATE": (-0.031, 0.277),
        "RADIUS": (0.076, 0.317),
        "ULNA": (-0.101, 0.333),
    },
    Limb.FOOT: {
        "IP1": (0.151, -0.103),
        "MTP1": (0.131, 0.027),
        "MTP2": (0.026, -0.002),
        "MTP3": (-0.038, 0.001),
        "MTP4": (-0.101, 0.019),
        "MTP5": (-0.171, 0.060),
    },
}
"""Joint centres of a left limb with its digits up, in lengths of the limb, y down: medians over the adult hands (6) and
DP feet (8) of the tuning half of the real films."""

NEXT_JOINT = {
    Limb.HAND: {"IP1": ("MCP1", "IP1"), "MCP1": ("MCP1", "IP1")}
    | {f"{joint}{digit}": (f"MCP{digit}", f"PIP{digit}") for digit in range(2, 6) for joint in ("MCP", "PIP")},
    Limb.FOOT: {"IP1": ("MTP1", "IP1"), "MTP1": ("MTP1", "IP1")},
}
"""Which joints a digit's axis runs through, from near to far; every other joint lies along the limb's own axis."""


@dataclass(frozen=True)
class LimbPose:
    """A limb's length in the film's pixels, and the clockwise angle of its axis against the film's upward direction."""

    length_px: float
    angle: float


def limb_pose(limb: Limb, points: Mapping[str, Point]) -> LimbPose | None:
    """The pose whose joints lie nearest (least squares) to the points of a left-looking limb; None with too few.

    `points` in pixels, y down. Plane positions are complex numbers, so that a turn and a scale are one factor.
    """
    known = [name for name in SHAPES[limb] if name in points]
    if len(known) < LEAST_POINTS:
        return None
    shape = _centred([SHAPES[limb][name] for name in known])
    found = _centred([points[name] for name in known])
    factor = complex(np.vdot(shape, found) / np.vdot(shape, shape).real)
    return LimbPose(abs(factor), math.atan2(factor.imag, factor.real))


def joint_angle(limb: Limb, name: str, points: Mapping[str, Point], pose: LimbPose) -> float:
    """Clockwise angle of the joint's axis against the film's upward direction: the digit's where it shows, radians."""
    near, far = NEXT_JOINT[limb].get(name, ("", ""))
    if near not in points or far not in points:
        return pose.angle
    return math.atan2(points[far].x - points[near].x, points[near].y - points[far].y)


def _centred(places: list[Point] | list[tuple[float, float]]) -> "np.ndarray[tuple[int], np.dtype[np.complex128]]":
    plane = np.array([complex(x, y) for x, y in places])
    return np.asarray(plane - plane.mean())
