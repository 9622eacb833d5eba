"""The ends of the radius and ulna as solids, and how they lie under a posed wrist.

The radius has a dish for scaphoid and lunate that faces palmar, so that its dorsal rim shows 2 to 3 mm distal of its
palmar one on a PA film; the ulna comes with a styloid of different lengths.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import CORTEX_STEPS, MARGIN_MM, BoneShape
from opensvh.simulation.anatomy.distance_fields import Field, evened, grid, smooth_max, smooth_min, tube_side

LENGTH_MM = 70.0
"""Forearm bones go on beyond y = 0 with the section they have there."""

PLATE_MM = 0.5
"""Cortex under the joint surface."""
ULNAR_CORNER_MM = -12.5
STYLOIDS_MM = (1.8, 3.4, 5.2)
"""Reach of the ulnar styloid beyond the head: short, usual, long (means 3 to 5 mm on the films measured)."""


def radius_height(x: Field | float, z: Field | float = 0.0) -> Field:
    """Local y in mm of the radius' joint surface: rising to the styloid, dished, dorsal (z < 0) rim the higher.

    Across: own measurement on 12 hands, 24 degrees from corner to styloid; palmar tilt 11 degrees, the usual mean.
    """
    reach = np.asarray(x) - ULNAR_CORNER_MM
    across = 0.10 * reach + 0.0125 * reach * np.abs(reach)
    return np.asarray(LENGTH_MM - 4.8 + across - 0.19 * np.asarray(z) + 0.014 * np.asarray(z) ** 2)


@lru_cache(maxsize=1)
def radius_shape() -> BoneShape:
    """The distal radius; its joint surface is `radius_height`."""
    x, y, z, origin = grid((-21, 0, -15), (22, LENGTH_MM + 12, 15))
    left, right, flare = _borders(y)
    side = tube_side(x - (left + right) / 2, z, (right - left) / 2, 5.6 + 4.8 * flare, 2.5)
    surface = smooth_max(side, (y - radius_height(x, z)) * 0.9, 1.5)
    steps = np.arange(0.0, LENGTH_MM + 12)
    waist = _borders(steps)[1] - _borders(steps)[0]
    return BoneShape(
        _levelled(surface),
        origin,
        LENGTH_MM,
        30.0,
        _shaft_cortex(2.5),
        endless=True,
        waist=np.asarray(waist / waist.mean(), np.float32),
        spongy=_spongy(),
        coarse=True,
    )


def _borders(y: Field) -> tuple[Field, Field, Field]:
    """Ulnar and radial border of the radius in mm over local y, and how far it has flared, in [0, 1].

    Both borders run nearly straight for the last centimetre; the styloid's tip turns in.
    """
    flare = 1 / (1 + np.exp((LENGTH_MM - y - 21) / 5.2))
    tip = 0.09 * np.clip(y - LENGTH_MM + 3.0, 0.0, None) ** 2
    return -8.0 - 5.4 * flare, 8.4 + 7.5 * flare - tip, flare


@lru_cache(maxsize=len(STYLOIDS_MM))
def ulna_shape(styloid_mm: float) -> BoneShape:
    """The distal ulna: a flat head near y = `length_mm` and a styloid on its ulnar, dorsal side."""
    x, y, z, origin = grid((-13, 0, -13), (13, LENGTH_MM + 10, 12))
    below = LENGTH_MM - y
    half = 5.6 + 2.5 / (1 + np.exp((below - 11) / 3.2))
    dome = LENGTH_MM - 0.025 * (x - 1.0) ** 2 - 0.02 * z**2
    head = smooth_max(tube_side(x, z, half, half * 0.95, 2.2), y - dome, 1.4)
    top = LENGTH_MM + styloid_mm - 2.4
    styloid = _peg(x, y, z, (-5.3, LENGTH_MM - 6.0, -2.4), (-5.2, top, -3.0), 2.4)
    return BoneShape(
        _levelled(smooth_min(head, styloid, 1.8)),
        origin,
        LENGTH_MM,
        16.0,
        _shaft_cortex(1.9),
        0.24,
        0.03,
        endless=True,
        waist=np.ones(int(LENGTH_MM) + 1, np.float32),
    )


def _peg(
    x: Field,
    y: Field,
    z: Field,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    radius: float,
) -> Field:
    axis = np.subtract(end, start)
    offsets = (x - start[0], y - start[1], z - start[2])
    along = np.clip(sum(o * a for o, a in zip(offsets, axis, strict=True)) / float(axis @ axis), 0, 1)
    squared = sum((o - along * a) ** 2 for o, a in zip(offsets, axis, strict=True))
    return np.asarray(np.sqrt(squared) - radius)


def _levelled(level: Field) -> NDArray[np.float32]:
    return np.minimum(evened(level), np.float32(4 * MARGIN_MM))


def _shaft_cortex(thickness: float) -> NDArray[np.float32]:
    along = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS
    return np.asarray(PLATE_MM + (thickness - PLATE_MM) / (1 + np.exp((along - 0.72) / 0.05)), dtype=np.float32)


def _spongy() -> NDArray[np.float32]:
    """Share of cortical density inside: densest under the joint's plate, gone 40 mm above it."""
    above = LENGTH_MM * (1 - (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS)
    return np.asarray(0.03 + 0.2 * np.exp(-((above / 22) ** 2)) + 0.2 * np.exp(-((above / 5) ** 2)), np.float32)
