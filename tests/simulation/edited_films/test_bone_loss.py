"""A defect lets the soft parts through, leaves its neighbours alone, and is as grainy as they are."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Side
from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.bone_loss import Defect, eroded_picture, through_share
from opensvh.simulation.edited_films.grain import Grain
from opensvh.simulation.edited_films.outline import Expected, Outline, find_outline
from opensvh.simulation.edited_films.places import Picture, frame_at


@pytest.fixture
def bone() -> tuple[Picture, Outline]:
    """A disc of bone of 7 mm radius on soft tissue, with grain, 10 px per mm; another bone beyond it on the right."""
    rows, columns = np.mgrid[:300, :300]
    film = np.where(np.hypot(rows - 150, columns - 150) < 70, 0.6, 0.3)
    film[:, 240:] = 0.7
    film += np.random.default_rng(0).normal(0, 0.01, film.shape)
    frame = frame_at(Side.LEFT, Point(150, 150), np.array([0.0, -1.0]), 10.0)
    picture = film.astype(np.float32)
    return picture, find_outline(picture, frame, Expected(7.0, 7.0, 110.0))


def eroded(bone: tuple[Picture, Outline], defect: Defect) -> Picture:
    return eroded_picture(bone[0], bone[1], [defect], Grain.of(bone[0]), np.random.default_rng(1))


def test_a_defect_at_the_edge_shows_soft_tissue(bone: tuple[Picture, Outline]) -> None:
    result = eroded(bone, Defect(6.5, 0.0, 1.5, 1.2))
    assert result[145:155, 212:218].mean() == pytest.approx(0.3, abs=0.06)
    assert result[145:155, 150:180].mean() == pytest.approx(0.6, abs=0.01)


def test_a_bone_beyond_the_edge_is_left(bone: tuple[Picture, Outline]) -> None:
    result = eroded(bone, Defect(7.5, 0.0, 3.0, 1.2))
    np.testing.assert_allclose(result[:, 242:], bone[0][:, 242:], atol=0.02)


def test_bone_before_and_behind_a_small_deep_defect_is_left(bone: tuple[Picture, Outline]) -> None:
    result = eroded(bone, Defect(2.0, 0.0, 1.5, 0.5))
    assert 0.33 < result[147:153, 167:173].mean() < 0.55


def test_a_defect_is_as_grainy_as_its_surroundings(bone: tuple[Picture, Outline]) -> None:
    result = eroded(bone, Defect(5.0, 0.0, 2.5, 1.2))
    assert 0.006 < result[140:160, 195:213].std() < 0.03


def test_small_defects_pass_through_and_large_ones_leave_bone() -> None:
    assert through_share(1.0, 15.0) > 1 > through_share(4.0, 15.0)
