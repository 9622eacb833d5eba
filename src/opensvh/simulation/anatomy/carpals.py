"""The eight carpals as solids: each a smooth union of a few rounded blocks, from tables of measures in mm.

Which carpal lies where is in the same table, since shape and place are measured together on radiographs; moving the
wrist, and cutting the bones back along their joints, is `wrist`'s work. Blocks reach about a millimetre into their
neighbours, so that every facet is decided by a joint space.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from opensvh.simulation.anatomy.bones import CORTEX_STEPS, MARGIN_MM, BoneShape
from opensvh.simulation.anatomy.distance_fields import Field, grid, smooth_min, steepness

Triple = tuple[float, float, float]

CORTEX_MM = 0.4
BLEND_MM = 1.2
"""Radius of the fillet between two blocks of one bone."""

VARIANTS = 5
"""Shapes that each carpal comes in, beside its size and turn; more would only cost time to build."""
PLACE_SPREAD_MM, AXIS_SPREAD, TURN_SPREAD_DEG = 0.35, 0.06, 4.0
"""SDs from person to person: of a block's place, of the logarithm of its half axes, of its turn."""
BUMP_MM, BUMP_VOXELS = 0.18, 6
"""SD of a bone's unevenness, and its grain: 2.4 mm. Our choice, by eye."""


@dataclass(frozen=True)
class Block:
    """A rounded block: centre and half axes in mm, turn about the depth axis in degrees, power 2 (ellipsoid) and up.

    `deep_power` is the power along the depth: high, and the sides run along the beam and show as a bright ring.
    """

    centre: Triple
    half_axes: Triple
    power: float = 2.4
    turn: float = 0.0
    deep_power: float = 2.6


@dataclass(frozen=True)
class Carpal:
    """A carpal of a left wrist of average size, palm towards the detector.

    `centre` in mm from the middle of the third carpometacarpal joint (x to the thumb, y distal, z palmar); `turns`
    about x, y, z in degrees take its own axes there; `half_axes` are its outline's, for whatever is put on its surface.
    """

    centre: Triple
    half_axes: Triple
    blocks: tuple[Block, ...]
    turns: Triple = (0.0, 0.0, 0.0)


CARPALS: dict[str, Carpal] = {
    "capitate": Carpal(
        (0.4, -12.2, 0.0),
        (6.4, 11.4, 9.0),
        (
            Block((-0.2, 6.4, -2.4), (6.5, 5.2, 6.8), 3.6, -4.0, 3.4),
            Block((0.2, 6.0, 3.6), (5.3, 5.5, 5.0), 3.0, -2.0, 3.0),
            Block((0.2, 0.4, -0.6), (4.8, 6.2, 6.2), 2.6, 0.0, 2.4),
            Block((0.0, -4.2, 0.4), (5.9, 5.9, 5.9), 2.1, 0.0, 2.2),
        ),
    ),
    "hamate": Carpal(
        (-12.2, -10.6, 0.0),
        (7.0, 9.2, 7.0),
        (
            Block((-0.8, 4.4, -1.6), (7.8, 4.2, 6.4), 3.2, 20.0, 3.4),
            Block((0.0, 4.2, 3.0), (6.4, 4.3, 4.4), 3.0, 21.0, 2.8),
            Block((2.2, -1.2, -0.8), (4.6, 5.8, 6.0), 2.4, 24.0, 2.6),
            Block((4.4, -5.6, -0.4), (2.7, 4.6, 4.8), 2.2, 14.0),
            Block((0.2, 4.6, 8.4), (2.0, 3.2, 6.4), 2.2, 14.0, 3.0),
        ),
    ),
    "trapezoid": Carpal(
        (11.4, -6.4, -1.6),
        (5.8, 6.2, 7.4),
        (
            Block((0.4, -0.2, -2.4), (6.0, 6.0, 5.6), 2.5, 14.0, 2.3),
            Block((-0.8, 0.6, 3.4), (4.0, 4.8, 4.6), 2.4, -10.0, 2.6),
        ),
        (4.0, 8.0, -10.0),
    ),
    "trapezium": Carpal(
        (20.2, -8.4, 4.2),
        (6.8, 7.6, 6.6),
        (
            Block((0.4, 0.6, -1.0), (6.6, 6.8, 5.6), 3.4, 0.0, 2.8),
            Block((-4.4, -0.6, 2.6), (5.6, 6.2, 4.6), 2.8, -8.0, 2.6),
            Block((-3.2, -2.4, 6.2), (2.2, 4.6, 2.8), 2.2, 0.0, 3.0),
        ),
        (10.0, -26.0, -32.0),
    ),
    "scaphoid": Carpal(
        (10.4, -19.0, 2.0),
        (5.4, 9.4, 6.4),
        (
            Block((-0.4, -3.8, -0.4), (5.5, 5.5, 6.6), 2.2, 10.0, 2.6),
            Block((0.4, 0.2, 0.0), (4.3, 6.0, 4.8), 2.2),
            Block((0.5, 3.6, 0.2), (5.6, 5.6, 6.2), 2.5, 0.0, 3.4),
            Block((2.4, 2.4, 4.8), (3.2, 3.6, 2.8), 2.2),
        ),
        (20.0, 0.0, -42.0),
    ),
    "lunate": Carpal(
        (-6.4, -25.0, 0.0),
        (7.0, 5.6, 8.8),
        (
            Block((0.4, -0.4, 0.0), (7.4, 5.0, 8.0), 3.0, 0.0, 2.3),
            Block((3.6, 2.6, 0.0), (4.4, 4.6, 7.0), 2.8, 0.0, 2.6),
            Block((-1.0, 2.6, -6.0), (5.6, 4.4, 3.2), 2.6, 6.0, 2.4),
            Block((1.4, 2.8, 6.2), (5.8, 5.2, 3.4), 2.6, -4.0, 2.4),
        ),
        (0.0, 0.0, 6.0),
    ),
    "triquetrum": Carpal(
        (-17.8, -18.6, -1.8),
        (6.6, 5.4, 6.0),
        (
            Block((0.8, 0.0, 0.0), (6.6, 5.6, 5.8), 2.8, 0.0, 2.4),
            Block((-3.4, 1.8, -0.8), (3.8, 4.4, 4.6), 2.2),
        ),
        (0.0, 0.0, -30.0),
    ),
    "pisiform": Carpal(
        (-18.6, -20.2, 8.6),
        (4.2, 5.2, 4.2),
        (
            Block((0.0, 0.6, 0.0), (4.1, 4.6, 4.2), 2.3, 0.0, 2.3),
            Block((0.4, -2.0, 0.2), (3.2, 3.2, 3.4), 2.1),
        ),
        (0.0, 0.0, 12.0),
    ),
}
"""Centres and outlines: own measurement on 12 adult hands (FracAtlas and a textbook film, see `docs/simulator.md`),
scaled to a third metacarpal of 65 mm; depths and the arch after anatomy texts, rounded."""


