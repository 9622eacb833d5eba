"""The limb's box from its joints: margins in units of the limb, and every joint inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Point
from opensvh.preprocessing.joint_box import MARGINS, box_around

places = st.lists(st.builds(Point, st.floats(-200, 3000), st.floats(-200, 3000)), min_size=1, max_size=21)


def test_a_hand_s_margins_are_shares_of_the_height_of_its_joints() -> None:
    # 1000 px from the highest joint to the lowest: 97 and 83 px at the sides, 299 above, 63 below.
    assert box_around([Point(300, 400), Point(500, 1400)], Limb.HAND) == Box(203, 101, 584, 1464)


def test_a_foot_s_margins_are_shares_of_the_width_of_its_joints() -> None:
    # 1000 px from the hallux to the fifth toe: 251 and 253 px at the sides, 483 above, 2275 below.
    assert box_around([Point(300, 700), Point(1300, 900)], Limb.FOOT) == Box(49, 217, 1554, 3176)


@given(places, st.sampled_from(Limb))
def test_every_joint_lies_in_the_box(points: list[Point], limb: Limb) -> None:
    box = box_around(points, limb)
    assert all(box.contains(point) for point in points)


@given(places, st.sampled_from(Limb), st.integers(-500, 500), st.integers(-500, 500))
def test_the_box_moves_with_the_joints(points: list[Point], limb: Limb, across: int, down: int) -> None:
    whole = [Point(round(x), round(y)) for x, y in points]
    box, moved = box_around(whole, limb), box_around([Point(x + across, y + down) for x, y in whole], limb)
    edges = ((box.left, moved.left, across), (box.right, moved.right, across))
    edges += ((box.top, moved.top, down), (box.bottom, moved.bottom, down))
    # A pixel's play: the same margin is rounded at another place.
    assert all(new - old == pytest.approx(by, abs=1) for old, new, by in edges)


@pytest.mark.parametrize("limb", Limb)
def test_a_single_joint_gives_a_small_box_and_no_failure(limb: Limb) -> None:
    box = box_around([Point(50.5, 60.5)], limb)
    assert box.contains(Point(50.5, 60.5))
    assert max(box.width, box.height) < 8


def test_every_limb_has_margins_on_all_sides() -> None:
    assert set(MARGINS) == set(Limb)
    assert all(min(vars(margins).values()) > 0 for margins in MARGINS.values())
