"""Spots lie on the bone's surface as neighbours cut it, on the side they are asked for."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.bone_ends import BEAM, End, bone_end, chord, cut_distance
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton


@pytest.fixture(scope="module")
def hand() -> Skeleton:
    return pose_hand(Build(), HandPose(flexion=2.0), {}, np.random.default_rng(0))


@pytest.mark.parametrize(("name", "end"), [("mc2", "head"), ("pp3", "base"), ("lunate", "whole"), ("radius", "head")])
@pytest.mark.parametrize("angle", [-70.0, 0.0, 70.0])
def test_spot_lies_on_the_cut_surface(hand: Skeleton, name: str, end: str, angle: float) -> None:
    spot = bone_end(hand, name, end).spot(hand, angle)  # type: ignore[arg-type]
    inside, outside = spot.point + 0.8 * spot.inward, spot.point - 0.8 * spot.inward
    distances = cut_distance(hand, name, np.stack([inside, outside]))
    assert distances[0] < 0 < distances[1]


def test_positive_angles_lie_towards_the_thumb_on_heads_and_bases(hand: Skeleton) -> None:
    head, base = bone_end(hand, "mc2", "head"), bone_end(hand, "pp2", "base")
    assert head.spot(hand, 80.0).point[0] > head.anchor[0]
    assert base.spot(hand, 80.0).point[0] > base.anchor[0]


def test_zero_degrees_point_to_the_joint_from_both_sides(hand: Skeleton) -> None:
    joint = hand.points["MCP3"]
    for name, end in (("mc3", "head"), ("pp3", "base")):
        found = bone_end(hand, name, end).spot(hand, 0.0).point  # type: ignore[arg-type]
        assert np.linalg.norm(found[:2] - joint[:2]) < 2.5


def test_width_is_the_head_s_on_the_picture(hand: Skeleton) -> None:
    bone = hand.bones["mc3"]
    assert bone_end(hand, "mc3", "head").width_mm == pytest.approx(bone.shape.width_mm * bone.scale[0], abs=1.5)


def test_chord_is_the_way_of_the_beam_through_the_bone(hand: Skeleton) -> None:
    place = hand.bones["mc3"].along(0.5)
    middle, half = chord(hand, "mc3", place)
    ends = place + np.outer([-1, 1], (half + 0.6) * BEAM) + (middle - place[2]) * BEAM
    assert np.all(cut_distance(hand, "mc3", ends) > 0)
    assert 3.0 < half < 6.0


@pytest.mark.slow
@pytest.mark.parametrize("end", ["head", "base"])
def test_every_phalanx_has_an_end_even_where_its_shaft_is_bowed(end: End) -> None:
    rng = np.random.default_rng(0)
    for _ in range(25):
        hand = pose_hand(Build(), HandPose(), {}, rng)
        for name in (f"{part}{digit}" for part in ("mc", "pp", "mp") for digit in range(2, 6)):
            assert bone_end(hand, name, end).width_mm > 2, name
