"""Heads of metacarpals and phalanges as a film shows them: the dome or the two condyles, and the fossae beside them.

On either side of a head lies a shallow fossa, towards the dorsum, where the collateral ligament springs from the bone
(Gray's Anatomy, hand: metacarpals and phalanges). Its wall stands along the beam and shows as a bright oblique streak
inside the outline; towards the palm the head keeps its width and shows as a greyer flange outside the streak. Between
the streaks the head looks darker. In front of the neck the outline widens to the tubercles, and falls to the shaft.
"""

from dataclasses import dataclass, replace

import numpy as np

from opensvh.simulation.anatomy.distance_fields import Field, smooth_max

SPREAD = {"waist": 0.07, "nearest_mm": 0.6, "floor": 0.12, "opening": 0.15, "lean": 0.08}
"""SD of each measure of a fossa from bone to bone; opening is a factor, the rest are added."""
RECESS_SD_MM = 0.8
EDGE_MM, CORNER_MM = 0.5, 1.2
"""Rounding of a fossa's edges, and of its wall where that comes nearest to the axis."""
PALMAR, RECESS_SLOPE = 1.15, 0.3
"""A tube is flatter towards the palm by this factor; a recess rises to the shaft again by so many mm a mm."""
ROOF_SLOPE = 2.0
"""mm of depth a mm by which a fossa grows shallower towards the joint."""


@dataclass(frozen=True)
class Fossa:
    """A fossa on one side of a head, in shares of half the head's width and depth, and in mm from the head's end.

    `waist` is how far from the axis its wall comes at `nearest_mm` from the end; from there the wall draws aside, by
    half the head's width over `opening` mm (towards the end, towards the neck). Its palmar border lies at `floor` of
    half the depth (negative: dorsal of the axis); `lean` is how far the wall leans out towards the palm, in mm per mm.
    """

    waist: float
    nearest_mm: float
    opening: tuple[float, float]
    floor: float = -0.1
    lean: float = 0.1


@dataclass(frozen=True)
class Knuckle:
    """What a head has beyond its measures: a fossa on the ulnar and on the radial side, and how its outline flares.

    `widest_mm` is where the head is widest, from its end; `flare_mm` the reach of that width (towards the end, towards
    the neck). Behind its condyles a phalanx is hollowed from the palm, `recess` (mm from the end, mm deep).
    """

    fossae: tuple[Fossa, Fossa]
    widest_mm: float
    flare_mm: tuple[float, float]
    recess: tuple[float, float] | None = None

    def near_head(self, from_end_mm: Field) -> Field:
        """How far the width goes from the shaft's (0) to the head's (1)."""
        reach = np.where(from_end_mm < self.widest_mm, *self.flare_mm)
        return np.asarray(np.exp(-(((from_end_mm - self.widest_mm) / reach) ** 2)))


def varied(knuckle: Knuckle, rng: np.random.Generator) -> Knuckle:
    """Another person's head of the same kind."""
    ulnar, radial = (_varied_fossa(fossa, rng) for fossa in knuckle.fossae)
    moved, deeper = rng.normal(0, RECESS_SD_MM), float(np.exp(rng.normal(0, 0.5)))
    recess = None if knuckle.recess is None else (knuckle.recess[0] + moved, knuckle.recess[1] * deeper)
    return replace(knuckle, fossae=(ulnar, radial), widest_mm=knuckle.widest_mm + moved / 2, recess=recess)


def hollowed(distance: Field, knuckle: Knuckle, half: tuple[float, float], places: tuple[Field, Field, Field]) -> Field:
    """The head's distance with its fossae taken out; `half` its width and depth, `places` x, mm from its end, and z."""
    x, from_end, z = places
    for side, fossa in zip((-1.0, 1.0), knuckle.fossae, strict=True):
        before, beyond = _apart(fossa.nearest_mm - from_end), _apart(from_end - fossa.nearest_mm)
        wall = fossa.waist + (before / fossa.opening[0]) ** 2 + beyond / fossa.opening[1]
        aside = half[0] * wall + fossa.lean * z - side * x
        border = fossa.floor * half[1] - ROOF_SLOPE * before
        distance = smooth_max(distance, -smooth_max(aside, z - border, EDGE_MM), EDGE_MM)
    if knuckle.recess is not None:
        distance = smooth_max(distance, -_recess(knuckle.recess, half[1], from_end, z), 0.3)
    return distance


def _recess(recess: tuple[float, float], half_depth: float, from_end: Field, z: Field) -> Field:
    """Distance to the hollow behind the condyles: a step down from their palmar side, filling up along the neck."""
    behind = from_end - recess[0]
    border = half_depth / PALMAR - recess[1] + RECESS_SLOPE * np.clip(behind, 0, None)
    return smooth_max(-behind, border - z, 0.3)


def _apart(mm: Field) -> Field:
    """The part above 0, with a round corner."""
    return np.asarray((np.hypot(mm, CORNER_MM) + mm) / 2)


def _varied_fossa(fossa: Fossa, rng: np.random.Generator) -> Fossa:
    factor = float(np.exp(rng.normal(0, SPREAD["opening"])))
    return Fossa(
        waist=fossa.waist + SPREAD["waist"] * float(np.clip(rng.normal(), -2, 2)),
        nearest_mm=fossa.nearest_mm + rng.normal(0, SPREAD["nearest_mm"]),
        opening=(fossa.opening[0] * factor, fossa.opening[1] * factor),
        floor=fossa.floor + rng.normal(0, SPREAD["floor"]),
        lean=fossa.lean + rng.normal(0, SPREAD["lean"]),
    )
