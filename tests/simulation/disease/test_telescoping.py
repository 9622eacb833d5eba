"""A digit sinks as a whole, and only beyond the joint that is lost."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.disease.telescoping import sunk


@pytest.fixture(scope="module")
def hand() -> Skeleton:
    return pose_hand(Build(), HandPose(flexion=2.0), {}, np.random.default_rng(0))


def test_everything_beyond_the_joint_moves_by_the_same(hand: Skeleton) -> None:
    after = sunk(hand, Limb.HAND, "MCP3", "mc3", 4.0)
    moved = {name for name, bone in hand.bones.items() if not np.array_equal(bone.position, after.bones[name].position)}
    assert moved == {"pp3", "mp3", "dp3"}
    assert np.linalg.norm(after.bones["dp3"].position - hand.bones["dp3"].position) == pytest.approx(4.0)
    assert np.linalg.norm(after.points["PIP3"] - hand.points["PIP3"]) == pytest.approx(4.0)
    assert np.array_equal(after.points["MCP2"], hand.points["MCP2"])


@pytest.mark.parametrize(("lost", "change"), [("mc3", -4.0), ("pp3", 0.0)])
def test_base_reaches_into_a_lost_head_but_not_into_a_whole_one(hand: Skeleton, lost: str, change: float) -> None:
    after = sunk(hand, Limb.HAND, "MCP3", lost, 4.0)
    gaps = [next(c.gap_mm for c in limb.contacts if c.bone == "pp3" and c.neighbour == "mc3") for limb in (hand, after)]
    assert gaps[1] - gaps[0] == pytest.approx(change)


def test_a_wrist_bone_has_nothing_beyond_it(hand: Skeleton) -> None:
    assert sunk(hand, Limb.HAND, "LUNATE", "lunate", 3.0) is hand
