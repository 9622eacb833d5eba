"""The edges of a film: collimator blades, the rail of a table, thin bright lines, a field laid askew on the film.

Kinds and shares follow what is seen on the 561 hand films of FracAtlas (CC BY 4.0; Sci Data 2023,
10.1038/s41597-023-02432-4) at contact-sheet size: a bright band or line on one or two sides on about half of them,
1-3 degrees askew, with the background darker beside it.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

BOTTOM = 2
"""Quarter turns that bring a film's lower edge, where the forearm or leg leaves it, to the top."""


def draw_borders(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Draw one kind of border, in place, or none; levels in [0, 1]."""
    kind = rng.random()
    for share, draw in KINDS:
        if kind < share:
            draw(image, limb, rng)
            return
        kind -= share


def _table_rail(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """A bright band of 1-9 % of the film's height, mostly across the forearm or leg, which shows through faintly."""
    edge = BOTTOM if rng.random() < 0.75 else int(rng.integers(4))
    depth = float(rng.uniform(0.01, 0.09)) * image.shape[0]
    _edge(image, edge, depth, float(rng.uniform(0.85, 1.0)), rng)
    if rng.random() < 0.25:
        _edge(image, edge, depth * float(rng.uniform(0.05, 0.3)), 0.02, rng)


def _bright_lines(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Thin bright lines along one to three edges, where the collimator's blade shows."""
    for edge in rng.permutation(4)[: int(rng.integers(1, 4))]:
        _edge(image, int(edge), float(rng.uniform(0.002, 0.012)) * image.shape[0], float(rng.uniform(0.8, 1.0)), rng)


def _blades(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Black or, less often, white margins of uneven width on one to four sides."""
    level = float(rng.uniform(0.85, 1.0)) if rng.random() < 0.25 else float(rng.uniform(0.0, 0.06))
    for edge in rng.permutation(4)[: int(rng.integers(1, 5))]:
        _edge(image, int(edge), float(rng.gamma(1.3, 0.012)) * image.shape[0], level, rng)


def _field_askew(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """A rectangular field around the limb, some degrees askew, with the film beyond it unexposed."""
    if not limb.any():
        return
    rows, columns = np.flatnonzero(limb.any(axis=1)), np.flatnonzero(limb.any(axis=0))
    low, high = np.array([columns[0], rows[0]], float), np.array([columns[-1], rows[-1]], float)
    margin = rng.uniform(0.01, 0.12, 2) * image.shape[0]
    size = tuple((high - low + 2 * margin).tolist())
    corners = cv2.boxPoints((tuple(((low + high) / 2).tolist()), size, float(rng.normal(0, 2.5))))
    shut = np.ones(image.shape, np.float32)
    cv2.fillConvexPoly(shut, corners.astype(np.int32), 0.0)
    shut = cv2.blur(shut, (5, 5))
    image += shut * (np.float32(rng.uniform(0, 0.06)) - image)


def _edge(image: FloatImage, edge: int, depth: float, level: float, rng: np.random.Generator) -> None:
    """A band of `depth` pixels along one edge, in place; a bright one darkens the film beside it."""
    turned = np.rot90(image, edge)
    width = turned.shape[1]
    slope = float(np.tan(np.deg2rad(rng.normal(0, 1.2)))) if depth > 4 else float(rng.normal(0, 0.002))
    beside = 0.05 * image.shape[0] * float(rng.random())
    reach = min(int(depth + abs(slope) * width / 2 + 3 * beside) + 8, turned.shape[0])
    row = np.arange(reach, dtype=np.float32)[:, None]
    line = depth + slope * (np.arange(width, dtype=np.float32) - width / 2)
    line += np.interp(np.arange(width), np.linspace(0, width, 12), rng.normal(0, 0.02 * depth, 12))
    distance = row - line.astype(np.float32)[None, :]
    strip = turned[:reach]
    if level > 0.5:
        shade = np.float32(rng.uniform(0, 0.6)) * np.exp(-np.maximum(distance, 0) / np.float32(max(beside, 1)))
        strip *= 1 - shade
    inside = np.clip(0.5 - distance / np.float32(rng.uniform(0.7, 4.0)), 0, 1)
    seen_through = np.float32(rng.uniform(0, 0.15)) * (strip - 0.5)
    strip += inside * (np.clip(level + seen_through, 0, 1) - strip)


KINDS: tuple[tuple[float, Callable[[FloatImage, NDArray[np.bool_], np.random.Generator], None]], ...] = (
    (0.27, _table_rail),
    (0.22, _bright_lines),
    (0.17, _blades),
    (0.04, _field_askew),
)
