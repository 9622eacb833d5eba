import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading
from opensvh.reporting.crops import LONGEST_PX, crop_side_px, joint_crops, mirrored

from .conftest import film_reading

CENTRE = Point(300, 400)


def _seen(jpeg: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


def _hand(points: dict[str, Point], turn: float = 0) -> FilmReading:
    return replace(film_reading(Limb.HAND, Side.LEFT), points=points, pose=Pose(turn))


def _film_with_dot(x: float, y: float) -> NDArray[np.float32]:
    film = np.zeros((800, 600), np.float32)
    cv2.circle(film, (round(x), round(y)), 8, 1.0, -1)
    return film


@pytest.mark.parametrize("angle", [0, 40, 90, 200])
def test_the_next_joint_of_the_finger_stands_above(angle: float) -> None:
    up = (math.sin(math.radians(angle)), -math.cos(math.radians(angle)))
    far = Point(CENTRE.x + 50 * up[0], CENTRE.y + 50 * up[1])
    hand = _hand({"MCP2": CENTRE, "PIP2": far, "MCP5": Point(CENTRE.x - 250, CENTRE.y)})

    crop = _seen(joint_crops(_film_with_dot(*far), hand)["MCP2"])

    side = crop.shape[0]
    row, column = np.argwhere(crop > 128).mean(axis=0)
    assert side == round(0.52 * 250)
    assert (column, row) == (pytest.approx((side - 1) / 2, abs=1.5), pytest.approx((side - 1) / 2 - 50, abs=1.5))


def test_a_wrist_stands_as_the_limb_was_turned() -> None:
    hand = _hand({"LUNATE": CENTRE, "MCP2": CENTRE, "MCP5": Point(CENTRE.x - 200, CENTRE.y)}, turn=90)

    crop = _seen(joint_crops(_film_with_dot(CENTRE.x - 40, CENTRE.y), hand)["LUNATE"])

    row, column = np.argwhere(crop > 128).mean(axis=0)
    middle = (crop.shape[0] - 1) / 2
    assert (column, row) == (pytest.approx(middle, abs=1.5), pytest.approx(middle - 40, abs=1.5))


def test_pixels_stay_as_large_as_on_the_film_until_there_are_too_many() -> None:
    coarse = _hand({"MCP2": CENTRE, "MCP5": Point(CENTRE.x - 200, CENTRE.y)})
    fine = _hand({"MCP2": CENTRE, "MCP5": Point(CENTRE.x - 2000, CENTRE.y)})

    film = _film_with_dot(*CENTRE)
    assert _seen(joint_crops(film, coarse)["MCP2"]).shape == (104, 104)
    assert _seen(joint_crops(film, fine)["MCP2"]).shape == (LONGEST_PX, LONGEST_PX)


def test_without_the_breadth_the_limbs_box_says_how_large_it_is() -> None:
    whole, lone = film_reading(Limb.FOOT, Side.LEFT), _hand({"PIP3": CENTRE})

    assert crop_side_px(lone, "PIP3") == pytest.approx(0.52 * 0.27 * 350)
    assert crop_side_px(whole, "MTP1") > 0
    assert crop_side_px(lone, "RADCAR") > crop_side_px(lone, "PIP3")


def test_a_joint_at_the_edge_has_black_beyond_the_film() -> None:
    film = np.full((800, 600), 0.2, np.float32)
    film[:, 100:] = 0.9
    hand = _hand({"PIP3": Point(2, 400), "MCP2": CENTRE, "MCP5": Point(CENTRE.x - 300, CENTRE.y)})

    crop = _seen(joint_crops(film, hand)["PIP3"])

    assert crop[:, : crop.shape[1] // 2 - 6].max() < 10


def test_grey_levels_fill_the_range_and_a_blank_film_stays_blank() -> None:
    film = np.tile(np.linspace(0.2, 0.8, 600, dtype=np.float32), (800, 1))
    hand = _hand({"PIP3": CENTRE, "MCP2": CENTRE, "MCP5": Point(CENTRE.x - 590, CENTRE.y)})

    crop = _seen(joint_crops(film, hand)["PIP3"])
    blank = _seen(joint_crops(np.full((800, 600), 0.5, np.float32), hand)["PIP3"])

    assert crop.min() < 10
    assert crop.max() > 245
    assert np.ptp(blank) == 0


def test_mirrored_exchanges_left_and_right() -> None:
    hand = _hand({"PIP3": CENTRE, "MCP2": CENTRE, "MCP5": Point(CENTRE.x - 200, CENTRE.y)})
    crop = joint_crops(_film_with_dot(CENTRE.x + 30, CENTRE.y), hand)["PIP3"]

    assert np.abs(_seen(mirrored(crop))[:, ::-1].astype(int) - _seen(crop)).max() < 30
    assert np.argwhere(_seen(mirrored(crop)) > 128).mean(axis=0)[1] < 40
