"""The model's picture shows the limb in the canonical pose, and its frame leads back to the file's pixels."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.scale import canonical_film, canonical_film_of_box, cut_out, picture_box
from opensvh.preprocessing.turn import posed

Film = tuple[NDArray[np.float32], Box]
SMALL = PreprocessingConfig(width=216, height=232)


def test_paper_size_is_the_default() -> None:
    assert (PreprocessingConfig().width, PreprocessingConfig().height) == (864, 928)


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        PreprocessingConfig(widht=864)  # type: ignore[call-arg]


@pytest.mark.parametrize("aspect", ["keep", "stretch"])
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_blob_on_the_film_lies_where_the_frame_says(hand: Film, turns: int, mirror: bool, aspect: str) -> None:
    film, _ = hand
    film = np.zeros_like(film)
    cv2.circle(film, (420, 300), 9, 1.0, -1)
    stored = np.ascontiguousarray(np.rot90(film[:, ::-1] if mirror else film, turns))
    rows, columns = np.nonzero(stored > 0.5)
    config = SMALL.model_copy(update={"aspect": aspect})
    canonical = canonical_film_of_box(posed(stored, Pose(90 * turns, mirror)), Box(150, 90, 560, 600), config)
    (expected,) = canonical.frame.to_model([Point(columns.mean(), rows.mean())])
    y, x = np.nonzero(canonical.image > 0.5)
    assert (x.mean(), y.mean()) == pytest.approx((expected.x, expected.y), abs=0.3)


def test_limb_is_found_in_any_pose_and_its_box_given_in_stored_pixels(hand: Film) -> None:
    film, _ = hand
    upright = canonical_film(posed(film, Pose()), Limb.HAND, SMALL)
    stored = np.ascontiguousarray(np.rot90(film[:, ::-1], 2))
    turned = canonical_film(posed(stored, Pose(180, mirrored=True)), Limb.HAND, SMALL)
    assert turned.image.shape == (232, 216)
    assert turned.image.dtype == np.float32
    assert np.abs(turned.image - upright.image).max() < 1e-6
    box, stored_box = upright.box, turned.film_box
    assert stored_box == Box(box.left, 1000 - box.bottom, box.right, 1000 - box.top)


def test_keeping_the_aspect_shows_circles_round(hand: Film) -> None:
    canonical = canonical_film(posed(hand[0], Pose()), Limb.HAND, SMALL)
    (a, b, _), (c, d, _) = canonical.frame.matrix
    assert (b, c) == (0, 0)
    assert a == pytest.approx(d, rel=0.01)


@given(st.integers(-50, 400), st.integers(-50, 400), st.integers(20, 900), st.integers(20, 900))
def test_picture_holds_the_box_and_has_the_models_shape(left: int, top: int, width: int, height: int) -> None:
    config = PreprocessingConfig(width=864, height=928, margin=0.0)
    shown = picture_box(Box(left, top, left + width, top + height), config)
    assert shown.left <= left
    assert shown.top <= top
    assert shown.right >= left + width
    assert shown.bottom >= top + height
    assert shown.width / shown.height == pytest.approx(864 / 928, abs=1.5 / min(shown.width, shown.height))
    assert abs((left - shown.left) - (shown.right - left - width)) <= 1


@given(st.floats(0, 799), st.floats(0, 999), st.booleans(), st.integers(0, 3), st.sampled_from(["keep", "stretch"]))
def test_points_survive_the_way_to_the_picture_and_back(
    x: float, y: float, mirror: bool, turns: int, aspect: str
) -> None:
    film = np.zeros((100, 80), dtype=np.float32)
    config = PreprocessingConfig(width=64, height=96, aspect=aspect)  # type: ignore[arg-type]
    frame = canonical_film_of_box(posed(film, Pose(90 * turns, mirror)), Box(10, 5, 60, 70), config).frame
    (back,) = frame.to_film(frame.to_model([Point(x, y)]))
    assert back == pytest.approx((x, y), abs=1e-6)


def test_beyond_the_film_is_its_background() -> None:
    film = np.full((40, 40), 0.2, dtype=np.float32)
    film[10:30, 10:30] = 0.9
    cut = cut_out(film, Box(-5, -6, 50, 45))
    assert cut.shape == (51, 55)
    assert np.array_equal(cut[6:46, 5:45], film)
    assert (cut[:6] == np.float32(0.2)).all()


def test_box_wholly_outside_the_film_gives_background() -> None:
    film = np.full((40, 40), 0.2, dtype=np.float32)
    assert (cut_out(film, Box(60, 60, 70, 80)) == np.float32(0.2)).all()
