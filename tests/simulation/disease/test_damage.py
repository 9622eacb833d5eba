"""Grades of narrowing become spaces that differ in the mean and overlap; bone thins beside diseased joints."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, sites_of
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build, JointSpace
from opensvh.simulation.disease.damage import eroded, joint_spaces, osteopenic


def _spaces(site: str, grade: int, limb: Limb = Limb.HAND, number: int = 200) -> list[JointSpace]:
    grades = {(site, Kind.NARROWING): grade}
    return [joint_spaces(limb, grades, np.random.default_rng(seed))[site] for seed in range(number)]


def test_share_of_the_space_left_falls_with_the_grade_and_overlaps() -> None:
    shares = [np.array([s.share for s in _spaces("CMC4", grade)]) for grade in (0, 1, 2, 3)]
    means = [float(np.mean(share)) for share in shares]
    assert means == pytest.approx([1.0, 0.81, 0.58, 0.24], abs=0.03)
    assert np.quantile(shares[0], 0.05) < np.quantile(shares[1], 0.95)
    assert np.quantile(shares[1], 0.05) < np.quantile(shares[2], 0.95)


def test_only_digits_are_narrowed_on_one_side_or_displaced() -> None:
    for grade in (1, 3, 4):
        assert not any(space.tilt_deg or space.slip_mm for space in _spaces("RADCAR", grade))
    assert 0.35 < np.mean([space.tilt_deg != 0 for space in _spaces("MCP3", 1)]) < 0.65
    assert not any(space.tilt_deg for space in _spaces("MCP3", 0))


def test_grade_four_is_fusion_or_dislocation() -> None:
    spaces = _spaces("MTP2", 4, Limb.FOOT)
    assert all(space.fused != (space.slip_mm != 0) for space in spaces)
    assert 0.1 < np.mean([space.slip_mm != 0 for space in spaces]) < 0.3
    assert all(space.fused for space in _spaces("CNL", 4))


def test_bone_thins_beside_diseased_joints_only() -> None:
    hand = pose_hand(Build(), HandPose(), {}, np.random.default_rng(0))
    grades = {("MCP2", Kind.NARROWING): 4, ("MCP2", Kind.EROSION): 5, ("MCP5", Kind.EROSION): 0}
    thinned = osteopenic(hand, Limb.HAND, grades, np.random.default_rng(0)).bones
    assert thinned["mc2"].end_density < 0.9
    assert thinned["pp2"].end_density < 0.9
    assert thinned["mc5"].end_density == 1.0


def test_worst_hand_keeps_all_its_bones_and_some_density() -> None:
    hand = pose_hand(Build(), HandPose(), {}, np.random.default_rng(0))
    grades = {(site.name, kind): site.maximum(kind) or 0 for kind in Kind for site in sites_of(Limb.HAND, kind)}
    worst = eroded(hand, Limb.HAND, grades, np.random.default_rng(0))
    assert set(worst.bones) == set(hand.bones)
    assert min(bone.end_density for bone in worst.bones.values()) >= 0.35
