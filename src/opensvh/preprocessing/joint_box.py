"""The limb's box from its joints, where those are known better than the outline: in training, and for a second look."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Point


@dataclass(frozen=True)
class Margins:
    """From the joints' extent to the limb's box, in units of the joints' height (hand) or width (foot)."""

    left: float
    right: float
    top: float
    bottom: float


MARGINS = {
    Limb.HAND: Margins(left=0.097, right=0.083, top=0.299, bottom=0.063),
    Limb.FOOT: Margins(left=0.251, right=0.253, top=0.483, bottom=2.275),
}
"""Medians over 14 real hands and 24 real feet with hand-marked joints and boxes, canonical pose."""


def box_around(points: Sequence[Point], limb: Limb) -> Box:
    """The limb's box from its joints, in the pixels of `points` (digits up, looking like a left limb)."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    unit = max(bottom - top if limb is Limb.HAND else right - left, 1.0)
    margins = MARGINS[limb]
    return Box(
        math.floor(left - margins.left * unit),
        math.floor(top - margins.top * unit),
        math.ceil(right + margins.right * unit) + 1,
        math.ceil(bottom + margins.bottom * unit) + 1,
    )
