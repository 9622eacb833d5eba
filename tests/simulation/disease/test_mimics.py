"""What only looks like the disease comes with age, lies where it should, and leaves the scored spaces alone."""

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.simulation.anatomy.bone_ends import cut_distance
from opensvh.simulation.anatomy.foot import FootPose, pose_foot
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.disease.bony_marks import bone_island, fragment, gouty_defect, healed_fracture, vessel
from opensvh.simulation.disease.mimics import AT_67, AT_ANY_AGE, mimicked, prevalence
from opensvh.simulation.disease.osteoarthritis import closed_in, osteophytes, thinned_space

SEEDS = range(40)
DIP_BONES = {(f"dp{digit}", f"mp{digit}") for digit in (2, 3, 4, 5)}


@pytest.fixture(scope="module")
def hand() -> Skeleton:
    return pose_hand(Build(), HandPose(flexion=2.0), {}, np.random.default_rng(0))


@pytest.fixture(scope="module")
def foot() -> Skeleton:
    return pose_foot(Build(), FootPose(), {}, np.random.default_rng(0))


def _marks(skeleton: Skeleton) -> int:
    bones = skeleton.bones.values()
    return len(bones) + sum(len(b.growths) + len(b.dense) + len(b.erosions) for b in bones)


def test_old_hands_show_more_than_young_ones(hand: Skeleton) -> None:
    seen = {
        age: np.mean([_marks(mimicked(hand, Limb.HAND, age, np.random.default_rng(s))) for s in SEEDS])
        for age in (22.0, 50.0, 75.0)
    }
    assert seen[22.0] < seen[50.0] < seen[75.0]


def test_prevalences_are_the_published_ones_at_67() -> None:
    assert prevalence("DIP", 67.0) == pytest.approx(0.47)
    assert prevalence("DIP", 45.0) < 0.15
    assert prevalence("CMC1", 25.0) == 0.0
    assert all(0 <= prevalence(name, 95.0) <= 0.85 for name in (*AT_67, *AT_ANY_AGE))


def test_scored_spaces_and_points_stay_as_they_were(hand: Skeleton, foot: Skeleton) -> None:
    for limb, skeleton in ((Limb.HAND, hand), (Limb.FOOT, foot)):
        for seed in SEEDS:
            changed = mimicked(skeleton, limb, 80.0, np.random.default_rng(seed))
            sites = [point for point in POINTS[limb] if point in skeleton.gaps_mm]
            assert [changed.gaps_mm[s] for s in sites] == [skeleton.gaps_mm[s] for s in sites]
            assert all(np.array_equal(changed.points[p], skeleton.points[p]) for p in POINTS[limb])
            for before, after in zip(skeleton.contacts, changed.contacts, strict=True):
                if before != after:
                    pair = (after.bone, after.neighbour)
                    assert pair in DIP_BONES or {*pair} == {"mc1", "trapezium"}


def test_a_hole_that_is_no_erosion_has_a_rim_or_lies_in_a_shaft(hand: Skeleton) -> None:
    for seed in SEEDS:
        for name, bone in mimicked(hand, Limb.HAND, 85.0, np.random.default_rng(seed)).bones.items():
            for hole in bone.erosions:
                along = hole.centre[1] / bone.shape.length_mm
                assert hole.rim_mm > 0 or 0.35 < along < 0.7, name


def test_cysts_lie_inside_the_bone(hand: Skeleton) -> None:
    found = 0
    for seed in SEEDS:
        changed = mimicked(hand, Limb.HAND, 85.0, np.random.default_rng(seed))
        for name, bone in changed.bones.items():
            for cyst in (hole for hole in bone.erosions if hole.rim_mm > 0):
                found += 1
                inside = -float(cut_distance(hand, name, bone.world(cyst.centre)[None])[0])
                assert inside > min(cyst.radii)
    assert found > 3


def test_osteophytes_stick_out_at_both_margins(hand: Skeleton) -> None:
    out: dict[float, list[float]] = {-1.0: [], 1.0: []}
    for seed in range(8):
        bone = osteophytes(hand, "dp3", "base", 1.0, np.random.default_rng(seed)).bones["dp3"]
        for spur in bone.growths:
            side = float(np.sign(spur.centre[0]))
            tip = bone.world((spur.centre[0] + side * spur.radii[0], *spur.centre[1:]))
            out[side].append(float(hand.bones["dp3"].distance_at(tip)[0]))
    assert all(max(reach) > 0.6 for reach in out.values())
    assert all(max(reach) < 3.0 for reach in out.values())


def test_last_joint_closes_and_its_phalanx_follows(hand: Skeleton) -> None:
    closed = closed_in(hand, "dp3", "mp3", 0.4, 0.0)
    gap = next(c.gap_mm for c in hand.contacts if c.bone == "dp3")
    moved = np.linalg.norm(closed.bones["dp3"].position - hand.bones["dp3"].position)
    assert moved == pytest.approx(0.6 * gap)
    assert next(c.gap_mm for c in closed.contacts if c.bone == "dp3") == pytest.approx(0.4 * gap)


def test_space_of_the_thumb_base_is_narrowed(hand: Skeleton) -> None:
    narrowed = thinned_space(hand, "mc1", "trapezium", 0.5)
    changed = [a.gap_mm / b.gap_mm for a, b in zip(narrowed.contacts, hand.contacts, strict=True) if a != b]
    assert changed
    assert changed == pytest.approx([0.5] * len(changed))


def test_single_marks_do_what_they_say(hand: Skeleton, foot: Skeleton) -> None:
    rng = np.random.default_rng(3)
    assert len(healed_fracture("mc5")(hand, rng).bones["mc5"].growths) == 2
    assert bone_island("capitate")(hand, rng).bones["capitate"].dense
    assert vessel("mc3")(hand, rng).bones["mc3"].erosions
    assert len(fragment(("ulna", "head", -45.0))(hand, rng).bones) == len(hand.bones) + 1
    gout = gouty_defect(foot, rng).bones["mt1"]
    assert gout.erosions[0].rim_mm > 0
    assert gout.growths
    assert gout.erosions[0].centre[1] < 0.8 * gout.shape.length_mm
