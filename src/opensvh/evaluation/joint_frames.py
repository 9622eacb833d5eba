"""Where the joints of a film lie and which way they face: what an observer needs before measuring a joint.

Cuts a film into aligned pictures, one a joint or bone: distal side up, thumb or hallux side right, scaled to the limb's
size. What is measured on them is `joint_looks`' and `bone_looks`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point

STEP_MM = 0.1
"""Side of a pixel of an aligned picture, in mm of the reference limb."""

SEEN_MM = 0.2
"""Finest pixel kept of a film: about what a network sees of a hand of 190 mm on 928 rows. Finer films are averaged to
it first, so that films of different resolution are compared at one."""

REFERENCE_MM: dict[Limb, tuple[str, str, float]] = {
    Limb.HAND: ("CMC3", "MCP3", 66.0),
    Limb.FOOT: ("MTP1", "MTP5", 66.0),
}
"""The two joint centres a limb's size is taken from, and their distance in mm on the reference limb."""


FRONTAL_FOOT = (2.0, 2.9)
"""MTP1 to MTP5 over MTP1 to IP1 of a foot seen from in front: oblique feet (1.4 to 2.0 on the marked films) are
narrower, and a hallux off the film is shorter, so that neither tells its size."""


@dataclass(frozen=True)
class JointView:
    """How a joint is looked at: its axis, where the space is measured, and which class it is compared in.

    The axis (proximal to distal) points from the first to the second named point, turned by `turn_deg` towards the
    thumb or hallux; `shift_mm` moves the middle across the axis, the same way. `half_mm` is half the width over which
    the space is measured, `bone_half_mm` half the bone's width there (0 where bones lie side by side: no soft tissue
    beside the joint), `reach_mm` how far along the axis the space may lie from the joint's centre. The points only
    tell the axis to within `search_deg`: so far to either side it is turned to where the space is seen best.
    """

    joint: str
    axis: tuple[str, str]
    half_mm: float
    bone_half_mm: float
    turn_deg: float = 0.0
    shift_mm: float = 0.0
    reach_mm: float = 2.5
    search_deg: float = 0.0


def _finger(digit: int) -> dict[str, JointView]:
    thin = 0.85 if digit == 5 else 1.0
    return {
        f"MCP{digit}": JointView("MCP", (f"MCP{digit}", f"PIP{digit}"), 3.6 * thin, 8.0 * thin),
        f"PIP{digit}": JointView("PIP", (f"MCP{digit}", f"PIP{digit}"), 3.2 * thin, 6.6 * thin, reach_mm=2.0),
    }


_UP = ("CMC3", "MCP3")
HAND_VIEWS: dict[str, JointView] = {
    "IP1": JointView("IP", ("MCP1", "IP1"), 3.0, 7.0, reach_mm=2.0),
    "MCP1": JointView("MCP1", ("MCP1", "IP1"), 3.4, 8.0),
    **{name: view for digit in (2, 3, 4, 5) for name, view in _finger(digit).items()},
    **{
        f"CMC{digit}": JointView("CMC", (f"CMC{digit}", f"MCP{digit}"), 2.5, 0.0, reach_mm=2.0, search_deg=20.0)
        for digit in (3, 4, 5)
    },
    "STT": JointView("STT", _UP, 3.0, 0.0, turn_deg=30.0, reach_mm=2.0, search_deg=30.0),
    "CNL": JointView("CNL", _UP, 2.5, 0.0, turn_deg=-5.0, shift_mm=-4.0, reach_mm=3.5, search_deg=20.0),
    "RADCAR": JointView("RADCAR", _UP, 3.5, 0.0, turn_deg=-22.0, reach_mm=2.5, search_deg=15.0),
}
_TOE_TURN_DEG = {2: -8.0, 3: -10.0, 4: -12.0, 5: -14.0}
FOOT_VIEWS: dict[str, JointView] = {
    "IP1": JointView("IP", ("MTP1", "IP1"), 4.0, 9.0),
    "MTP1": JointView("MTP1", ("MTP1", "IP1"), 5.0, 10.5, reach_mm=3.0),
    **{
        f"MTP{digit}": JointView("MTP", ("MTP1", "IP1"), 2.6, 6.0, turn_deg=turn, reach_mm=3.0, search_deg=20.0)
        for digit, turn in _TOE_TURN_DEG.items()
    },
}
VIEWS: dict[Limb, dict[str, JointView]] = {Limb.HAND: HAND_VIEWS, Limb.FOOT: FOOT_VIEWS}
"""Site -> how it is looked at."""

BONES: dict[Limb, dict[str, tuple[str, str]]] = {
    Limb.HAND: {
        **{f"MC{digit}": (f"CMC{digit}", f"MCP{digit}") for digit in (3, 4, 5)},
        **{f"PP{digit}": (f"MCP{digit}", f"PIP{digit}") for digit in (2, 3, 4, 5)},
        "PP1": ("MCP1", "IP1"),
    },
    Limb.FOOT: {"PP1": ("MTP1", "IP1")},
}
"""Tubular bones with a joint centre at both ends: base, head."""
BONE_CLASSES = {"MC3": "MC", "MC4": "MC", "MC5": "MC", "PP2": "PP", "PP3": "PP", "PP4": "PP", "PP5": "PP"}
"""Bones that are compared together; the others stand alone."""


