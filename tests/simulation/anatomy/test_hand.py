"""The posed hand: rotation out of the plane, flexed fingers, growth, small bones."""

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.simulation.anatomy.hand import FingerPose, HandPose, draw_hand_pose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness

WRIST = Detector(100, 100, 0.8, -40.0, 30.0)


def _hand(pose: HandPose | None = None, growth: float | None = None, seed: int = 0) -> Skeleton:
    return pose_hand(Build(), pose or HandPose(), {}, np.random.default_rng(seed), growth)


def test_every_joint_has_its_point() -> None:
    assert set(POINTS[Limb.HAND]) <= set(_hand().points)


def test_a_turned_hand_is_the_flat_hand_turned_about_its_long_axis() -> None:
    flat, oblique = _hand(), _hand(HandPose(rotation=40.0))
    for name, point in flat.points.items():
        turned = oblique.points[name]
        assert turned[1] == pytest.approx(point[1])
        assert np.hypot(turned[0], turned[2]) == pytest.approx(np.hypot(point[0], point[2]))
    # The thumb's side is lifted off the film, so away from the detector.
    assert oblique.points["MCP1"][2] < flat.points["MCP1"][2] - 10


def test_oblique_view_brings_the_metacarpals_together() -> None:
    width = [
        np.ptp([hand.points[f"MCP{d}"][0] for d in (2, 3, 4, 5)]) for hand in (_hand(), _hand(HandPose(rotation=45.0)))
    ]
    assert width[1] < 0.85 * width[0]


def test_flexed_finger_is_foreshortened_and_its_joints_stay_on_it() -> None:
    straight, flexed = _hand(), _hand(HandPose(fingers={3: FingerPose(flexion=50.0)}))
    reach = [hand.points["PIP3"][1] - hand.points["MCP3"][1] for hand in (straight, flexed)]
    assert reach[1] < 0.98 * reach[0]
    head, base = flexed.bones["pp3"].along(1.0), flexed.bones["mp3"].along(0.0)
    assert np.linalg.norm(flexed.points["PIP3"] - (head + base) / 2) < 4.0


def test_drawn_poses_are_mostly_flat_and_sometimes_oblique() -> None:
    turns = np.array([abs(draw_hand_pose({}, np.random.default_rng(seed)).rotation) for seed in range(600)])
    assert 0.05 < (turns > 10).mean() < 0.16
    assert turns.max() <= 45
    assert np.median(turns) < 3


@pytest.mark.parametrize(
    ("age", "present"),
    [
        (1.5, {"capitate", "hamate"}),
        (4.0, {"capitate", "hamate", "triquetrum", "lunate"}),
        (7.0, {"capitate", "hamate", "triquetrum", "lunate", "scaphoid", "trapezium", "trapezoid"}),
    ],
)
def test_carpals_appear_in_the_known_order(age: float, present: set[str]) -> None:
    carpals = {"capitate", "hamate", "triquetrum", "lunate", "scaphoid", "trapezium", "trapezoid", "pisiform"}
    assert carpals & set(_hand(growth=age).bones) == present


def test_growth_plates_are_open_in_a_child_and_closed_in_an_adult() -> None:
    child, adult = _hand(growth=10.0), _hand(growth=19.0)
    plated = ("mc1", "mc2", "mc5", "pp1", "pp3", "mp4", "dp5", "radius", "ulna")
    assert all(child.bones[name].growth_plate is not None for name in plated)
    assert all(bone.growth_plate is None for bone in adult.bones.values())
    # At the base of phalanges and of the thumb's metacarpal, at the head of the others.
    plates = {name: child.bones[name].growth_plate for name in ("pp3", "mc1", "mc3")}
    ends = {name: plate.y_mm / child.bones[name].shape.length_mm for name, plate in plates.items() if plate}
    assert max(ends["pp3"], ends["mc1"]) < 0.2
    assert ends["mc3"] > 0.8


def test_every_point_stays_defined_while_a_hand_grows() -> None:
    for age in (1.0, 3.0, 6.0, 11.0, 16.0):
        points = _hand(growth=age).points
        assert set(POINTS[Limb.HAND]) <= set(points)
        assert np.isfinite(list(points.values())).all()


@pytest.mark.slow
def test_a_young_wrist_throws_less_shadow_than_a_grown_one() -> None:
    shadow = [bone_thickness(_hand(growth=age), WRIST, BoneTissue()).sum() for age in (2.0, 8.0, None)]
    assert shadow[0] < shadow[1] < shadow[2]


@pytest.mark.slow
def test_thumb_always_has_two_sesamoids_and_accessory_bones_are_rare() -> None:
    hands = [set(_hand(seed=seed).bones) for seed in range(60)]
    assert all({"sesamoid-1", "sesamoid+1"} <= bones for bones in hands)
    assert 0.4 < np.mean(["sesamoid of 5" in bones for bones in hands]) < 0.85
    assert np.mean(["os styloideum" in bones for bones in hands]) < 0.15
