"""The small picture of a whole film: centred, stretched whatever marker is on it, and its frame leads back."""

import numpy as np
import pytest

from opensvh.domain.geometry import Point
from opensvh.preprocessing.overview import close_up, overview, shrunk


def film() -> np.ndarray:
    pixels = np.full((300, 180), 0.3, np.float32)
    pixels[100:120, 40:60] = 0.6
    return pixels


def test_film_is_centred_and_black_beside() -> None:
    image = overview(film(), 64).image
    assert image.shape == (64, 64)
    assert not image[:, :12].any()
    assert not image[:, -12:].any()


def test_frame_leads_to_the_bright_place() -> None:
    seen = overview(film(), 64)
    (place,) = seen.frame.to_model([Point(49.5, 109.5)])
    rows, columns = np.nonzero(seen.image > 0.9)
    assert (columns.mean(), rows.mean()) == pytest.approx(place, abs=0.6)


def test_a_bright_marker_does_not_darken_the_film() -> None:
    pixels = film()
    pixels[:8, :8] = 1.0
    assert overview(pixels, 64).image.max() == pytest.approx(1.0)
    assert np.count_nonzero(overview(pixels, 64).image > 0.9) > 10


def test_film_smaller_than_the_picture_is_enlarged() -> None:
    assert overview(film()[:40, :30], 64).image.shape == (64, 64)


def test_faint_noise_is_not_made_a_film() -> None:
    noise = 0.5 + np.random.default_rng(1).uniform(-0.001, 0.001, (100, 100)).astype(np.float32)
    assert overview(noise, 64).image.std() < 0.1


def test_close_up_turns_what_lies_round_a_place() -> None:
    pixels = film()
    pixels[105:115, 70:80] = 0.9
    # The brighter patch lies to the right of the place; turned clockwise by a quarter, below it.
    image = close_up(pixels, Point(49.5, 109.5), 90.0, 80.0, 40)
    rows, columns = np.nonzero(image > 0.95)
    assert (columns.mean(), rows.mean()) == pytest.approx((19.5, 19.5 + 12.5), abs=1)


def test_shrunk_film_is_no_longer_than_asked_and_never_larger() -> None:
    assert shrunk(film(), 150).image.shape == (150, 90)
    assert shrunk(film(), 500).image.shape == (300, 180)
    (place,) = shrunk(film(), 150).frame.to_model([Point(49.5, 109.5)])
    assert place == pytest.approx((24.5, 54.5))