@lru_cache(maxsize=len(CARPALS) * VARIANTS)
def carpal_shape(name: str, variant: int) -> BoneShape:
    """A carpal at its reference size as one of `VARIANTS` people have it; each is built once a process."""
    carpal = CARPALS[name]
    rng = np.random.default_rng([list(CARPALS).index(name), variant])
    blocks = [_varied(block, rng) for block in carpal.blocks]
    return solid(blocks, (2 * carpal.half_axes[0], 2 * carpal.half_axes[1]), rng)


def _varied(block: Block, rng: np.random.Generator) -> Block:
    """The block in somebody else's bone."""
    centre = np.array(block.centre) + rng.normal(0, PLACE_SPREAD_MM, 3)
    half_axes = np.array(block.half_axes) * np.exp(rng.normal(0, AXIS_SPREAD, 3))
    power = max(block.power + float(rng.normal(0, 0.3)), 2.0)
    return replace(
        block,
        centre=(float(centre[0]), float(centre[1]), float(centre[2])),
        half_axes=(float(half_axes[0]), float(half_axes[1]), float(half_axes[2])),
        power=power,
        turn=block.turn + float(rng.normal(0, TURN_SPREAD_DEG)),
    )


def solid(
    blocks: Sequence[Block], width_and_length: tuple[float, float], rng: np.random.Generator | None = None
) -> BoneShape:
    """The smooth union of blocks, with a thin cortex and dense spongy bone all through; uneven where `rng` is given."""
    reach = np.array([[_reach(block, axis) for axis in range(3)] for block in blocks])
    low, high = reach[:, :, 0].min(axis=0) - MARGIN_MM, reach[:, :, 1].max(axis=0) + MARGIN_MM
    x, y, z, origin = grid(low, high)
    distance = _level(blocks[0], x, y, z)
    for block in blocks[1:]:
        distance = smooth_min(distance, _level(block, x, y, z), BLEND_MM)
    if rng is not None:
        distance = distance + unevenness(distance.shape, rng)
    shell = np.full(CORTEX_STEPS, CORTEX_MM, np.float32)
    width, length = width_and_length
    return BoneShape(_levelled(distance), origin, length, width, shell, 0.27, 0.24)


def unevenness(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Shallow bumps and hollows of a bone's surface in mm, over a volume: no bone is as smooth as its blocks."""
    coarse = [int(np.ceil(size / BUMP_VOXELS)) + 3 for size in shape]
    bumps = zoom(rng.standard_normal(coarse).astype(np.float32), BUMP_VOXELS, order=2)
    return np.asarray(BUMP_MM * bumps[tuple(slice(size) for size in shape)], np.float32)


def _reach(block: Block, axis: int) -> tuple[float, float]:
    half = float(np.hypot(*block.half_axes[:2])) if block.turn and axis < 2 else block.half_axes[axis]
    return block.centre[axis] - half, block.centre[axis] + half


def _level(block: Block, x: Field, y: Field, z: Field) -> Field:
    """Distance to a block's surface along the line from its centre; exact on the surface."""
    angle = np.deg2rad(block.turn)
    across, along, deep = x - block.centre[0], y - block.centre[1], z - block.centre[2]
    u = across * np.cos(angle) + along * np.sin(angle)
    v = along * np.cos(angle) - across * np.sin(angle)
    a, b, c = block.half_axes
    outline = (np.abs(u / a) ** block.power + np.abs(v / b) ** block.power) ** (1 / block.power)
    level = (outline**block.deep_power + np.abs(deep / c) ** block.deep_power) ** (1 / block.deep_power)
    radius = np.sqrt(u**2 + v**2 + deep**2)
    return np.asarray(np.maximum(radius - radius / np.maximum(level, 0.05), -min(a, b, c)))


def _levelled(level: Field) -> NDArray[np.float32]:
    """Level over its slope: a distance to within a few percent, also inside, where neighbours' facets will lie."""
    return np.asarray(level / steepness(level, 0.6), dtype=np.float32)
