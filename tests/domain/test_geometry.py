"""Frames against what NumPy and OpenCV do to a marked pixel, and the round trip from film to model and back."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Frame, Point, Size, compose, invert

coordinates = st.floats(-500, 3000)
lengths = st.integers(2, 3000)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """A film of any size, turned, mirrored, cropped (also past its edges) and scaled."""
    frame = Frame.of(Size(draw(lengths), draw(lengths))).turned(draw(st.integers(-4, 7)))
    if draw(st.booleans()):
        frame = frame.mirrored()
    left, top = draw(st.integers(-300, 300)), draw(st.integers(-300, 300))
    frame = frame.cropped(Box(left, top, left + draw(lengths), top + draw(lengths)))
    return frame.scaled(Size(draw(lengths), draw(lengths)))


def marked_film(point: Point, width: int = 7, height: int = 5) -> NDArray[np.float32]:
    film = np.zeros((height, width), dtype=np.float32)
    film[int(point.y), int(point.x)] = 1
    return film


def mark(image: NDArray[np.float32]) -> Point:
    row, column = np.unravel_index(int(image.argmax()), image.shape)
    return Point(float(column), float(row))


@given(frames(), st.lists(st.builds(Point, coordinates, coordinates), min_size=1, max_size=5))
def test_points_survive_the_way_to_the_model_and_back(frame: Frame, points: list[Point]) -> None:
    back = frame.to_film(frame.to_model(points))
    assert np.allclose(back, points, atol=1e-5)


STEPS: dict[str, tuple[Callable[[NDArray[np.float32]], NDArray[np.float32]], Callable[[Frame], Frame]]] = {
    "turned once": (lambda image: np.rot90(image, -1), lambda frame: frame.turned(1)),
    "turned twice": (lambda image: np.rot90(image, -2), lambda frame: frame.turned(2)),
    "turned back": (lambda image: np.rot90(image, 1), lambda frame: frame.turned(-1)),
    "mirrored": (np.fliplr, lambda frame: frame.mirrored()),
    "turned and mirrored": (lambda image: np.fliplr(np.rot90(image, -1)), lambda frame: frame.turned(1).mirrored()),
    "cropped": (lambda image: image[1:4, 2:6], lambda frame: frame.cropped(Box(2, 1, 6, 4))),
    "padded": (lambda image: np.pad(image, 3), lambda frame: frame.cropped(Box(-3, -3, 10, 8))),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_marked_pixel_moves_as_the_frame_says(step: str) -> None:
    change, change_frame = STEPS[step]
    point = Point(4, 2)
    image = change(marked_film(point))
    frame = change_frame(Frame.of(Size(7, 5)))
    assert frame.size == Size(image.shape[1], image.shape[0])
    assert frame.to_model([point]) == [mark(image)]


@settings(deadline=None)
@given(st.integers(20, 60), st.integers(20, 60), st.integers(8, 11), st.integers(8, 11))
def test_resizing_moves_the_weight_of_a_blob_as_the_frame_says(width: int, height: int, x: int, y: int) -> None:
    film = cv2.GaussianBlur(marked_film(Point(x, y), 20, 20), (0, 0), 1.5)
    image = cv2.resize(film, (width, height), interpolation=cv2.INTER_LINEAR)
    rows, columns = np.indices(image.shape)
    centre = Point(float((columns * image).sum() / image.sum()), float((rows * image).sum() / image.sum()))
    [expected] = Frame.of(Size(20, 20)).scaled(Size(width, height)).to_model([Point(x, y)])
    assert np.allclose(centre, expected, atol=0.1)


def test_resizing_keeps_outer_edges_outer_edges() -> None:
    frame = Frame.of(Size(10, 4)).scaled(Size(40, 2))
    assert frame.to_model([Point(-0.5, -0.5), Point(9.5, 3.5)]) == [Point(-0.5, -0.5), Point(39.5, 1.5)]


@given(frames())
def test_scale_is_model_pixels_for_a_film_pixel(frame: Frame) -> None:
    (x0, y0), (x1, y1), (x2, y2) = frame.to_model([Point(0, 0), Point(1, 0), Point(0, 1)])
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    assert frame.scale**2 == pytest.approx(abs(area))
    assert frame.mirrors == (area < 0)


def test_turning_four_times_changes_nothing() -> None:
    assert Frame.of(Size(7, 5)).turned(2).turned(2) == Frame.of(Size(7, 5))
    assert Frame.of(Size(7, 5)).turned(4) == Frame.of(Size(7, 5))


def test_composition_is_one_map_after_the_other() -> None:
    shift = ((1.0, 0.0, 3.0), (0.0, 1.0, -2.0))
    stretch = ((2.0, 0.0, 0.0), (0.0, 5.0, 0.0))
    frame = Frame(Size(1, 1), compose(stretch, shift))
    assert frame.to_model([Point(1, 4)]) == [Point(8, 10)]
    assert Frame(Size(1, 1)).mapped(shift).mapped(stretch).matrix == frame.matrix


def test_a_flat_map_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="no inverse"):
        invert(((1.0, 2.0, 0.0), (2.0, 4.0, 0.0)))


def test_a_box_holds_its_pixels_and_no_more() -> None:
    box = Box(2, 1, 6, 4)
    assert (box.width, box.height) == (4, 3)
    film = np.zeros((6, 8), dtype=bool)
    film[box.top : box.bottom, box.left : box.right] = True
    for row, column in np.ndindex(film.shape):
        assert box.contains(Point(column, row)) == film[row, column]


def test_a_box_grows_on_all_sides_and_names_its_outer_corners() -> None:
    assert Box(2, 1, 6, 4).grown(1) == Box(1, 0, 7, 5)
    assert Box(0, 0, 2, 1).corners() == (Point(-0.5, -0.5), Point(1.5, -0.5), Point(1.5, 0.5), Point(-0.5, 0.5))


@pytest.mark.parametrize("edges", [(0, 0, 0, 5), (0, 5, 5, 5), (4, 0, 1, 5)])
def test_an_empty_box_is_refused(edges: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="empty box"):
        Box(*edges)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.integers(0, 15)), draw(st.integers(0, 15))
    return Box(left, top, draw(st.integers(left + 1, 20)), draw(st.integers(top + 1, 20)))


@given(boxes(), boxes())
def test_overlap_is_shared_pixels_over_all_pixels(one: Box, other: Box) -> None:
    masks = np.zeros((2, 20, 20), dtype=bool)
    for mask, box in zip(masks, (one, other), strict=True):
        mask[box.top : box.bottom, box.left : box.right] = True
    assert one.overlap(other) == pytest.approx(np.count_nonzero(masks.all(0)) / np.count_nonzero(masks.any(0)))
    assert one.overlap(other) == other.overlap(one)


def test_boxes_that_only_touch_share_nothing() -> None:
    box = Box(2, 1, 6, 4)
    assert box.overlap(box) == 1
    assert box.overlap(Box(6, 1, 9, 4)) == 0
    assert box.overlap(Box(2, 4, 6, 9)) == 0
    # Apart in both directions: two negative sides do not make an area.
    assert box.overlap(Box(20, 20, 24, 23)) == 0


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_a_map_pixel_lies_in_the_middle_of_the_block_it_answers_for(stride: int) -> None:
    frame = Frame.of(Size(12, 8)).strided(stride)
    assert frame.size == Size(12 // stride, 8 // stride)
    rows, columns = np.indices((8, 12))
    for row, column in np.ndindex(8 // stride, 12 // stride):
        block = slice(row * stride, (row + 1) * stride), slice(column * stride, (column + 1) * stride)
        [place] = frame.to_model([Point(columns[block].mean(), rows[block].mean())])
        assert place == pytest.approx((column, row))
