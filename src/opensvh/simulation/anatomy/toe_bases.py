"""The base of a lesser toe's first phalanx: two tubercles on its sole side, a groove between them, rounded corners.

A toe raised off the film shows its base from the end, lying over the metatarsal's head: a box with two lobes below, and
a bright arch where the groove runs out on the shaft.
"""

from dataclasses import dataclass

import numpy as np

from opensvh.simulation.anatomy.distance_fields import Field

FULL_LIP_MM = 2.5
"""Depth towards the sole at which the lip has its full shape."""


@dataclass(frozen=True)
class SoleSide:
    """Measures in mm: the tubercles stand out by `lobes`; the `groove` for the tendon between them, as deep as that,
    runs on along `reach` of the bone's length; corners at the sides are rounded by `corner`.
    """

    lobes: float
    groove: float
    reach: float
    corner: float

    def half_measures(
        self, place: tuple[Field, Field, Field], half: tuple[Field, Field], size: tuple[float, float]
    ) -> tuple[Field, Field]:
        """Half width and half depth with tubercles, groove and corners.

        `place` is (x, y, z) in local mm, `half` the half measures without them, `size` the base's width and the bone's
        length.
        """
        (x, y, z), (across, deep), (width, length) = place, half, size
        u, along = 2 * x / width, np.clip(y / length, 0, None)
        lobes = self.lobes * np.exp(-(((np.abs(u) - 0.58) / 0.3) ** 2)) * np.exp(-((along / 0.16) ** 2))
        groove = self.groove * np.exp(-((u / 0.3) ** 2)) * np.exp(-((along / self.reach) ** 2))
        corner = self.corner * np.clip((1.8 - y) / 2.8, 0, 1.5) ** 2
        towards_sole = np.where(z > 0, lobes - np.minimum(groove, 0.45 * deep), 0.0)
        return np.asarray(across - corner), np.asarray(deep + towards_sole)


def lobed(lip: Field, overlap_mm: float, u: Field, z: Field) -> Field:
    """How far a base's `lip` reaches over its neighbour's head, on the sole side in two lobes and less between them.

    `u` is the place across in half widths of the base.
    """
    lobes = overlap_mm * (0.45 + 0.75 * np.exp(-(((np.abs(u) - 0.55) / 0.28) ** 2)))
    return np.asarray(lip + np.clip(z / FULL_LIP_MM, 0, 1) * (lobes - lip))
