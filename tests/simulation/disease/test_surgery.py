"""Operations show on the film and take the score away; most limbs have had none."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, site_named
from opensvh.domain.reading import Status
from opensvh.simulation.anatomy.foot import FootPose, pose_foot
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.disease.surgery import KINDS, Operation, draw_operations, operated, unscored_sites
from opensvh.simulation.rays.foot_outline import foot_cones
from opensvh.simulation.rays.hand_outline import hand_cones
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness


def _limb(limb: Limb) -> Skeleton:
    rng = np.random.default_rng(1)
    return (
        pose_hand(Build(), HandPose(flexion=2.0), {}, rng)
        if limb is Limb.HAND
        else pose_foot(Build(), FootPose(), {}, rng)
    )


def _after(kind: str, site: str) -> tuple[Skeleton, Skeleton]:
    before = _limb(KINDS[kind].limb)
    return before, operated(before, KINDS[kind].limb, [Operation(kind, site)], np.random.default_rng(0))


def test_operations_are_rare_and_come_with_severity() -> None:
    def share(severity: float) -> float:
        drawn = [draw_operations(Limb.HAND, severity, np.random.default_rng(seed)) for seed in range(600)]
        return float(np.mean([len(operations) > 0 for operations in drawn]))

    assert share(-1.0) < share(0.5) < share(2.5)
    assert share(0.0) < 0.05
    assert share(2.5) < 0.5


def test_no_joint_is_operated_twice() -> None:
    for seed in range(300):
        sites = [o.site for o in draw_operations(Limb.FOOT, 3.0, np.random.default_rng(seed))]
        assert len(sites) == len(set(sites))


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_operation_changes_its_limb_and_spoils_known_sites(kind: str) -> None:
    site = KINDS[kind].joints[0]
    before, after = _after(kind, site)
    assert set(before.bones) <= set(after.bones)
    assert set(before.points) == set(after.points)
    spoilt = unscored_sites([Operation(kind, site)])
    assert site in spoilt
    assert all(site_named(KINDS[kind].limb, name) for name in spoilt)
    cones = hand_cones if KINDS[kind].limb is Limb.HAND else foot_cones
    assert cones(after)


def test_lost_toe_takes_its_sites_with_it() -> None:
    assert unscored_sites([Operation("toe amputation", "MTP1")]) == {"MTP1": Status.AMPUTATED, "IP1": Status.AMPUTATED}
    before, after = _after("toe amputation", "MTP3")
    place = before.bones["pp3"].along(0.5)
    detector = Detector(20, 20, 0.3, float(place[0]) - 3, float(place[1]) + 3)
    tissue = BoneTissue(texture=0.0)
    assert bone_thickness(before, detector, tissue).mean() > 1.0
    assert bone_thickness(after, detector, tissue).mean() < 0.05


def test_metal_is_far_denser_than_bone() -> None:
    before, after = _after("metal joint", "MCP2")
    place = before.points["MCP2"]
    detector = Detector(60, 60, 0.3, float(place[0]) - 9, float(place[1]) + 9)
    tissue = BoneTissue(texture=0.0)
    assert bone_thickness(after, detector, tissue).max() > 4 * bone_thickness(before, detector, tissue).max()


def test_fused_thumb_has_no_space_and_a_bridge() -> None:
    before, after = _after("screw fusion", "IP1")
    gap = next(c.gap_mm for c in after.contacts if c.bone == "dp1" and c.neighbour == "pp1")
    assert gap < 0
    assert after.bones["pp1"].bridges
    assert after.bones["dp1"].bridges
    assert np.linalg.norm(after.bones["dp1"].position - before.bones["dp1"].position) > 0.8
