"""A drawn limb without arthritis: bones as bright bars with known spaces, on soft tissue with grain."""

from collections.abc import Mapping

import numpy as np
import pytest

from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.places import Picture

PX_MM = 6.0
"""Pixels per mm of the drawn film."""
GAP_MM = 1.6
SOFT, BONE, LINE = 0.25, 0.55, 0.75


def drawn_foot() -> tuple[Picture, Mapping[str, Point]]:
    """A left forefoot as bars: metatarsals below, phalanges above, spaces `GAP_MM` wide at the MTP joints and IP1.

    The hallux lies right; the joints' lines run across at a height of 50 mm, IP1 29 mm above.
    """
    middles = {"MTP1": 76.0, "MTP2": 58.0, "MTP3": 43.0, "MTP4": 27.0, "MTP5": 10.0}
    widths = {"MTP1": 18.0, "MTP2": 9.5, "MTP3": 9.5, "MTP4": 9.5, "MTP5": 9.5}
    film = np.full((round(100 * PX_MM), round(92 * PX_MM)), SOFT)
    points = {}
    for name, middle in middles.items():
        spaces = [50.0, 21.0] if name == "MTP1" else [50.0]
        _bars(film, middle, widths[name], spaces)
        points[name] = Point(middle * PX_MM, 50.0 * PX_MM)
    points["IP1"] = Point(76.0 * PX_MM, 21.0 * PX_MM)
    grain = np.random.default_rng(3).normal(0, 0.006, film.shape)
    return np.asarray(film + grain, dtype=np.float32), points


def _bars(film: Picture, middle: float, width: float, spaces: list[float]) -> None:
    """A column of bone over the film's height, cortex at its sides and brighter lines at its spaces."""
    across = np.abs(np.arange(film.shape[1]) / PX_MM - middle)
    rows = np.arange(film.shape[0]) / PX_MM
    off = np.min([np.abs(rows - place) for place in spaces], axis=0)
    level = np.where(off < GAP_MM / 2, SOFT, np.where(off < GAP_MM / 2 + 0.6, LINE, BONE))
    inside = np.flatnonzero(across < width / 2)
    film[:, inside] = level[:, None]
    rim = np.flatnonzero((across < width / 2) & (across > width / 2 - 0.5))
    film[:, rim] = np.where(level > SOFT, LINE, SOFT)[:, None]


@pytest.fixture
def foot() -> tuple[Picture, Mapping[str, Point]]:
    return drawn_foot()
