"""Where and how a limb lies on a film, what kind of picture it is, and how sure that is.

Found from pixels by `inference.film_analysis`; what tags, names and the user claim is `io.identity`'s; what brings the
limb into the canonical frame is made of it in `preprocessing.turn`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box


class Projection(StrEnum):
    """How the beam passes: hands back to palm (PA), feet top to sole (DP), or turned about the limb's long axis."""

    FRONTAL = "frontal"
    OBLIQUE = "oblique"


class Skeleton(StrEnum):
    """Whether growth plates are open."""

    ADULT = "adult"
    GROWING = "growing"


@dataclass(frozen=True)
class Pose:
    """What brings a limb into the canonical frame: turned clockwise by `turn_cw_deg` in [0, 360), digits point up; then
    left and right exchanged where `mirrored`, it looks like a left limb read as PA or DP.

    `region` is the part of the film, in pixels of the file as stored, that holds this limb and no other; None: all.
    """

    turn_cw_deg: float = 0.0
    mirrored: bool = False
    region: Box | None = None


AS_STORED = Pose()
"""Digits up already, and looking like a left limb."""


@dataclass(frozen=True)
class LimbPlacement:
    """One limb found on a film.

    `apparent_side` is where the thumb or hallux lies, read as PA or DP: laterality is another matter. `box` upright in
    pixels of the file as stored. `confidence` of each decision in [0, 1] by its name: `limb`, `side`, `turn`,
    `projection`, `skeleton`.
    """

    limb: Limb
    apparent_side: Side
    turn_cw_deg: float
    box: Box
    projection: Projection = Projection.FRONTAL
    skeleton: Skeleton = Skeleton.ADULT
    confidence: Mapping[str, float] = field(default_factory=dict)

    @property
    def pose(self) -> Pose:
        """What brings it into the canonical frame."""
        return Pose(self.turn_cw_deg, self.apparent_side is Side.RIGHT, self.box)
