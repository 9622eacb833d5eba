"""How one person's carpals lie together: the table's places and turns, stretched, bent and tilted as people differ.

What each carpal looks like is in `carpals`; where bones meet, and how wide apart, in `wrist`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.carpals import CARPALS, VARIANTS, carpal_shape
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import PosedBone, Vector, turn

HUB = np.array([0.0, 14.3, 0.0])
"""The middle of the third carpometacarpal joint in world mm: the world's origin lies in the capitate."""

PROXIMAL_ROW = ("scaphoid", "lunate", "triquetrum", "pisiform")
CENTRE_OF_TURN = np.array([0.4, -18.0, 0.0])
"""The head of the capitate: wrist movements turn about it."""

ROW_SHARE = 0.45
"""Part of a deviation that the proximal row follows; the scaphoid also flexes by `SCAPHOID_FLEXION` of it."""
SCAPHOID_FLEXION = 0.9

CARPUS_STRETCH, CARPUS_SPREAD = (0.03, 0.05, 0.0), (0.05, 0.05, 0.04)
"""Mean and SD of the logarithm of the whole carpus' breadth, height and depth over the table's, in a hand of one size;
the mean by the tuning half of the marked real hands."""
CARPUS_FLEXION, CARPUS_ROLL_SD, ROW_FLEXION_SD = (0.0, 4.0), 5.0, 4.0
"""Degrees, mean and SD: the carpus bent to the palm, turned about the forearm; the proximal row beside it. A palm laid
on the film is seldom flat at the wrist, and which margins overlap follows from it. Our choice, by eye."""


def posed_carpals(build: Build, away_deg: float, rng: np.random.Generator) -> dict[str, PosedBone]:
    """The eight carpals in world mm, in a wrist that deviates so far to the thumb from how it usually lies."""
    bones = {}
    carpus = _draw_carpus(away_deg, rng)
    for name, carpal in CARPALS.items():
        x, y, z = carpal.turns
        if name == "scaphoid":
            x += SCAPHOID_FLEXION * away_deg + rng.normal(0, 5)
        rotation = turn(z=z + rng.normal(0, 5)) @ turn(x=x + rng.normal(0, 4)) @ turn(y=y + rng.normal(0, 5))
        place = np.array(carpal.centre) + rng.normal(0, 0.5, 3)
        place, rotation = carpus.placed(place, rotation, name in PROXIMAL_ROW)
        scale = build.size * carpus.stretch * np.exp(rng.normal(0, 0.05, 3))
        shape = carpal_shape(name, int(rng.integers(VARIANTS)))
        bones[name] = PosedBone(shape, rotation, build.size * (HUB + place), scale)
    return bones


@dataclass(frozen=True)
class _Carpus:
    """How one person's carpals lie together: factors on breadth, height and depth, and turns of the proximal row and
    of all carpals."""

    stretch: Vector
    row: NDArray[np.float64]
    tilt: NDArray[np.float64]

    def placed(self, place: Vector, rotation: NDArray[np.float64], proximal: bool) -> tuple[Vector, Vector]:
        """Place and rotation of a carpal of the table, in mm from `HUB`."""
        place = self.stretch * place
        if proximal:
            place = CENTRE_OF_TURN + self.row @ (place - CENTRE_OF_TURN)
            rotation = self.row @ rotation
        return self.tilt @ place, self.tilt @ rotation


def _draw_carpus(away_deg: float, rng: np.random.Generator) -> _Carpus:
    row = turn(z=ROW_SHARE * away_deg + rng.normal(0, 2.5), x=rng.normal(0, ROW_FLEXION_SD))
    tilt = turn(x=rng.normal(*CARPUS_FLEXION), y=rng.normal(0, CARPUS_ROLL_SD))
    return _Carpus(np.exp(rng.normal(CARPUS_STRETCH, CARPUS_SPREAD)), row, tilt)
