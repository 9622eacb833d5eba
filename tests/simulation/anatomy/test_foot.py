from dataclasses import replace

import numpy as np
import pytest

from opensvh.simulation.anatomy.foot import (
    STEEP_DEG,
    VIEW_SHARES,
    FootPose,
    draw_foot_pose,
    metatarsal_shapes,
    pose_foot,
)
from opensvh.simulation.anatomy.joints import Build, JointSpace
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.rays.foot_outline import foot_cones
from opensvh.simulation.rays.tissue import Cone, Strand

SITES = ("IP1", "MTP1", "MTP2", "MTP3", "MTP4", "MTP5")

REAL_MEANS = {
    "dorsiplantar": {"MTP2": (-0.331, 0.140), "MTP3": (-0.542, 0.148), "MTP4": (-0.749, 0.107), "IP1": (0.122, 0.41)},
    "oblique": {"MTP2": (-0.239, 0.168), "MTP3": (-0.459, 0.182), "MTP4": (-0.723, 0.123), "IP1": (0.156, 0.561)},
}
"""Means of the 18 dorsiplantar or ankle-centred and the 6 oblique marked feet; MTP1 at (0, 0), MTP5 at (-1, 0)."""


def posed(pose: FootPose, seed: int = 0, **spaces: JointSpace) -> Skeleton:
    return pose_foot(Build(), pose, spaces, np.random.default_rng(seed))


def normalised(foot: Skeleton) -> dict[str, complex]:
    places = {name: complex(*foot.points[name][:2]) for name in SITES}
    first, fifth = places["MTP1"], places["MTP5"]
    return {name: -(place - first) / (fifth - first) for name, place in places.items()}


def drawn(view: str, count: int = 60) -> list[Skeleton]:
    feet = []
    for seed in range(1000):
        rng = np.random.default_rng([3, seed])
        pose = draw_foot_pose(rng)
        if (pose.view == "oblique") == (view == "oblique"):
            feet.append(pose_foot(Build(), pose, {}, rng))
        if len(feet) == count:
            break
    return feet


@pytest.mark.slow
@pytest.mark.parametrize("view", REAL_MEANS)
def test_joints_lie_where_the_marked_films_have_them(view: str) -> None:
    feet = [normalised(foot) for foot in drawn(view)]
    allowed = 0.04 if view == "dorsiplantar" else 0.075
    for site, real in REAL_MEANS[view].items():
        assert abs(np.mean([foot[site] for foot in feet]) - complex(*real)) < allowed, site


@pytest.mark.slow
def test_every_foot_has_its_six_joints() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        foot = pose_foot(Build(), draw_foot_pose(rng), {}, rng)
        assert tuple(foot.points) == SITES
        assert all(np.isfinite(point).all() for point in foot.points.values())


def test_views_come_in_their_shares() -> None:
    rng = np.random.default_rng(1)
    views = [draw_foot_pose(rng).view for _ in range(600)]
    for view, share in VIEW_SHARES.items():
        assert views.count(view) / 600 == pytest.approx(share, abs=0.06)


def test_a_joint_space_has_the_gap_asked_for() -> None:
    wide, thin = posed(FootPose()), posed(FootPose(), MTP3=JointSpace(share=0.25))
    assert thin.gaps_mm["MTP3"] == pytest.approx(0.25 * wide.gaps_mm["MTP3"])
    apart = [
        float(foot.bones["mt3"].distance_at(foot.points["MTP3"])[0]) / foot.gaps_mm["MTP3"] for foot in (wide, thin)
    ]
    assert apart == pytest.approx([0.5, 0.5], abs=0.3)


def test_hallux_valgus_is_the_angle_between_metatarsal_and_phalanx_and_leaves_the_sesamoids_behind() -> None:
    straight, valgus = (posed(FootPose(hallux_valgus=angle)) for angle in (10.0, 40.0))
    for foot, angle in ((straight, 10.0), (valgus, 40.0)):
        first, phalanx = foot.bones["mt1"].axis, foot.bones["pp1"].axis
        seen = np.degrees(np.arctan2(first[0], first[1]) - np.arctan2(phalanx[0], phalanx[1]))
        assert seen == pytest.approx(angle, abs=1.0)
    asides = [foot.bones["mt1"].local(foot.bones["sesamoid-1"].centre)[0] for foot in (straight, valgus)]
    assert asides[1] < asides[0] - 4.0


def test_metatarsus_primus_is_varus_where_the_hallux_is_valgus() -> None:
    heads = [posed(FootPose(hallux_valgus=angle)).bones["mt1"].along(1.0)[0] for angle in (10.0, 40.0)]
    assert heads[1] > heads[0] + 5.0


def test_a_covered_head_is_marked_on_its_rim() -> None:
    foot = posed(FootPose(view="ankle", tilt=-30.0, dorsiflexion=40.0, plantarflexion=60.0))
    head, point = foot.bones["mt3"], foot.points["MTP3"]
    forward = head.axis[:2] / np.hypot(*head.axis[:2])
    beyond = float((point - head.along(1.0))[:2] @ forward)
    assert -1.0 < beyond < 4.0
    sideways = (point - head.along(1.0))[:2] @ np.array([-forward[1], forward[0]])
    assert sideways == pytest.approx(0.0, abs=1e-6)


