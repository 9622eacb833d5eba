"""Names beside a limb are covered whatever their size, polarity or turn; the limb, and the side letter, are not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.preprocessing.burned_in_cover import covered
from opensvh.preprocessing.burned_in_text import BurnedInText, find_burned_in_text
from opensvh.preprocessing.side_marker import find_side_markers

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]
NAME = "MUELLER ANNA 1951"
ROWS, COLUMNS = 900, 700


@pytest.fixture
def limb() -> tuple[Grey, Mask]:
    """A noisy film with a limb that holds a soft bone, and the limb's pixels."""
    film = np.full((ROWS, COLUMNS), 0.15, np.float32)
    shape = np.zeros(film.shape, np.uint8)
    cv2.ellipse(shape, (250, 560), (110, 250), 0, 0, 360, 1, -1)
    film[shape > 0] = 0.4
    cv2.ellipse(film, (250, 560), (40, 230), 0, 0, 360, 0.65, -1)
    noisy = cv2.GaussianBlur(film, (0, 0), 3.0) + np.random.default_rng(1).normal(0, 0.008, film.shape)
    return np.asarray(noisy, np.float32), cv2.dilate(shape, np.ones((9, 9), np.uint8)) > 0


def drawn(text: str, place: tuple[int, int], scale: float) -> Mask:
    canvas = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 1, cv2.LINE_AA)
    return canvas > 100


def found(film: Grey, limb: Mask) -> BurnedInText:
    return find_burned_in_text(film, limb, [letter.box for letter in find_side_markers(film)])


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.0, 1.9])
@pytest.mark.parametrize("level", [1.0, 0.6, 0.0])
def test_a_name_is_covered_at_every_size_and_level(limb: tuple[Grey, Mask], scale: float, level: float) -> None:
    film, pixels = limb
    ink = drawn(NAME, (20, 120), scale)
    film[ink] = level
    text = found(film, pixels)
    assert text.over_limb == ()
    assert text.cover[ink].mean() > 0.995
    assert not text.cover[pixels].any()


@pytest.mark.parametrize("turns", range(4))
def test_a_name_is_covered_however_it_lies(limb: tuple[Grey, Mask], turns: int) -> None:
    film, pixels = limb
    ink = drawn(NAME, (20, 120), 0.8)
    film[ink] = 1.0
    text = found(np.ascontiguousarray(np.rot90(film, turns)), np.ascontiguousarray(np.rot90(pixels, turns)))
    assert text.cover[np.rot90(ink, turns)].mean() > 0.995


@pytest.mark.parametrize(("plate", "level"), [(0.95, 0.05), (0.02, 0.9), (0.5, 0.75)])
def test_a_name_in_a_box_is_covered(limb: tuple[Grey, Mask], plate: float, level: float) -> None:
    film, pixels = limb
    film[70:150, 10:420] = plate
    ink = drawn(NAME, (20, 120), 0.9)
    film[ink] = level
    assert found(film, pixels).cover[ink].mean() > 0.995


