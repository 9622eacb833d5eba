from dataclasses import replace

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side, film_code
from opensvh.domain.reading import FilmReading, StudyReading
from opensvh.reporting.overlay import FilmPicture, picture_of
from opensvh.reporting.worst_joints import MOST, worst_joints

from .conftest import film_reading


def _graded(film: FilmReading, grades: dict[tuple[str, Kind], float]) -> FilmReading:
    """The film with these expectations and 0 everywhere else."""
    sites = tuple(
        each if each.expected is None else replace(each, expected=grades.get((each.site.name, each.kind), 0.0))
        for each in film.sites
    )
    return replace(film, sites=sites)


def _pictures(study: StudyReading) -> dict[str, FilmPicture]:
    pixels = np.random.default_rng(1).random((400, 300), np.float32)
    return {film_code(film.limb, film.side): picture_of(pixels, film, None) for film in study.films}


@pytest.fixture
def both(study: StudyReading) -> StudyReading:
    left = _graded(film_reading(Limb.HAND, Side.LEFT), {("PIP3", Kind.EROSION): 2, ("MCP2", Kind.NARROWING): 0.4})
    right = {("PIP3", Kind.EROSION): 4.2, ("NAVICULAR", Kind.EROSION): 3.0, ("RADCAR", Kind.NARROWING): 1.0}
    foot = _graded(film_reading(Limb.FOOT, Side.LEFT), {("MTP5", Kind.EROSION): 9.0})
    return replace(study, films=(left, _graded(film_reading(Limb.HAND, Side.RIGHT), right), foot))


def test_the_worst_by_its_share_of_the_maximum_stands_first_and_each_joint_once(both: StudyReading) -> None:
    found = worst_joints(both, _pictures(both))

    assert [joint.key for joint in found] == ["LF:MTP5", "RH:PIP3", "RH:RADCAR"]


def test_the_other_side_stands_beside_it_mirrored(both: StudyReading) -> None:
    pictures = _pictures(both)
    joint = worst_joints(both, pictures)[1]

    assert (joint.worse.label, joint.opposite.label) == ("Right hand", "Left hand")
    assert joint.worse.jpeg == pictures["RH"].crops["PIP3"]
    shown = cv2.imdecode(np.frombuffer(joint.opposite.jpeg or b"", np.uint8), cv2.IMREAD_GRAYSCALE)
    stored = cv2.imdecode(np.frombuffer(pictures["LH"].crops["PIP3"], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.abs(shown[:, ::-1].astype(int) - stored).mean() < 6
    assert [grade.text for grade in joint.opposite.grades] == ["0 / 4", "2 / 5"]


def test_a_joint_tells_every_score_that_is_read_there(both: StudyReading) -> None:
    radiocarpal = worst_joints(both, _pictures(both))[2]

    assert [(grade.name, grade.text) for grade in radiocarpal.worse.grades] == [
        ("narrowing", "1 / 4"),
        ("navicular erosion", "3 / 5"),
    ]


def test_a_side_without_film_or_joint_says_so(both: StudyReading) -> None:
    toe = worst_joints(both, _pictures(both))[0]
    lost = replace(both, films=(film_reading(Limb.HAND, Side.LEFT, lost=("PIP3",)), both.films[1]))
    finger = worst_joints(lost, _pictures(lost))[0]

    assert (toe.opposite.jpeg, toe.opposite.missing, toe.opposite.grades) == (None, "no film read", ())
    assert (finger.opposite.jpeg, finger.opposite.missing) == (None, "joint not found")
    assert [grade.text for grade in finger.opposite.grades] == ["–", "–"]


def test_sound_hands_have_no_worst_joint(study: StudyReading) -> None:
    sound = replace(study, films=tuple(_graded(film, {("MCP2", Kind.EROSION): 0.4}) for film in study.films))

    assert worst_joints(sound, _pictures(sound)) == ()


def test_no_more_than_a_page_holds(study: StudyReading) -> None:
    assert len(worst_joints(study, _pictures(study))) == MOST
