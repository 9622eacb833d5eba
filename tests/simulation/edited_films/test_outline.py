"""The outline of a drawn disc is found all round it, with the level beyond."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Side
from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.outline import Expected, find_outline
from opensvh.simulation.edited_films.places import Picture, frame_at


@pytest.fixture
def disc() -> Picture:
    """A disc of 7 mm radius at (150, 150), 10 px per mm, brighter at its border."""
    rows, columns = np.mgrid[:300, :300]
    reach = np.hypot(rows - 150, columns - 150) / 10
    return np.where(reach < 7, 0.5 + 0.2 * (reach > 6.3), 0.2).astype(np.float32)


def test_the_edge_is_found_though_expected_elsewhere(disc: Picture) -> None:
    frame = frame_at(Side.LEFT, Point(150, 150), np.array([0.0, -1.0]), 10.0)
    outline = find_outline(disc, frame, Expected(6.0, 8.2, 110.0))
    np.testing.assert_allclose(outline.edge_mm, 7.0, atol=0.3)
    assert outline.width_mm == pytest.approx(14.0, abs=0.4)
    assert float(outline.beyond_level(np.array(0.0), np.array(7.5))) == pytest.approx(0.2, abs=0.03)


def test_a_spot_lies_under_the_edge_towards_the_thumb(disc: Picture) -> None:
    frame = frame_at(Side.LEFT, Point(150, 150), np.array([0.0, -1.0]), 10.0)
    outline = find_outline(disc, frame, Expected(7.0, 7.0, 110.0))
    across, along = outline.spot(90.0, 1.0)
    assert across == pytest.approx(6.0, abs=0.3)
    assert along == pytest.approx(0.0, abs=0.01)
