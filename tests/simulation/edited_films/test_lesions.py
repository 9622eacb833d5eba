"""Grades of erosion as defects: none below the first grade, more with each, none where no bone is found."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.disease.bare_areas import BareArea
from opensvh.simulation.edited_films.lesions import site_lesions
from opensvh.simulation.edited_films.outline import Outline
from opensvh.simulation.edited_films.places import frame_at


def round_bone(area: BareArea) -> Outline:
    """A disc of 7.5 mm radius."""
    angles = np.arange(-110.0, 111.0, 10.0)
    frame = frame_at(Side.LEFT, Point(0, 0), np.array([0.0, -1.0]), 10.0)
    return Outline(frame, angles, np.full(len(angles), 7.5), np.full(len(angles), 0.2), 15.0)


def lost_area(grade: float, seed: int, limb: Limb = Limb.HAND, site: str = "MCP2") -> float:
    found = site_lesions(limb, site, grade, round_bone, np.random.default_rng(seed))
    return sum(defect.radius**2 for end in found for defect in end.defects)


def test_no_grade_leaves_no_lesion() -> None:
    assert lost_area(0.4, seed=0) == 0


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
def test_a_higher_grade_takes_more_bone(grade: int) -> None:
    lower, higher = (np.mean([lost_area(g, seed) for seed in range(30)]) for g in (grade, grade + 1))
    assert higher > 1.15 * lower


def test_a_foot_is_eroded_on_both_bones_at_its_highest_score() -> None:
    found = site_lesions(Limb.FOOT, "MTP3", 10.0, round_bone, np.random.default_rng(2))
    assert sum(end.sunk_mm > 0 for end in found) == 2, "both ends collapse"


def test_a_bone_that_is_not_found_stays_whole() -> None:
    assert site_lesions(Limb.HAND, "LUNATE", 3.0, lambda area: None, np.random.default_rng(0)) == ()
