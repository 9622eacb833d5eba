"""Masks are what the paper says of every pixel: the plain rule, pixel by pixel, is the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from opensvh.domain.anatomy import BACKGROUND, IGNORED, JOINT_CLASSES
from opensvh.domain.geometry import Point, Size
from opensvh.targets.masks import joint_mask


def plain_mask(points: dict[int, Point], size: Size, inner: float, outer: float) -> NDArray[np.int16]:
    """The rule of section 3 for all pixels and all centres."""
    y, x = np.mgrid[: size.height, : size.width].astype(np.float32)
    joints = np.array(list(points))
    squared = np.stack([(x - np.float32(p.x)) ** 2 + (y - np.float32(p.y)) ** 2 for p in points.values()])
    nearest, distance = joints[squared.argmin(axis=0)], squared.min(axis=0)
    mask = np.where(distance <= inner**2, nearest, np.where(distance <= outer**2, IGNORED, BACKGROUND))
    return mask.astype(np.int16)


places = st.builds(Point, st.floats(-15, 75, width=32), st.floats(-15, 65, width=32))


@settings(deadline=None)
@given(
    points=st.dictionaries(st.integers(1, 21), places, min_size=1, max_size=21),
    inner=st.floats(1, 14, width=32),
    ring=st.floats(0, 6, width=32),
)
def test_every_pixel_is_as_the_plain_rule_says(points: dict[int, Point], inner: float, ring: float) -> None:
    size = Size(60, 50)
    mask = joint_mask(points, size, inner, inner + ring)
    np.testing.assert_array_equal(mask, plain_mask(points, size, inner, inner + ring))


def test_the_papers_radii_at_the_papers_size() -> None:
    rng = np.random.default_rng(3)
    points = {joint: Point(*rng.uniform((0, 0), (864, 928))) for joint in range(1, len(JOINT_CLASSES) + 1)}
    mask = joint_mask(points, Size(864, 928), 32, 40)
    np.testing.assert_array_equal(mask, plain_mask(points, Size(864, 928), 32, 40))
    assert set(np.unique(mask)) == {IGNORED, BACKGROUND, *points}


def test_a_pixel_between_two_joints_belongs_to_the_nearer() -> None:
    mask = joint_mask({1: Point(10, 10), 2: Point(20, 10)}, Size(40, 20), 8, 9)
    assert (mask[10, 14], mask[10, 16]) == (1, 2)


def test_around_a_joint_lies_a_ring_of_nobodys_pixels() -> None:
    mask = joint_mask({7: Point(20, 20)}, Size(41, 41), 5, 8)
    assert [int(mask[20, 20 + away]) for away in (0, 5, 6, 8, 9)] == [7, 7, IGNORED, IGNORED, BACKGROUND]


def test_equal_radii_leave_no_ring() -> None:
    assert IGNORED not in joint_mask({7: Point(20, 20)}, Size(41, 41), 5, 5)


@pytest.mark.parametrize("point", [Point(-30, 10), Point(10, 90)])
def test_a_joint_off_the_picture_marks_nothing(point: Point) -> None:
    assert not joint_mask({7: point}, Size(41, 41), 5, 8).any()
