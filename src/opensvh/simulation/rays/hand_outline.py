"""The outline of a hand: round cones of soft tissue laid around its bones, and the folds and nails of its skin.

Widths and depths in mm are this project's choice of round figures for an average adult; they scale with the hand.
"""

from dataclasses import dataclass, replace

from opensvh.simulation.anatomy.skeleton import Skeleton, Vector
from opensvh.simulation.rays.hand_skin import skin_lines
from opensvh.simulation.rays.tissue import Cone, Strand

Pair = tuple[float, float]


@dataclass(frozen=True)
class Piece:
    """A cone from a share of one bone's length to a share of another's: half widths and half depths at both ends."""

    first: str
    start: float
    second: str
    end: float
    width: Pair
    depth: Pair


FINGER_SIZE = {2: 1.0, 3: 1.03, 4: 0.97, 5: 0.86}

FINGER: tuple[Piece, ...] = (
    Piece("mc", 0.05, "mc", 0.95, (12.0, 12.0), (13.0, 11.5)),
    Piece("pp", -0.05, "pp", 0.5, (11.0, 9.4), (11.0, 9.0)),
    Piece("pp", 0.5, "pp", 1.0, (9.4, 9.8), (9.0, 8.6)),
    Piece("mp", 0.0, "mp", 0.55, (9.8, 8.7), (8.6, 7.7)),
    Piece("mp", 0.55, "dp", 0.0, (8.7, 8.7), (7.7, 7.0)),
    Piece("dp", 0.0, "dp", 0.95, (8.7, 6.9), (7.0, 5.2)),
)
"""By kind of bone; the same for every finger but for its size."""

PALM: tuple[Piece, ...] = (
    Piece("mc1", 0.0, "mc1", 1.0, (14.5, 12.0), (15.0, 11.5)),
    Piece("pp1", 0.0, "pp1", 0.5, (12.0, 10.4), (10.5, 9.5)),
    Piece("pp1", 0.5, "dp1", 0.0, (10.4, 10.4), (9.5, 8.5)),
    Piece("dp1", 0.0, "dp1", 0.9, (10.4, 7.8), (8.5, 5.5)),
    Piece("mc1", 0.7, "mc2", 0.5, (9.0, 9.0), (9.0, 10.0)),
    Piece("mc1", 0.3, "mc2", 0.3, (14.0, 12.0), (15.5, 13.0)),
    Piece("mc2", 0.25, "mc5", 0.25, (13.0, 12.0), (14.0, 13.0)),
    Piece("mc2", 0.55, "mc5", 0.55, (13.0, 12.0), (12.5, 11.5)),
    Piece("mc2", 0.82, "mc5", 0.82, (11.0, 10.0), (12.0, 11.0)),
    Piece("mc2", 1.0, "mc5", 1.0, (9.0, 8.0), (12.0, 11.0)),
    Piece("mc1", 0.85, "mc2", 0.62, (8.0, 9.0), (8.0, 10.0)),
    Piece("mc2", -0.1, "mc4", -0.15, (18.5, 17.0), (17.5, 16.5)),
    Piece("mc2", -0.36, "mc5", -0.34, (15.0, 14.0), (17.0, 16.0)),
    Piece("mc5", 0.0, "mc5", 0.85, (13.0, 11.5), (14.5, 11.0)),
    Piece("radius", 1.0, "mc2", -0.34, (15.0, 14.5), (17.0, 17.0)),
    Piece("ulna", 1.0, "mc5", 0.05, (15.0, 13.5), (16.5, 15.0)),
    Piece("radius", 1.0, "mc1", 0.05, (14.5, 13.0), (16.5, 15.0)),
)

WEB = ((0.02, 9.0, 10.5), (0.17, 7.0, 8.5))
"""Skin between the fingers: share of the proximal phalanges, half width and half depth."""


def hand_cones(skeleton: Skeleton) -> list[Cone | Strand]:
    """The cones of a whole hand and forearm, and the lines of its skin."""
    size = skeleton.bones["mc3"].length / 65.0
    cones = [_cone(skeleton, piece, size) for piece in PALM]
    for digit in FINGER_SIZE:
        cones += _finger(skeleton, digit, size)
    cones += [
        _forearm(skeleton, name, width, depth, size) for name, width, depth in (("radius", 16, 18), ("ulna", 15, 17))
    ]
    return [*cones, *skin_lines(skeleton, size)]


def _finger(skeleton: Skeleton, digit: int, size: float) -> list[Cone]:
    """One finger, and the web to the next."""
    scale = size * FINGER_SIZE[digit]
    cones = []
    for piece in FINGER:
        own = replace(piece, first=f"{piece.first}{digit}", second=f"{piece.second}{digit}")
        cones.append(_cone(skeleton, own, scale))
    for share, half, deep in WEB if digit < 5 else ():
        web = Piece(f"pp{digit}", share, f"pp{digit + 1}", share, (half, half), (deep, deep))
        cones.append(_cone(skeleton, web, size))
    return cones


def _cone(skeleton: Skeleton, piece: Piece, size: float) -> Cone:
    places = skeleton.bones[piece.first].along(piece.start), skeleton.bones[piece.second].along(piece.end)
    return _sized(places, piece.width, piece.depth, size)


def _forearm(skeleton: Skeleton, name: str, width: float, depth: float, size: float) -> Cone:
    bone = skeleton.bones[name]
    places = bone.along(1.0), bone.world((0.0, -160.0, 0.0))
    return _sized(places, (width, width + 13.0), (depth - 1.0, depth + 14.0), size)


def _sized(places: tuple[Vector, Vector], width: Pair, depth: Pair, size: float) -> Cone:
    return Cone(*places, (size * width[0], size * width[1]), (size * depth[0], size * depth[1]))
