"""A slide leaves the share of the space that was asked for, moves what lies beyond, and nothing else."""

from collections.abc import Mapping

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.anatomy.joints import JointSpace
from opensvh.simulation.edited_films.joint_space import JointSpaceFound, find_space
from opensvh.simulation.edited_films.places import JointPlace, Picture, joint_places
from opensvh.simulation.edited_films.slide import moved_points, slid, slide_for

Foot = tuple[Picture, Mapping[str, Point]]


def joint(foot: Foot, site: str = "MTP1") -> tuple[JointPlace, JointSpaceFound]:
    pixels, points = foot
    place = joint_places(Limb.FOOT, Side.LEFT, points)[site]
    found = find_space(pixels, place)
    assert found is not None
    return place, found


@pytest.mark.parametrize("share", [1.0, 0.8, 0.55])
def test_the_share_asked_for_is_left(foot: Foot, share: float) -> None:
    place, found = joint(foot)
    narrowed = slid(foot[0], place, found, slide_for(JointSpace(share), place, found.gap_mm))
    left = find_space(narrowed, place)
    assert left is not None
    assert left.gap_mm / found.gap_mm == pytest.approx(share, abs=0.08)


def test_a_slide_of_nothing_changes_nothing(foot: Foot) -> None:
    place, found = joint(foot)
    still = slid(foot[0], place, found, slide_for(JointSpace(), place, found.gap_mm))
    assert np.abs(still - foot[0]).max() < 0.003


def test_the_rest_of_the_film_stays(foot: Foot) -> None:
    place, found = joint(foot)
    narrowed = slid(foot[0], place, found, slide_for(JointSpace(0.1), place, found.gap_mm))
    changed = np.argwhere(narrowed != foot[0]) / 6.0
    assert changed[:, 0].min() > 50 - place.fade_mm - 2
    assert changed[:, 0].max() < 50 + 8
    assert np.abs(changed[:, 1] - 76).max() < place.room_mm + 1.5


def test_bones_that_overlap_are_brighter_than_either(foot: Foot) -> None:
    place, found = joint(foot)
    over = slid(foot[0], place, found, slide_for(JointSpace(0.0), place, found.gap_mm, sunk_mm=1.0))
    middle = over[290:310, 430:480].max(axis=0)
    assert np.median(middle) > 0.8


def test_points_move_with_the_bone(foot: Foot) -> None:
    place, found = joint(foot)
    slide = slide_for(JointSpace(0.0, slip_mm=0.8), place, found.gap_mm)
    moved = moved_points(foot[1], place, found, slide)
    assert moved["MTP1"].y - foot[1]["MTP1"].y == pytest.approx(6 * slide.along_mm / 2, abs=0.1)
    assert moved["MTP1"].x - foot[1]["MTP1"].x == pytest.approx(6 * slide.aside_mm / 2, abs=0.1)
    assert moved["IP1"].y - foot[1]["IP1"].y < 0.05 * 6 * slide.along_mm
    assert moved["MTP3"] == foot[1]["MTP3"]


def test_a_slip_is_held_to_the_room_beside_the_joint(foot: Foot) -> None:
    place, found = joint(foot, "MTP3")
    slide = slide_for(JointSpace(0.5, slip_mm=9.0), place, found.gap_mm)
    assert 0 < slide.aside_mm < place.room_mm
    assert slide.along_mm > found.gap_mm / 2, "what does not slip overlaps"
