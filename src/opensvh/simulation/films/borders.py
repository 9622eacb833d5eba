"""The edges of a film: collimator blades, the rail of a table, thin bright lines, a field laid askew on the film.

Kinds and shares follow what is seen on the 561 hand films of FracAtlas (CC BY 4.0; Sci Data 2023,
10.1038/s41597-023-02432-4) at contact-sheet size: a bright band or line on one or two sides on about half of them,
1-3 degrees askew, with the background darker beside it. Of the 24 marked real feet four show the rail of the table
and none a line: feet have fewer borders, and mostly that one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box

FloatImage = NDArray[np.float32]

TOP, RIGHT, BOTTOM, LEFT = range(4)
"""Edges, as the quarter turns that bring each to the top. The forearm or leg leaves the film at its lower one."""
ROOM_UNKNOWN = 0.03
"""Part of the film's height that a border may take where it is not known how near to the edge a joint lies."""


def draw_borders(
    image: FloatImage, limb: Limb, mask: NDArray[np.bool_], joints: Box | None, rng: np.random.Generator
) -> None:
    """Draw one kind of border, in place, or none; levels in [0, 1], `mask` is where the limb lies. Nothing is drawn
    over the box of `joints`."""
    kind = rng.random()
    for share, bands in BANDS[limb]:
        if kind < share:
            for band in bands(image.shape[0], rng):
                _draw_band(image, band, _room(image, band.edge, joints), rng)
            return
        kind -= share
    if kind < FIELDS[limb]:
        _draw_field(image, mask, rng)


@dataclass(frozen=True)
class Band:
    """A band along one edge: its depth in pixels and level in [0, 1]."""

    edge: int
    depth: float
    level: float


def _table_rail(height: int, rng: np.random.Generator) -> list[Band]:
    """A bright band of 1-9 % of the film's height, mostly across the forearm or leg; now and then black beyond it."""
    edge = BOTTOM if rng.random() < 0.75 else int(rng.integers(4))
    depth = float(rng.uniform(0.01, 0.09)) * height
    rail = [Band(edge, depth, float(rng.uniform(0.85, 1.0)))]
    return [*rail, Band(edge, depth * float(rng.uniform(0.05, 0.3)), 0.02)] if rng.random() < 0.25 else rail


def _bright_lines(height: int, rng: np.random.Generator) -> list[Band]:
    """Thin bright lines along one to three edges, where the collimator's blade shows."""
    edges = rng.permutation(4)[: int(rng.integers(1, 4))]
    return [Band(int(edge), float(rng.uniform(0.002, 0.012)) * height, float(rng.uniform(0.8, 1))) for edge in edges]


def _blades(height: int, rng: np.random.Generator) -> list[Band]:
    """Black or, less often, white margins of uneven width on one to four sides."""
    level = float(rng.uniform(0.85, 1.0)) if rng.random() < 0.25 else float(rng.uniform(0.0, 0.06))
    edges = rng.permutation(4)[: int(rng.integers(1, 5))]
    return [Band(int(edge), float(rng.gamma(1.3, 0.012)) * height, level) for edge in edges]


def _room(image: FloatImage, edge: int, joints: Box | None) -> float:
    """Pixels from an edge to the nearest joint."""
    height, width = image.shape
    if joints is None:
        return float(ROOM_UNKNOWN * height)
    rooms = {TOP: joints.top, RIGHT: width - joints.right, BOTTOM: height - joints.bottom, LEFT: joints.left}
    return float(rooms[edge])


def _draw_band(image: FloatImage, band: Band, room: float, rng: np.random.Generator) -> None:
    """One band, a little askew and wavy, in place; a bright one darkens the film beside it."""
    turned = np.rot90(image, band.edge)
    width = turned.shape[1]
    slope = float(np.tan(np.deg2rad(rng.normal(0, 1.2)))) if band.depth > 4 else float(rng.normal(0, 0.002))
    askew = abs(slope) * width / 2
    depth = min(band.depth, 0.75 * room - askew)
    if depth < 1:
        return
    beside = 0.05 * image.shape[0] * float(rng.random())
    row = np.arange(min(int(depth + askew + 3 * beside) + 8, turned.shape[0]), dtype=np.float32)[:, None]
    line = depth + slope * (np.arange(width) - width / 2)
    line += np.interp(np.arange(width), np.linspace(0, width, 12), rng.normal(0, 0.02 * depth, 12))
    distance = row - line.astype(np.float32)[None, :]
    strip = turned[: row.size]
    if band.level > 0.5:
        strip *= 1 - np.float32(rng.uniform(0, 0.6)) * np.exp(-np.maximum(distance, 0) / np.float32(max(beside, 1)))
    inside = np.clip(0.5 - distance / np.float32(rng.uniform(0.7, 4.0)), 0, 1)
    seen_through = np.float32(rng.uniform(0, 0.15)) * (strip - 0.5)
    strip += inside * (np.clip(band.level + seen_through, 0, 1) - strip)


def _draw_field(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """A rectangular field around the limb, some degrees askew, with the film beyond it unexposed; in place."""
    rows, columns = np.flatnonzero(limb.any(axis=1)), np.flatnonzero(limb.any(axis=0))
    if rows.size == 0:
        return
    low, high = np.array([columns[0], rows[0]], float), np.array([columns[-1], rows[-1]], float)
    margin = rng.uniform(0.02, 0.12, 2) * image.shape[0]
    size = tuple((high - low + 2 * margin).tolist())
    corners = cv2.boxPoints((tuple(((low + high) / 2).tolist()), size, float(np.clip(rng.normal(0, 1.5), -4, 4))))
    shut: FloatImage = np.ones(image.shape, np.float32)
    cv2.fillConvexPoly(shut, corners.astype(np.int32), 0.0)
    shut = np.asarray(cv2.blur(shut, (5, 5)), np.float32)
    image += shut * (np.float32(rng.uniform(0, 0.06)) - image)


BANDS: Mapping[Limb, tuple[tuple[float, Callable[[int, np.random.Generator], list[Band]]], ...]] = {
    Limb.HAND: ((0.27, _table_rail), (0.22, _bright_lines), (0.17, _blades)),
    Limb.FOOT: ((0.2, _table_rail), (0.06, _bright_lines), (0.08, _blades)),
}
"""Shares of films with each kind of border."""
FIELDS = {Limb.HAND: 0.04, Limb.FOOT: 0.03}
"""Share of films with a field askew."""
