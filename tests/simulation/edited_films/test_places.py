"""Frames on a film: there and back, and the same joint on a left and a right limb."""

from collections.abc import Mapping

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.places import Picture, frame_at, joint_places, pixels_per_mm

Foot = tuple[Picture, Mapping[str, Point]]


def test_a_place_goes_to_the_film_and_comes_back() -> None:
    frame = frame_at(Side.RIGHT, Point(40, 70), np.array([0.4, -1.0]), 5.0, turn_deg=20.0)
    x, y = frame.film(np.array([2.0, -1.5]), np.array([-3.0, 8.0]))
    across, along = frame.local(x, y)
    np.testing.assert_allclose(across, [2.0, -1.5])
    np.testing.assert_allclose(along, [-3.0, 8.0])


def test_thumb_side_is_right_on_a_left_limb_and_left_on_a_right_one() -> None:
    up = np.array([0.0, -1.0])
    assert frame_at(Side.LEFT, Point(0, 0), up, 1.0).thumb[0] == pytest.approx(1)
    assert frame_at(Side.RIGHT, Point(0, 0), up, 1.0).thumb[0] == pytest.approx(-1)


def test_the_scale_of_a_foot_is_not_fooled_by_an_oblique_view(foot: Foot) -> None:
    _, points = foot
    narrow = {**points, "MTP5": Point(points["MTP1"].x - 30, points["MTP1"].y)}
    assert pixels_per_mm(Limb.FOOT, narrow) == pytest.approx(6.0, rel=0.01)


def test_a_joint_without_its_axis_is_left_out(foot: Foot) -> None:
    _, points = foot
    without = {name: point for name, point in points.items() if name != "IP1"}
    assert "MTP1" in joint_places(Limb.FOOT, Side.LEFT, points)
    assert joint_places(Limb.FOOT, Side.LEFT, without) == {}