@dataclass(frozen=True)
class LimbFilm:
    """A film as the observer has it: grey levels [rows, columns], bone bright, and joint centres in its pixels."""

    limb: Limb
    side: Side
    pixels: NDArray[np.float32]
    points: Mapping[str, Point]

    @property
    def pixels_per_mm(self) -> float | None:
        """Film pixels per mm of the reference limb; None where the points that tell it are not known."""
        first, second, length = REFERENCE_MM[self.limb]
        if first not in self.points or second not in self.points:
            return None
        return float(np.hypot(*np.subtract(self.points[second], self.points[first]))) / length


def is_frontal(film: LimbFilm) -> bool:
    """Whether a limb is seen from in front, as far as its points tell; hands always are."""
    if film.limb is Limb.HAND:
        return True
    if any(name not in film.points for name in ("MTP1", "MTP5", "IP1")):
        return False
    breadth, hallux = (float(np.hypot(*np.subtract(film.points[end], film.points["MTP1"]))) for end in ("MTP5", "IP1"))
    return FRONTAL_FOOT[0] <= breadth / max(hallux, 1e-9) <= FRONTAL_FOOT[1]


def seen(film: LimbFilm) -> LimbFilm:
    """The film at no more than the resolution that is compared (`SEEN_MM`)."""
    scale = film.pixels_per_mm
    share = 1.0 if scale is None else 1 / (SEEN_MM * scale)
    if share >= 1:
        return film
    rows, columns = (round(side * share) for side in film.pixels.shape)
    smaller = cv2.resize(film.pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    across, down = columns / film.pixels.shape[1], rows / film.pixels.shape[0]
    points = {name: Point((p.x + 0.5) * across - 0.5, (p.y + 0.5) * down - 0.5) for name, p in film.points.items()}
    return LimbFilm(film.limb, film.side, np.asarray(smaller), points)


def joint_picture(
    film: LimbFilm, site: str, half_mm: float = 12.0, turn_deg: float = 0.0
) -> NDArray[np.float32] | None:
    """The joint in its own frame, [rows, columns] at `STEP_MM`, turned by `turn_deg` more; None where it cannot be."""
    view = VIEWS[film.limb][site]
    scale = film.pixels_per_mm
    if scale is None or any(name not in film.points for name in (site, *view.axis)):
        return None
    distal = _direction(film, view.axis, view.turn_deg + turn_deg)
    thumb = _thumbward(film.side, distal)
    middle = np.array(film.points[site]) + view.shift_mm * scale * thumb
    return _aligned(film.pixels, middle, distal, thumb, scale, (half_mm, half_mm))


def bone_picture(film: LimbFilm, bone: str, half_mm: float = 14.0) -> tuple[NDArray[np.float32], float] | None:
    """A bone along its axis, base below, and its length from joint to joint in mm of the reference limb."""
    base, head = BONES[film.limb][bone]
    scale = film.pixels_per_mm
    if scale is None or base not in film.points or head not in film.points:
        return None
    start, end = np.array(film.points[base]), np.array(film.points[head])
    length = float(np.hypot(*(end - start))) / scale
    distal = (end - start) / np.hypot(*(end - start))
    picture = _aligned(
        film.pixels, (start + end) / 2, distal, _thumbward(film.side, distal), scale, (length / 2, half_mm)
    )
    return None if picture is None else (picture, length)


def _direction(film: LimbFilm, axis: tuple[str, str], turn_deg: float) -> NDArray[np.float64]:
    start, end = (np.array(film.points[name]) for name in axis)
    along = (end - start) / np.hypot(*(end - start))
    angle = np.deg2rad(turn_deg)
    return np.asarray(np.cos(angle) * along + np.sin(angle) * _thumbward(film.side, along))


def _thumbward(side: Side, distal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector across, in film pixels: to the right of a left limb whose digits point up."""
    across = np.array([-distal[1], distal[0]])
    return across if side is Side.LEFT else -across


def _aligned(
    pixels: NDArray[np.float32],
    middle: NDArray[np.float64],
    distal: NDArray[np.float64],
    thumb: NDArray[np.float64],
    scale: float,
    half_mm: tuple[float, float],
) -> NDArray[np.float32] | None:
    """The picture around `middle`, `half_mm` along and across; None where its centre lies outside the film."""
    rows, columns = (2 * round(half / STEP_MM) + 1 for half in half_mm)
    right, down = thumb * scale * STEP_MM, -distal * scale * STEP_MM
    corner = middle - right * (columns // 2) - down * (rows // 2)
    to_film = np.column_stack([right, down, corner]).astype(np.float64)
    if not (0 <= middle[0] < pixels.shape[1] and 0 <= middle[1] < pixels.shape[0]):
        return None
    return np.asarray(
        cv2.warpAffine(
            pixels,
            to_film,
            (columns, rows),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )
