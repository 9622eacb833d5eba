"""The space of a joint is found where it lies, as wide as it is, and not where there is none."""

from collections.abc import Mapping

import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.joint_space import find_space
from opensvh.simulation.edited_films.places import Picture, joint_places

Foot = tuple[Picture, Mapping[str, Point]]


def test_width_and_place_of_a_drawn_space_are_found(foot: Foot) -> None:
    pixels, points = foot
    found = find_space(pixels, joint_places(Limb.FOOT, Side.LEFT, points)["MTP1"])
    assert found is not None
    assert found.gap_mm == pytest.approx(1.6, abs=0.15)
    assert found.level == pytest.approx(0.0, abs=0.15)


def test_a_point_two_millimetres_off_still_finds_the_space(foot: Foot) -> None:
    pixels, points = foot
    off = {**points, "MTP1": Point(points["MTP1"].x, points["MTP1"].y + 12), "IP1": points["IP1"]}
    found = find_space(pixels, joint_places(Limb.FOOT, Side.LEFT, off)["MTP1"])
    assert found is not None
    assert found.level == pytest.approx(2.0, abs=0.25)


def test_where_bone_runs_through_no_space_is_found(foot: Foot) -> None:
    pixels, points = foot
    whole = pixels.copy()
    whole[280:320, 402:510] = pixels[330:370, 402:510]
    assert find_space(whole, joint_places(Limb.FOOT, Side.LEFT, points)["MTP1"]) is None
