"""Erosions lie where the disease begins, show on the film from grade 1 on, and grow with the grade."""

from itertools import pairwise

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, site_named, sites_of
from opensvh.simulation.anatomy.foot import FootPose, pose_foot
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.disease.bare_areas import bare_areas
from opensvh.simulation.disease.erosions import with_erosions
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness

PLAIN_BONE = BoneTissue(texture=0.0)
PIXEL_MM = 0.25
SEEDS = range(3)
SMALLEST_SEEN_MM2 = 1.5
"""A break of the cortex of 1 to 2 mm; on average over the seeds."""


def _limb(limb: Limb, seed: int = 0) -> Skeleton:
    rng = np.random.default_rng(seed)
    if limb is Limb.HAND:
        return pose_hand(Build(), HandPose(flexion=2.0), {}, rng)
    return pose_foot(Build(), FootPose(), {}, rng)


def _eroded(skeleton: Skeleton, limb: Limb, site: str, grade: int, seed: int) -> Skeleton:
    return with_erosions(skeleton, limb, {(site, Kind.EROSION): grade}, np.random.default_rng(seed))


def _lost_mm2(skeleton: Skeleton, limb: Limb, site: str, grades: tuple[int, ...]) -> list[float]:
    """Area of the film where the bone has become clearly thinner, by grade, the mean over the seeds."""
    place = skeleton.points[site_named(limb, site).point]
    detector = Detector(120, 120, PIXEL_MM, float(place[0]) - 15, float(place[1]) + 15)
    whole = bone_thickness(skeleton, detector, PLAIN_BONE)
    lost = []
    for grade in grades:
        left = [bone_thickness(_eroded(skeleton, limb, site, grade, s), detector, PLAIN_BONE) for s in SEEDS]
        thinner = [np.sum(whole - image > np.maximum(0.3 * whole, 0.35)) for image in left]
        lost.append(float(np.mean(thinner)) * PIXEL_MM**2)
    return lost


@pytest.mark.parametrize("site", ["MCP2", "PIP3", "IP1", "LUNATE", "ULNA", "MC1_BASE"])
def test_area_lost_on_the_film_rises_with_the_grade(site: str) -> None:
    lost = _lost_mm2(_limb(Limb.HAND), Limb.HAND, site, (1, 2, 3, 4))
    assert lost[0] > SMALLEST_SEEN_MM2
    assert all(more > 1.3 * less for less, more in pairwise(lost))


@pytest.mark.parametrize("site", ["MTP1", "MTP5", "IP1"])
def test_area_lost_in_feet_rises_up_to_ten(site: str) -> None:
    lost = _lost_mm2(_limb(Limb.FOOT), Limb.FOOT, site, (1, 3, 6, 8))
    assert lost[0] > SMALLEST_SEEN_MM2
    assert all(more > 1.3 * less for less, more in pairwise(lost))


def test_second_metacarpal_is_eroded_on_its_radial_side_first() -> None:
    hand = _limb(Limb.HAND)
    sides = []
    for seed in range(40):
        lesions = _eroded(hand, Limb.HAND, "MCP2", 1, seed).bones["mc2"].erosions
        sides += [np.sign(lesion.centre[0]) for lesion in lesions[:1]]
    assert np.mean(np.array(sides) > 0) > 0.6


@pytest.mark.parametrize(("digit", "outer"), [(1, False), (5, True)])
def test_fifth_metatarsal_is_eroded_outside_and_first_inside(digit: int, outer: bool) -> None:
    foot = _limb(Limb.FOOT)
    sides = []
    for seed in range(40):
        lesions = _eroded(foot, Limb.FOOT, f"MTP{digit}", 1, seed).bones[f"mt{digit}"].erosions
        sides += [np.sign(lesion.centre[0]) for lesion in lesions[:1]]
    assert (np.mean(sides) < 0) == outer


def test_one_grade_of_a_foot_lies_on_the_metatarsal_head() -> None:
    foot = _eroded(_limb(Limb.FOOT), Limb.FOOT, "MTP4", 1, 0)
    assert foot.bones["mt4"].erosions
    assert not foot.bones["pp4"].erosions


def test_a_higher_grade_is_the_same_disease_later() -> None:
    hand = _limb(Limb.HAND)
    for seed in range(8):
        earlier, later = (_eroded(hand, Limb.HAND, "PIP3", grade, seed) for grade in (1, 3))
        first = next(name for name in ("pp3", "mp3") if earlier.bones[name].erosions)
        centre = np.array(earlier.bones[first].erosions[0].centre[:2])
        again = np.array(later.bones[first].erosions[0].centre[:2])
        assert np.linalg.norm(centre - again) < 2.5


def test_one_site_s_grade_leaves_the_others_as_they_were() -> None:
    hand = _limb(Limb.HAND)
    grades = {("MCP2", Kind.EROSION): 1, ("MCP3", Kind.EROSION): 2}
    before = with_erosions(hand, Limb.HAND, grades, np.random.default_rng(1))
    after = with_erosions(hand, Limb.HAND, grades | {("MCP2", Kind.EROSION): 4}, np.random.default_rng(1))
    assert before.bones["mc3"].erosions == after.bones["mc3"].erosions
    assert before.bones["mc2"].erosions + before.bones["pp2"].erosions != (
        after.bones["mc2"].erosions + after.bones["pp2"].erosions
    )


def test_collapsed_end_never_takes_the_whole_phalanx() -> None:
    hand = _limb(Limb.HAND)
    for seed in range(6):
        ruined = _eroded(hand, Limb.HAND, "PIP3", 5, seed)
        for name in ("pp3", "mp3"):
            bone = ruined.bones[name]
            middle = np.array([0.0, 0.5 * bone.shape.length_mm, 0.0])
            inside = [np.sum(((middle - lesion.centre) / np.array(lesion.radii)) ** 2) < 1 for lesion in bone.erosions]
            assert not any(inside)


def test_collapse_lets_the_digit_sink() -> None:
    hand = _limb(Limb.HAND)
    for seed in range(6):
        ruined = _eroded(hand, Limb.HAND, "MCP3", 5, seed)
        sunk_mm = hand.points["PIP3"][1] - ruined.points["PIP3"][1]
        assert 1.0 < sunk_mm < 8.0
        assert ruined.points["CMC3"][1] == hand.points["CMC3"][1]


def test_every_eroded_site_has_places_on_bones_that_exist() -> None:
    for limb in Limb:
        bones = _limb(limb).bones
        for site in sites_of(limb, Kind.EROSION):
            assert {area.part for area in bare_areas(limb, site.name)} <= set(bones)


def test_grade_zero_changes_nothing() -> None:
    hand = _limb(Limb.HAND)
    grades = {(site.name, Kind.EROSION): 0 for site in sites_of(Limb.HAND, Kind.EROSION)}
    healthy = with_erosions(hand, Limb.HAND, grades, np.random.default_rng(0))
    assert not any(bone.erosions for bone in healthy.bones.values())


def test_carpals_without_a_score_are_eroded_with_the_scored_ones() -> None:
    hand = _limb(Limb.HAND)
    wrist = {(site, Kind.EROSION): 4 for site in ("TRAPEZIUM", "NAVICULAR", "LUNATE")}
    eroded = with_erosions(hand, Limb.HAND, wrist, np.random.default_rng(0)).bones
    assert all(eroded[name].erosions for name in ("capitate", "triquetrum", "hamate"))
    assert (
        not with_erosions(hand, Limb.HAND, {("MCP2", Kind.EROSION): 4}, np.random.default_rng(0))
        .bones["capitate"]
        .erosions
    )
