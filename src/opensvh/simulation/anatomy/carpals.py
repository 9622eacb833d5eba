"""The eight carpals as solids: each a smooth union of a few rounded blocks, from tables of measures in mm.

Which carpal lies where is in the same table, since shape and place are measured together on radiographs; moving the
wrist, and cutting the bones back along their joints, is `wrist`'s work. Blocks reach about a millimetre into their
neighbours, so that every facet is decided by a joint space.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import CORTEX_STEPS, MARGIN_MM, BoneShape
from opensvh.simulation.anatomy.distance_fields import Field, grid, smooth_min, steepness

Triple = tuple[float, float, float]

CORTEX_MM = 0.45
BLEND_MM = 1.2
"""Radius of the fillet between two blocks of one bone."""


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
        (7.4, 11.6, 9.0),
        (
            Block((0.0, 5.4, -0.8), (7.5, 6.0, 9.2), 3.4, 0.0, 4.0),
            Block((0.0, -1.0, -0.4), (6.6, 6.2, 6.2), 2.4, 0.0, 3.0),
            Block((0.4, -3.6, 0.6), (6.8, 6.4, 5.4), 2.2),
        ),
    ),
    "hamate": Carpal(
        (-12.2, -10.6, 0.0),
        (7.4, 9.6, 7.0),
        (
            Block((-1.2, 3.8, -0.8), (8.0, 4.6, 7.4), 3.2, 14.0, 3.8),
            Block((1.4, -1.6, -0.6), (5.8, 6.4, 6.6), 2.4, 20.0, 3.2),
            Block((3.6, -5.8, -0.4), (3.6, 5.0, 5.6), 2.2, 20.0),
            Block((-1.2, 4.8, 8.2), (2.8, 4.2, 6.8), 2.2, 10.0, 3.6),
        ),
    ),
    "trapezoid": Carpal(
        (11.4, -6.4, -1.6),
        (5.8, 6.4, 7.4),
        (
            Block((0.0, -0.4, -1.6), (6.6, 6.6, 6.4), 3.0, 0.0, 3.4),
            Block((-0.8, -0.4, 3.4), (4.2, 5.2, 4.6), 2.6, 0.0, 3.0),
        ),
        (4.0, 8.0, -8.0),
    ),
    "trapezium": Carpal(
        (20.2, -8.4, 4.2),
        (6.8, 7.8, 6.6),
        (
            Block((0.0, 0.0, 0.0), (7.2, 8.0, 6.6), 3.8, 0.0, 3.4),
            Block((-1.4, -2.6, 5.4), (2.4, 4.8, 2.8), 2.2, 0.0, 4.0),
        ),
        (10.0, -26.0, -32.0),
    ),
    "scaphoid": Carpal(
        (9.8, -19.2, 2.0),
        (5.8, 9.6, 6.4),
        (
            Block((0.0, -3.2, -0.4), (6.3, 6.0, 6.8), 2.3),
            Block((0.6, 0.2, 0.0), (4.8, 6.0, 5.2), 2.2),
            Block((0.6, 3.4, 0.4), (5.9, 5.8, 6.2), 2.5, 0.0, 3.4),
        ),
        (20.0, 0.0, -42.0),
    ),
    "lunate": Carpal(
        (-6.8, -25.2, 0.0),
        (7.6, 6.0, 8.8),
        (
            Block((0.6, -0.2, 0.0), (8.8, 5.5, 8.6), 2.7, 0.0, 3.0),
            Block((0.8, 4.0, -7.2), (6.2, 4.6, 2.4), 2.6, 0.0, 3.0),
            Block((0.8, 4.2, 7.2), (6.4, 5.0, 2.6), 2.6, 0.0, 3.0),
        ),
        (0.0, 0.0, 6.0),
    ),
    "triquetrum": Carpal(
        (-18.4, -18.4, -1.8),
        (7.2, 5.4, 6.0),
        (
            Block((0.6, 0.2, 0.0), (7.6, 6.2, 6.4), 3.0, 0.0, 3.0),
            Block((-3.4, 1.6, 0.6), (4.0, 4.6, 4.8), 2.2),
        ),
        (0.0, 0.0, -26.0),
    ),
    "pisiform": Carpal(
        (-19.6, -20.8, 8.6),
        (4.2, 5.4, 4.2),
        (Block((0.0, 0.0, 0.0), (4.2, 5.4, 4.4), 2.1, 0.0, 2.6),),
        (0.0, 0.0, 12.0),
    ),
}
"""Centres and outlines: own measurement on 12 adult hands (FracAtlas and a textbook film, see `docs/simulator.md`),
scaled to a third metacarpal of 65 mm; depths and the arch after anatomy texts, rounded."""


def carpal_bone(carpal: Carpal) -> BoneShape:
    """The solid of one carpal around its own origin."""
    return solid(carpal.blocks, (2 * carpal.half_axes[0], 2 * carpal.half_axes[1]))


def solid(blocks: Sequence[Block], width_and_length: tuple[float, float]) -> BoneShape:
    """The smooth union of blocks, with a thin cortex and dense spongy bone all through."""
    reach = np.array([[_reach(block, axis) for axis in range(3)] for block in blocks])
    low, high = reach[:, :, 0].min(axis=0) - MARGIN_MM, reach[:, :, 1].max(axis=0) + MARGIN_MM
    x, y, z, origin = grid(low, high)
    distance = _level(blocks[0], x, y, z)
    for block in blocks[1:]:
        distance = smooth_min(distance, _level(block, x, y, z), BLEND_MM)
    shell = np.full(CORTEX_STEPS, CORTEX_MM, np.float32)
    width, length = width_and_length
    return BoneShape(_levelled(distance), origin, length, width, shell, 0.27, 0.24)


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
