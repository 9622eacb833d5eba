"""Pixels and coordinates turn together, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.placement import Pose
from opensvh.preprocessing.turn import box_on_film, box_on_turned, posed, turned, turned_frame


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turns", range(-1, 6))
def test_bright_pixel_is_where_the_frame_says(mirror: bool, turns: int) -> None:
    film = np.zeros((5, 8), dtype=np.float32)
    film[1, 6] = 1
    picture = turned(film, mirror, turns)
    frame = turned_frame(Size(8, 5), mirror, turns)
    (place,) = frame.to_model([Point(6, 1)])
    assert frame.size == (picture.shape[1], picture.shape[0])
    assert picture[int(place.y), int(place.x)] == 1


def test_clockwise_turn_moves_the_top_to_the_right() -> None:
    film = np.zeros((4, 4), dtype=np.float32)
    film[0, 1] = 1
    assert turned(film, False, 1)[1, 3] == 1


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 60), st.integers(1, 60), st.booleans(), st.integers(0, 3))
def test_box_returns_to_the_same_pixels(left: int, top: int, width: int, height: int, mirror: bool, turns: int) -> None:
    box = Box(left, top, left + width, top + height)
    frame = turned_frame(Size(120, 90), mirror, turns)
    assert box_on_film(box_on_turned(box, frame), frame) == box


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_box_holds_the_same_pixels_on_film_and_picture(mirror: bool, turns: int) -> None:
    film = np.arange(63, dtype=np.float32).reshape(7, 9)
    box = Box(2, 1, 5, 6)
    there = box_on_turned(box, turned_frame(Size(9, 7), mirror, turns))
    cut = turned(film, mirror, turns)[there.top : there.bottom, there.left : there.right]
    assert sorted(cut.ravel()) == sorted(film[1:6, 2:5].ravel())


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 17.5, 90, 163, 271, 359.8])
@pytest.mark.parametrize("region", [None, Box(20, 10, 170, 120)])
def test_a_blob_lies_where_the_pose_puts_it(turn: float, mirrored: bool, region: Box | None) -> None:
    film = np.zeros((130, 190), dtype=np.float32)
    film[58:63, 98:103] = 1
    shown = posed(film, Pose(turn, mirrored, region))
    assert shown.frame.size == (shown.picture.shape[1], shown.picture.shape[0])
    y, x = np.mgrid[: shown.picture.shape[0], : shown.picture.shape[1]]
    seen = [np.average(each, weights=shown.picture) for each in (x, y)]
    (place,) = shown.frame.to_model([Point(100, 60)])
    assert seen == pytest.approx([place.x, place.y], abs=0.05)


def test_a_free_turn_brings_a_slanted_limb_upright() -> None:
    film = np.zeros((200, 200), dtype=np.float32)
    film[np.arange(60, 140), np.arange(60, 140)] = 1
    columns = np.nonzero(posed(film, Pose(45)).picture > 0.2)[1]
    assert np.ptp(columns) <= 2


def test_a_region_leaves_the_neighbour_out() -> None:
    film = np.zeros((100, 200), dtype=np.float32)
    film[40:60, 150:160] = 1
    assert posed(film, Pose(region=Box(0, 0, 120, 100))).picture.max() == 0