def test_nothing_of_a_name_s_shape_stays_in_what_is_filled_in(limb: tuple[Grey, Mask]) -> None:
    film, pixels = limb
    clean, ink = film.copy(), drawn(NAME, (20, 120), 0.8)
    film[ink] = 1.0
    text = found(film, pixels)
    filled = np.asarray(covered(film, text.cover, pixels), np.float32)
    inside = text.cover & (cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    beside = text.cover & ~inside
    assert abs(float(filled[inside].mean() - filled[beside].mean())) < 0.004
    assert np.abs(filled - clean)[text.cover].max() < 0.06
    np.testing.assert_array_equal(filled[~text.cover], film[~text.cover])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_stored_samples_keep_their_type_and_the_rest_their_values(
    limb: tuple[Grey, Mask], dtype: type[np.integer]
) -> None:
    film, pixels = limb
    samples = (film * 200 - (50 if dtype is np.int16 else 0)).astype(dtype)
    cover = drawn(NAME, (20, 120), 0.8)
    for stored in (samples, np.stack([samples, samples // 2, samples], axis=-1)):
        filled = covered(stored, cover, pixels)
        assert filled.dtype == dtype
        np.testing.assert_array_equal(filled[~cover], stored[~cover])


def test_nothing_to_fill_from_is_refused() -> None:
    with pytest.raises(ValueError, match="surroundings"):
        covered(np.zeros((4, 4), np.uint8), np.ones((4, 4), np.bool_), np.zeros((4, 4), np.bool_))


@pytest.mark.parametrize("letter", ["L", "R"])
def test_the_side_letter_stays_and_the_name_beside_it_goes(limb: tuple[Grey, Mask], letter: str) -> None:
    film, pixels = limb
    side, ink = drawn(letter, (550, 300), 1.6), drawn(NAME, (430, 380), 0.5)
    film[side | ink] = 1.0
    text = found(film, pixels)
    assert not text.cover[side].any()
    assert text.cover[ink].mean() > 0.995


def test_a_film_without_text_is_left_as_it_is(limb: tuple[Grey, Mask]) -> None:
    text = found(*limb)
    assert (text.boxes, text.over_limb) == ((), ())
    assert not text.cover.any()


@pytest.mark.parametrize("scale", [0.5, 0.8, 1.2])
@pytest.mark.parametrize("place", [(200, 600), (20, 600)])
def test_text_over_the_limb_is_told(limb: tuple[Grey, Mask], scale: float, place: tuple[int, int]) -> None:
    film, pixels = limb
    film[drawn(NAME, place, scale)] = 1.0
    assert found(film, pixels).over_limb


def test_text_down_the_film_over_the_limb_is_told(limb: tuple[Grey, Mask]) -> None:
    film, pixels = limb
    film[drawn(NAME, (200, 600), 0.8)] = 1.0
    assert found(np.ascontiguousarray(np.rot90(film)), np.ascontiguousarray(np.rot90(pixels))).over_limb


def test_boxes_hold_what_is_covered(limb: tuple[Grey, Mask]) -> None:
    film, pixels = limb
    film[drawn(NAME, (20, 120), 0.8)] = 1.0
    text = found(film, pixels)
    outside = text.cover.copy()
    for box in text.boxes:
        outside[box.top : box.bottom, box.left : box.right] = False
    assert text.boxes
    assert not outside.any()


def test_a_label_at_the_skin_is_covered_though_the_silhouette_took_it_for_limb(limb: tuple[Grey, Mask]) -> None:
    film, pixels = limb
    film[288:322, 333:432] = 0.02
    ink = drawn("HAND PA", (340, 312), 0.7)
    film[ink] = 1.0
    bulged = pixels.copy()
    bulged[280:330, 300:450] = True
    text = found(film, bulged)
    assert text.over_limb == ()
    assert text.cover[ink].mean() > 0.995
    assert not text.cover[420:, 150:340][pixels[420:, 150:340]].any()


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("shown", ["AB", "logo"])
def test_a_logo_or_two_letters_at_the_skin_are_covered_and_the_limb_is_not(
    limb: tuple[Grey, Mask], shown: str, turns: int
) -> None:
    film, pixels = limb
    clean, bulged = film.copy(), pixels.copy()
    ink = drawn("AB", (372, 520), 0.9) if shown == "AB" else emblem((392, 510), 20)
    bulged |= cv2.dilate(ink.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    film[ink] = 1.0
    text = found(np.ascontiguousarray(np.rot90(film, turns)), np.ascontiguousarray(np.rot90(bulged, turns)))
    assert text.over_limb == ()
    assert np.rot90(text.cover, -turns)[ink].mean() > 0.995
    assert not np.rot90(text.cover, -turns)[clean > 0.25].any()


def test_a_logo_half_over_the_skin_is_told(limb: tuple[Grey, Mask]) -> None:
    film, pixels = limb
    ink = emblem((358, 560), 22)
    film[ink] = 1.0
    bulged = pixels | (cv2.dilate(ink.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0)
    assert found(film, bulged).over_limb


def test_a_ring_on_a_finger_is_the_limb_s() -> None:
    film = np.full((ROWS, COLUMNS), 0.15, np.float32)
    film[200:, 300:340] = 0.45
    finger = film > 0.3
    film[500:516, 296:344] = 1.0
    text = found(film, cv2.dilate((film > 0.3).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0)
    assert not text.cover[finger].any()
    assert text.over_limb == ()


def emblem(middle: tuple[int, int], radius: int) -> Mask:
    canvas = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.circle(canvas, middle, radius, 255, 5, cv2.LINE_AA)
    cv2.line(canvas, (middle[0], middle[1] - radius), (middle[0], middle[1] + radius), 255, 5, cv2.LINE_AA)
    return canvas > 100
