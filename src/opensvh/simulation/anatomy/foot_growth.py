"""The growing foot: growth plates of phalanges, metatarsals, calcaneus and leg, and tarsals that do not yet fill.

Ages are skeletal years. Epiphyses of the foot appear between 1 and 4 years and close at about 14-16 in girls and 16-18
in boys; the apophysis of the calcaneus appears at 6-9 and closes at 14-16; distal tibia and fibula close at 15-18
(round figures of textbooks, not looked up). Plate widths are our own choice.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from opensvh.simulation.anatomy.growth_plates import Plate, plate_of
from opensvh.simulation.anatomy.skeleton import GrowthPlate, PosedBone

YOUNGEST = 4.0
"""Younger feet, with epiphyses still of cartilage, are drawn as of this age."""


PLATES: dict[str, Plate] = {
    "pp1": Plate(5.2, 0.5, 3.0, 15.5),
    "dp1": Plate(4.2, 0.4, 2.5, 15.0),
    "pp": Plate(3.6, 0.4, 2.5, 15.5),
    "mp": Plate(2.2, 0.2, 3.0, 14.5),
    "dp": Plate(2.0, 0.2, 4.0, 14.5),
    "mt1": Plate(8.0, 0.8, 3.0, 16.0),
    "mt": Plate(-9.5, 0.6, 3.0, 16.0),
    "calcaneus": Plate(-69.5, 3.5, 7.5, 15.5),
    "tibia": Plate(-9.5, 0.8, 0.5, 16.5),
    "fibula": Plate(-1.0, 0.4, 1.0, 16.5),
}
"""By bone, or by kind of bone; the calcaneus is measured from its front."""

SESAMOIDS_APPEAR = 10.0
TARSALS_FULL = 11.0
"""Years at which the tarsals have reached their shape."""


def growing(bones: Mapping[str, PosedBone], age: float, rng: np.random.Generator) -> dict[str, PosedBone]:
    """The bones of a foot of `age` skeletal years: each open plate as a `GrowthPlate`."""
    age = max(age, YOUNGEST)
    closing = age + float(rng.normal(0, 0.4))
    grown = {}
    for name, bone in bones.items():
        plate = plate_of(PLATES, name)
        is_open = plate is not None and plate.appears <= age and closing < plate.closes
        grown[name] = replace(bone, growth_plate=_plate(bone, plate, closing)) if plate and is_open else bone
    return grown


def unfilled(tarsals: Mapping[str, PosedBone], age: float) -> dict[str, PosedBone]:
    """Tarsals of a child: smaller than the place that they will fill, with cartilage between them."""
    share = float(np.clip((max(age, YOUNGEST) - 2.0) / (TARSALS_FULL - 2.0), 0.0, 1.0))
    return {name: replace(bone, scale=bone.scale * (0.74 + 0.26 * share)) for name, bone in tarsals.items()}


def _plate(bone: PosedBone, plate: Plate, closing: float) -> GrowthPlate:
    """Wide in a child, a line in the year before it closes."""
    left = float(np.clip((plate.closes - closing) / 5.0, 0.0, 1.0))
    middle = bone.shape.length_mm / 2 if bone.shape.waist is None else bone.shape.length_mm
    y = plate.from_end_mm + middle if plate.from_end_mm < 0 else plate.from_end_mm
    return GrowthPlate(y, 0.5 + 1.0 * left, plate.arch_mm)
