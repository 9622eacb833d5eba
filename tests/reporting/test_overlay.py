from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb
from opensvh.domain.geometry import Frame, Point, Size
from opensvh.domain.reading import StudyReading
from opensvh.reporting.overlay import LONGEST_PX, drawn_overlay, picture_of, worst_share
from opensvh.reporting.palette import GRADES, JOINT_COLOURS, NORMAL, UNSCORED, grade_colour, grade_step


@dataclass(frozen=True)
class Maps:
    frame: Frame
    joint: NDArray[np.uint8]
    probability: NDArray[np.float32]
    narrowing: NDArray[np.float32]
    erosion: NDArray[np.float32]


def _decoded(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)


def test_the_picture_shows_the_film_as_it_was_turned(study: StudyReading) -> None:
    pixels = np.zeros((400, 300), np.float32)
    pixels[20:60, 20:60] = 1.0

    picture = picture_of(pixels, study.films[0], None)

    image = _decoded(picture.jpeg)
    (where,) = picture.frame.to_model([Point(40, 40)])
    assert image.shape == (400, 300)
    assert (where.x, where.y) == (259, 359)
    assert image[359, 259] > 200
    assert image[40, 40] < 50


def test_a_large_film_is_made_smaller(study: StudyReading) -> None:
    picture = picture_of(np.zeros((4000, 3000), np.float32), study.films[0], None)

    assert max(picture.frame.size) == LONGEST_PX
    assert _decoded(picture.jpeg).shape == (LONGEST_PX, LONGEST_PX * 3 // 4)


def test_layers_lie_where_the_model_saw_the_joint(study: StudyReading) -> None:
    view = Frame.of(Size(300, 400)).turned(2).mirrored().scaled(Size(150, 200))
    joint = np.zeros((200, 150), np.uint8)
    joint[20:40, 10:30] = 7
    ones = (joint > 0).astype(np.float32)

    picture = picture_of(np.zeros((400, 300), np.float32), study.films[0], Maps(view, joint, ones, ones, 0 * ones))

    (on_film,) = view.to_film([Point(20, 30)])
    (where,) = picture.frame.to_model([on_film])
    classes, narrowing = _decoded(picture.layers["joints"]), _decoded(picture.layers["narrowing"])
    row, column = round(where.y), round(where.x)
    assert tuple(classes[row, column, 2::-1]) == tuple(JOINT_COLOURS[7])
    assert tuple(narrowing[row, column, 2::-1]) == GRADES[-1]
    assert classes[row, 299 - column, 3] == 0
    assert (classes[..., 3] > 0).sum() == pytest.approx(4 * 400, rel=0.05)


def test_the_drawn_film_has_a_coloured_ring_at_each_joint(study: StudyReading) -> None:
    film = study.films[2]
    picture = picture_of(np.zeros((400, 300), np.float32), film, None)

    image = _decoded(drawn_overlay(picture, film))

    (where,) = picture.frame.to_model([film.points["MTP3"]])
    ring = image[round(where.y), round(where.x) - 5, ::-1]
    assert np.abs(ring.astype(int) - grade_colour(0.3)).max() < 60


def test_the_worst_grade_at_a_joint_counts_and_a_lost_joint_has_none(study: StudyReading) -> None:
    assert worst_share(study.films[2], "MTP1") == pytest.approx(3 / 10)
    assert worst_share(study.films[1], "MCP2") is None
    assert study.films[1].reading("MCP2", Kind.EROSION).score is None


@pytest.mark.parametrize(("limb", "maximum"), [(Limb.HAND, 4), (Limb.HAND, 5), (Limb.FOOT, 10)])
def test_colours_keep_the_order_of_grades(limb: Limb, maximum: int) -> None:
    steps = [grade_step(grade / maximum) for grade in range(maximum + 1)]

    assert steps[0] == 0
    assert steps[-1] == len(GRADES)
    assert all(one <= other for one, other in pairwise(steps) if one is not None)
    assert all(step and step > 0 for step in steps[1:])


def test_colours_of_nothing_and_of_no_damage_differ() -> None:
    assert grade_colour(None) == UNSCORED
    assert grade_colour(0.0) == NORMAL
    assert len({tuple(colour) for colour in JOINT_COLOURS}) == 22