def test_the_leg_lies_on_the_film_in_an_ankle_view_and_stands_off_it_in_a_dorsiplantar_one() -> None:
    rng = np.random.default_rng(5)
    rises: dict[str, list[float]] = {}
    for _ in range(60):
        pose = draw_foot_pose(rng)
        rises.setdefault(pose.view, []).append(abs(float(posed(pose).bones["tibia"].axis[2])))
    assert np.mean(rises["ankle"]) < 0.2 < 0.5 < np.mean(rises["dorsiplantar"])


def test_a_medial_oblique_view_shows_the_heel_on_the_lateral_side() -> None:
    straight, oblique = (posed(FootPose(inversion=angle)) for angle in (0.0, -45.0))
    heel = [
        (foot.bones["calcaneus"].world((0.0, -30.0, 10.0)) - foot.bones["talus"].centre)[0]
        for foot in (straight, oblique)
    ]
    assert heel[1] < heel[0] - 15.0


def test_lesser_heads_are_wider_than_their_necks_and_near_ten_millimetres() -> None:
    for name in ("mt2", "mt3", "mt4"):
        shape = metatarsal_shapes()[name]
        across = np.column_stack([np.arange(-12, 12, 0.1), np.zeros(240), np.zeros(240)])
        widths = [
            0.1 * np.count_nonzero(shape.distance_at(across + np.array([0.0, shape.length_mm - back, 0.0])) < 0)
            for back in (5.0, 20.0)
        ]
        assert 9.0 < widths[0] < 11.5
        assert widths[1] < 0.78 * widths[0]


def test_a_child_has_open_growth_plates_and_a_grown_foot_none() -> None:
    pose = FootPose()
    child = pose_foot(Build(0.85), pose, {}, np.random.default_rng(2), growth=11.0)
    grown = pose_foot(Build(), pose, {}, np.random.default_rng(2))
    plated = {name for name, bone in child.bones.items() if bone.growth_plate}
    assert {"mt1", "mt2", "mt5", "pp1", "pp3", "dp1", "calcaneus", "tibia", "fibula"} <= plated
    assert not any(bone.growth_plate for bone in grown.bones.values())
    first, second = (child.bones[name].growth_plate for name in ("mt1", "mt2"))
    assert first is not None
    assert second is not None
    assert first.y_mm < 15.0 < 55.0 < second.y_mm


def test_plates_close_with_age() -> None:
    counts = [
        sum(
            bone.growth_plate is not None
            for bone in pose_foot(Build(), FootPose(), {}, np.random.default_rng(4), growth=age).bones.values()
        )
        for age in (10.0, 15.0, 19.0)
    ]
    assert counts[0] > counts[1] > counts[2] == 0


def test_tarsals_of_a_young_child_do_not_fill_their_place() -> None:
    scales = [
        pose_foot(Build(), FootPose(), {}, np.random.default_rng(0), growth=age).bones["navicular"].scale.mean()
        for age in (4.0, 8.0, 12.0)
    ]
    assert scales[0] < 0.9 * scales[1] < 0.95 * scales[2]


def test_soft_tissue_follows_the_size_of_the_foot() -> None:
    small, large = (foot_cones(pose_foot(Build(size), FootPose(), {}, np.random.default_rng(0))) for size in (0.6, 1.2))
    widths = [sum(part.width[0] for part in parts if isinstance(part, Cone)) for parts in (small, large)]
    assert widths[0] < 0.6 * widths[1]


def test_every_toe_has_a_nail() -> None:
    nails = [part for part in foot_cones(posed(FootPose())) if isinstance(part, Strand)]
    assert len(nails) == 5


def test_a_pose_repeats_with_its_seed() -> None:
    one, other = (posed(replace(FootPose(), hallux_valgus=20.0), seed=8) for _ in range(2))
    assert all(np.array_equal(one.points[name], other.points[name]) for name in SITES)


def test_people_have_heads_and_bases_of_their_own_whatever_their_pose() -> None:
    shapes = [[posed(pose, seed).bones for pose in (FootPose(), FootPose(tilt=-20.0))] for seed in range(6)]
    for name in ("mt3", "pp3"):
        assert all(flat[name].shape is raised[name].shape for flat, raised in shapes)
        assert len({id(flat[name].shape) for flat, _ in shapes}) > 1


def test_no_toe_of_an_ankle_view_is_drawn_so_steep_that_its_shaft_is_a_ring() -> None:
    rng = np.random.default_rng(2)
    poses = [pose for pose in (draw_foot_pose(rng) for _ in range(300)) if pose.view == "ankle"]
    rises = np.array([pose.dorsiflexion - pose.tilt for pose in poses])
    assert rises.max() <= STEEP_DEG[1] + 1e-9
    assert 0.3 < np.mean(rises > STEEP_DEG[0]) < 0.75
