"""What surgeons leave in bones: stems, hinges, caps, plates and screws, as posed bones of metal or silicone.

Which operation uses what is in `surgery`. Measures in mm are round figures of common implants, our own choice. A stem
that passes through a bone adds to it on the film; the marrow it replaces weighs next to nothing.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import CORTEX_STEPS, MARGIN_MM, BoneShape
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM
from opensvh.simulation.anatomy.skeleton import PosedBone, Vector

METAL, SILICONE = 6.0, 0.45
"""Density against cortical bone: steel, cobalt and titanium alloys lie far above it, silicone below."""

PARTS: dict[str, tuple[tuple[float, float, float], float]] = {
    "stem": ((1.9, 10.0, 1.7), 1.7),
    "hinge": ((5.6, 3.2, 4.6), 1.5),
    "cap": ((5.8, 3.0, 5.4), 2.9),
    "socket": ((6.0, 1.6, 5.0), 0.8),
    "screw": ((1.3, 13.0, 1.3), 1.2),
    "short screw": ((1.1, 6.0, 1.1), 1.0),
    "plate": ((3.6, 48.0, 1.2), 0.9),
    "toe plate": ((3.2, 20.0, 0.9), 0.7),
    "wrist base": ((12.5, 3.0, 7.5), 1.6),
    "wrist stem": ((3.6, 17.0, 3.2), 3.0),
    "carpal part": ((11.0, 2.6, 7.0), 1.4),
    "carpal peg": ((2.4, 13.0, 2.4), 2.2),
}
"""Part -> half axes (across, along, through) of a block, and the radius that rounds its edges."""


@lru_cache(maxsize=1)
def implant_shapes() -> dict[str, BoneShape]:
    """Every part at its reference size, solid throughout; built once a process."""
    return {name: _block(half, rounding) for name, (half, rounding) in PARTS.items()}


def implant(part: str, place: Vector, rotation: NDArray[np.float64], size: float, solid: float = METAL) -> PosedBone:
    """A part with its middle at a world point, its length along the rotation's y axis."""
    return PosedBone(implant_shapes()[part], rotation, place, np.full(3, size), solid=solid)


def _block(half: tuple[float, float, float], rounding: float) -> BoneShape:
    """A block with rounded edges around the origin, dense to its core."""
    low = tuple(-h - MARGIN_MM for h in half)
    axes = [np.arange(start, -start + VOXEL_MM, VOXEL_MM) for start in low]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"))
    beyond = np.abs(grid) - np.reshape(half, (3, 1, 1, 1)) + rounding
    distance = np.linalg.norm(np.maximum(beyond, 0), axis=0) + np.minimum(beyond.max(axis=0), 0) - rounding
    dense = np.full(CORTEX_STEPS, 60.0, np.float32)
    return BoneShape(distance.astype(np.float32), (low[0], low[1], low[2]), 2 * half[1], 2 * half[0], dense)
