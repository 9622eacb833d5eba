"""A lone L or R is read however it lies; letters of words, other letters and bones are not."""

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import Side
from opensvh.domain.geometry import Point
from opensvh.preprocessing.side_marker import Grey, SideMarker, find_side_markers


def film_with(*texts: tuple[str, int, int, float], font: int = cv2.FONT_HERSHEY_SIMPLEX, stroke: int = 5) -> Grey:
    """A limb, and white texts (text, x, y, scale) beside it."""
    film = np.full((900, 700), 25, np.uint8)
    cv2.ellipse(film, (300, 500), (90, 260), 0, 0, 360, 140, -1)
    for text, x, y, scale in texts:
        cv2.putText(film, text, (x, y), font, scale, 250, stroke if scale > 1 else 1, cv2.LINE_AA)
    return film.astype(np.float32) / 255


def lone(letter: str) -> tuple[str, int, int, float]:
    return letter, 450, 300, 1.3


def only(film: Grey) -> SideMarker:
    [marker] = find_side_markers(film)
    return marker


@pytest.mark.parametrize("letter", ["L", "R"])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirror", [False, True])
def test_a_letter_is_read_however_it_lies(letter: str, turns: int, mirror: bool) -> None:
    film = film_with(lone(letter))
    laid = np.ascontiguousarray(np.rot90(film[:, ::-1] if mirror else film, turns))
    marker = only(laid)
    assert (marker.side, marker.mirrored) == (Side(letter), mirror)
    # A letter in a mirror is set right by turning first, then mirroring.
    assert marker.quarter_turns_cw == turns % 4


@pytest.mark.parametrize("font", [cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX])
@pytest.mark.parametrize("stroke", [2, 4, 8])
def test_other_fonts_are_read_too(font: int, stroke: int) -> None:
    assert only(film_with(lone("R"), font=font, stroke=stroke)).side is Side.RIGHT


@pytest.mark.parametrize("text", ["RIGHT", "LF", "B", "P", "D", "A", "T", "E", "7", ""])
def test_words_and_other_letters_say_nothing(text: str) -> None:
    assert find_side_markers(film_with(lone(text))) == ()


def test_the_box_is_about_the_letter() -> None:
    marker = only(film_with(lone("L")))
    assert marker.box.contains(Point(463, 287))
    assert 25 < marker.box.height < 50


def test_a_small_word_below_does_not_hide_it() -> None:
    assert only(film_with(lone("R"), ("Hand B/V", 420, 325, 0.5))).side is Side.RIGHT


def test_both_letters_are_told() -> None:
    markers = find_side_markers(film_with(lone("R"), ("L", 60, 300, 1.3)))
    assert {marker.side for marker in markers} == set(Side)
