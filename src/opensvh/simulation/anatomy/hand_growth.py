"""The growing hand: which bones have appeared at a skeletal age, how much of their place they fill, and growth plates.

Ages are skeletal years between those of girls and boys, rounded (Greulich and Pyle, Radiographic Atlas of Skeletal
Development of the Hand and Wrist, 1959; Gilsanz and Ratib, Hand Bone Age, 2005): carpals appear from capitate to
pisiform between birth and 10 years and fill their places at about 13; epiphyses close from the tips of the fingers
(14.5 years) to the radius (17.5). The size of the whole limb is `Build`'s.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.carpals import CARPALS, Block, solid
from opensvh.simulation.anatomy.forearm import radius_height
from opensvh.simulation.anatomy.growth_plates import Plate, plate_of
from opensvh.simulation.anatomy.hand_ossicles import OSSICLES
from opensvh.simulation.anatomy.skeleton import GrowthPlate, PosedBone, Skeleton, Vector

APPEARS = {
    "capitate": 0.2,
    "hamate": 0.3,
    "triquetrum": 2.1,
    "lunate": 3.3,
    "scaphoid": 4.7,
    "trapezium": 4.8,
    "trapezoid": 5.0,
    "pisiform": 9.5,
    "sesamoid": 12.0,
}
"""Years at which a bone without a shaft first shows."""

FULL_AT = 13.0
ROUND_BELOW = 0.8
"""Share of its final size below which a carpal is still round."""


PLATES: dict[str, Plate] = {
    "mc1": Plate(5.4, 0.5, 2.2, 15.0),
    "mc": Plate(-9.5, -0.6, 1.7, 15.5),
    "pp": Plate(4.2, 0.4, 1.2, 15.0),
    "mp": Plate(3.0, 0.3, 1.5, 15.0),
    "dp": Plate(2.6, 0.3, 1.8, 14.5),
    "radius": Plate(-8.6, 0.4, 1.0, 17.5),
    "ulna": Plate(-5.4, 0.3, 6.2, 17.0),
}
"""By bone, or by kind of bone; thicknesses of epiphyses are this project's choice, by eye on films of children."""

_UNSEEN_MM = 40.0


def growing_hand(skeleton: Skeleton, age: float, rng: np.random.Generator) -> Skeleton:
    """The hand at a skeletal age in years: cartilage leaves no shadow, so bones are missing, small or divided."""
    bones = {}
    for name, bone in skeleton.bones.items():
        grown = _short(name, bone, age + float(rng.normal(0, 0.3)))
        if grown is not None:
            bones[name] = grown
    return replace(skeleton, bones=bones, points={**skeleton.points, **_points(bones, age)})


def _short(name: str, bone: PosedBone, age: float) -> PosedBone | None:
    """A carpal, sesamoid or tubular bone at an age; None before it appears."""
    kind = "sesamoid" if name in OSSICLES else name
    if kind in APPEARS:
        return _unfilled(kind, bone, age) if age > APPEARS[kind] else None
    plate = plate_of(PLATES, name)
    if plate is None or age >= plate.closes:
        return bone
    return replace(bone, growth_plate=_plate(bone, plate, age))


def _unfilled(name: str, bone: PosedBone, age: float) -> PosedBone:
    """Small and round at first, then filling its place."""
    share = float(np.clip(0.38 + 0.62 * (age - APPEARS[name]) / (FULL_AT - APPEARS[name]), 0.38, 1.0))
    shape = _round_shapes()[name] if share < ROUND_BELOW and name in CARPALS else bone.shape
    return replace(bone, shape=shape, scale=bone.scale * share)


@lru_cache(maxsize=1)
def _round_shapes() -> dict[str, BoneShape]:
    shapes = {}
    for name, carpal in CARPALS.items():
        mean = float(np.mean(carpal.half_axes))
        a, b, c = (0.5 * (mean + axis) for axis in carpal.half_axes)
        shapes[name] = solid((Block((0.0, 0.0, 0.0), (a, b, c), 2.1, 0.0, 2.2),), (2 * a, 2 * b))
    return shapes


def _plate(bone: PosedBone, plate: Plate, age: float) -> GrowthPlate:
    """Wide in a child, a line in the year before it closes; before the epiphysis shows, all beyond it is gone."""
    left = float(np.clip((plate.closes - age) / 7.0, 0.0, 1.0))
    width = 0.5 + 1.6 * left + 1.2 * float(np.clip((7.0 - age) / 6.0, 0.0, 1.0))
    from_head = plate.from_end_mm < 0
    middle = plate.from_end_mm + (bone.shape.length_mm if from_head else 0.0)
    if age < plate.appears:
        beyond = (_UNSEEN_MM - width) / 2
        return GrowthPlate(middle + (beyond if from_head else -beyond), _UNSEEN_MM, 0.0)
    return GrowthPlate(middle, width, plate.arch_mm)


def _points(bones: Mapping[str, PosedBone], age: float) -> dict[str, Vector]:
    """Points that lie elsewhere in a child: in the radius' epiphysis, in the ossified parts of ulna and thumb."""
    points = {}
    if age < PLATES["radius"].closes - 2:
        points["RADIUS"] = bones["radius"].world((9.0, float(radius_height(9.0)) - 4.0, 0.0))
    if age < PLATES["ulna"].appears:
        points["ULNA"] = bones["ulna"].world((0.0, bones["ulna"].shape.length_mm - 9.0, 0.0))
    if age < PLATES["mc1"].appears:
        points["MC1_BASE"] = bones["mc1"].world((0.0, 7.0, 0.0))
    return points
