"""How a limb goes along when its film is turned, mirrored, scaled and shifted, and what of it a film's edges leave.

Pixels are `film_analyser_sheets`'.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Matrix, Point, Size, compose
from opensvh.targets.limb_maps import SeenLimb

GRID = 17
"""Places along and across a limb that are looked at for what of it is seen."""


@dataclass(frozen=True)
class Lay:
    """How a film is laid: turned clockwise, mirrored first or not, scaled about `source`, which comes to lie at `goal`.

    `replicate`: what lies past the film's edge is its last pixels, not its background.
    """

    angle_deg: float
    mirror: bool
    scale: float
    source: Point
    goal: Point
    replicate: bool = False

    @property
    def matrix(self) -> Matrix:
        """From pixels of the film to those of the sheet."""
        cosine, sine = (f(math.radians(self.angle_deg)) * self.scale for f in (math.cos, math.sin))
        across = -1.0 if self.mirror else 1.0
        turned: Matrix = ((across * cosine, -sine, self.goal.x), (across * sine, cosine, self.goal.y))
        return compose(turned, ((1.0, 0.0, -self.source.x), (0.0, 1.0, -self.source.y)))


def moved_limb(limb: SeenLimb, lay: Lay) -> SeenLimb:
    """The limb after the film was laid; mirrored, a left one looks like a right one."""
    (a, b, x), (c, d, y) = lay.matrix
    centre = Point(a * limb.centre.x + b * limb.centre.y + x, c * limb.centre.x + d * limb.centre.y + y)
    flags = dict(limb.flags)
    if lay.mirror and "left" in flags:
        flags["left"] = 1.0 - flags["left"]
    angle = ((-limb.angle_deg if lay.mirror else limb.angle_deg) + lay.angle_deg) % 360
    length, width = limb.length * lay.scale, limb.width * lay.scale
    return replace(limb, centre=centre, angle_deg=angle, length=length, width=width, flags=flags)


def visible(limb: SeenLimb, size: Size) -> tuple[SeenLimb | None, float]:
    """What of the limb lies on a film of that size, and its share of the whole; None where nothing does."""
    right, down = limb.direction
    steps = (np.arange(GRID) + 0.5) / GRID - 0.5
    along, across = np.meshgrid(steps * limb.length, steps * limb.width, indexing="ij")
    x = limb.centre.x + along * right - across * down
    y = limb.centre.y + along * down + across * right
    on_film = (x > -0.5) & (x < size.width - 0.5) & (y > -0.5) & (y < size.height - 0.5)
    if not on_film.any():
        return None, 0.0
    low_along, high_along = _reach(along[on_film], limb.length)
    low_across, high_across = _reach(across[on_film], limb.width)
    middle_along, middle_across = (low_along + high_along) / 2, (low_across + high_across) / 2
    centre = Point(
        limb.centre.x + middle_along * right - middle_across * down,
        limb.centre.y + middle_along * down + middle_across * right,
    )
    part = replace(limb, centre=centre, length=high_along - low_along, width=high_across - low_across)
    return part, float(on_film.mean())


def _reach(values: NDArray[np.float64], extent: float) -> tuple[float, float]:
    """From the outer edge of the first grid cell to that of the last."""
    half = extent / GRID / 2
    return float(values.min()) - half, float(values.max()) + half
