"""Where two bones face each other: spheres and blocks whose meeting place is known."""

from dataclasses import replace

import numpy as np
import pytest

from opensvh.simulation.anatomy.facets import cut_about_outline, seen_end_on
from opensvh.simulation.anatomy.skeleton import Contact, PosedBone, Skeleton, turn
from opensvh.simulation.anatomy.solids import Solid, SolidBone, solid_bone

RADIUS_MM, GAP_MM = 6.0, 1.0


def _joint(aside_mm: float = 0.0, half_mm: float = 5.0) -> Skeleton:
    """A ball at the origin under a block that it hollows out; the block, `half_mm` wide to either side of its middle,
    lies `aside_mm` to the thumb's side."""
    ball = solid_bone(SolidBone((Solid((0, 0, 0), (RADIUS_MM,) * 3, power=2.0),), 12.0, 12.0))
    block = solid_bone(SolidBone((Solid((0, 0, 0), (half_mm, 5.0, 7.0), power=6.0),), 10.0, 10.0))
    bones = {
        "ball": PosedBone(ball, np.eye(3), np.zeros(3)),
        "block": PosedBone(block, np.eye(3), np.array([aside_mm, 9.0, 0.0])),
    }
    contact = Contact("block", "ball", GAP_MM, flatten=1.0)
    return Skeleton(bones, (contact,), {"JOINT": np.array([0.0, 6.5, 0.0])}, {"JOINT": GAP_MM})


def test_space_is_found_in_the_middle_between_ball_and_block() -> None:
    joint = _joint()
    seen = seen_end_on(joint, ("ball", "block"), joint.points["JOINT"], GAP_MM)
    assert np.abs(seen.middle[[0, 2]]).max() < 0.4
    assert 5.0 < seen.middle[1] < RADIUS_MM + GAP_MM
    assert seen.across == pytest.approx([0.0, 1.0, 0.0], abs=0.06)


def test_direction_goes_from_the_first_bone_to_the_second() -> None:
    joint = _joint()
    seen = seen_end_on(joint, ("block", "ball"), joint.points["JOINT"], GAP_MM)
    assert seen.across[1] < -0.99


def test_block_that_lies_aside_is_faced_aside() -> None:
    joint = _joint(aside_mm=3.0)
    seen = seen_end_on(joint, ("ball", "block"), joint.points["JOINT"], GAP_MM)
    assert seen.middle[0] > 1.0
    assert seen.across[0] > 0.2


@pytest.mark.parametrize(("half_mm", "reaches"), [(2.0, (1.4, 2.9)), (4.0, (3.0, 4.9))])
def test_space_reaches_as_far_as_the_block_does(half_mm: float, reaches: tuple[float, float]) -> None:
    joint = _joint(half_mm=half_mm)
    seen = seen_end_on(joint, ("ball", "block"), joint.points["JOINT"], GAP_MM)
    assert reaches[0] < seen.half_mm < reaches[1]


def test_turned_limb_is_faced_in_the_turned_direction() -> None:
    joint = _joint().turned(turn(z=30.0))
    seen = seen_end_on(joint, ("ball", "block"), joint.points["JOINT"], GAP_MM)
    assert np.degrees(np.arctan2(seen.across[1], seen.across[0])) == pytest.approx(120.0, abs=7.0)


def test_block_is_cut_about_the_depth_of_the_balls_outline() -> None:
    joint = _joint()
    bones = dict(joint.bones) | {"ball": replace(joint.bones["ball"], position=np.array([0.0, 0.0, 2.5]))}
    assert cut_about_outline(joint.contacts[0], bones).depth_mm == pytest.approx(2.5, abs=0.3)
