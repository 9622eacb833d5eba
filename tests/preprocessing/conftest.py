"""Drawn limbs with known boxes: no film needed, and none is as simple."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.geometry import Box

Film = tuple[NDArray[np.float32], Box]


def _soft(film: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(film, (0, 0), 2.0)
    return np.clip(blurred + rng.normal(0, 0.01, film.shape), 0, 1).astype(np.float32)


def _line(film: NDArray[np.float32], points: list[tuple[float, float]], width: int, level: float) -> None:
    drawn = np.zeros(film.shape, dtype=np.uint8)
    cv2.polylines(drawn, [np.array(points, dtype=np.int32)], False, 1, width)
    film[drawn > 0] = np.maximum(film[drawn > 0], level)


@pytest.fixture
def hand() -> Film:
    """A hand of 500 px, tips at row 100, wrist at about row 560, and its forearm, on a grey film 800 x 1000."""
    film = np.full((1000, 800), 0.12, dtype=np.float32)
    palm = np.array([(270, 330), (500, 330), (505, 450), (450, 560), (440, 999), (340, 999), (330, 560), (270, 450)])
    cv2.fillPoly(film, [palm], 0.35)
    for base, tip in (((300, 380), (250, 170)), ((360, 360), (345, 120)), ((420, 360), (430, 125))):
        _line(film, [base, tip], 44, 0.32)
        _line(film, [base, tip], 18, 0.6)
    _line(film, [(475, 380), (520, 180)], 40, 0.32)
    _line(film, [(290, 480), (180, 330)], 46, 0.32)
    for x in (365, 415):
        _line(film, [(x, 560), (x, 999)], 30, 0.7)
    return _soft(film, np.random.default_rng(1)), Box(157, 98, 540, 590)


@pytest.fixture
def foot() -> Film:
    """A foot of 600 px, toes at row 90, heel at row 690, and its leg, on a grey film 800 x 1000."""
    film = np.full((1000, 800), 0.12, dtype=np.float32)
    sole = np.array([(290, 200), (300, 110), (400, 90), (480, 130), (550, 220), (550, 330), (500, 640), (485, 690)])
    cv2.fillPoly(film, [np.concatenate([sole, [(480, 700), (500, 999), (340, 999), (360, 700), (330, 640)]])], 0.4)
    for x in (320, 370, 420, 470, 515):
        _line(film, [(x, 180), ((x + 420) / 2, 480)], 18, 0.65)
    cv2.ellipse(film, (415, 600), (60, 80), 0, 0, 360, 0.75, -1)
    return _soft(film, np.random.default_rng(2)), Box(290, 90, 550, 690)
