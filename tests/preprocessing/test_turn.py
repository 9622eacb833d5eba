"""Pixels and coordinates turn together, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opensvh.domain.geometry import Box, Point, Size
from opensvh.preprocessing.turn import box_on_film, box_on_turned, turned, turned_frame


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
