"""Shapes of bone loss have the sizes asked for and pass through the bone along the beam."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.bone_ends import bone_end, chord
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Lesion, Skeleton
from opensvh.simulation.disease.lesions import RIM_SHARE, collapse, pocket, saucer, trough


@pytest.fixture(scope="module")
def hand() -> Skeleton:
    return pose_hand(Build(), HandPose(flexion=2.0), {}, np.random.default_rng(0))


def _holds(lesion: Lesion, local: np.ndarray) -> bool:
    return bool(np.sum(((local - lesion.centre) / np.array(lesion.radii)) ** 2) < 1)


def test_pocket_breaks_the_cortex_and_stays_small(hand: Skeleton) -> None:
    end = bone_end(hand, "mc2", "head")
    spot = end.spot(hand, 75.0)
    lesions = pocket(hand, end, spot, 1.5, 0.0, np.random.default_rng(0))
    local = hand.bones["mc2"].local(spot.point)
    assert _holds(lesions[0], local)
    assert lesions[0].radii[0] == pytest.approx(1.5, rel=0.1)
    assert not _holds(lesions[0], hand.bones["mc2"].local(end.anchor))


def test_small_pocket_passes_through_the_edge(hand: Skeleton) -> None:
    end = bone_end(hand, "mc2", "head")
    spot = end.spot(hand, 75.0)
    lesion = pocket(hand, end, spot, 1.5, 0.0, np.random.default_rng(0))[0]
    _, half = chord(hand, "mc2", spot.point + 0.8 * spot.inward)
    assert lesion.radii[2] > half


def test_rim_never_outweighs_its_lesion(hand: Skeleton) -> None:
    end = bone_end(hand, "mc2", "head")
    lesions = pocket(hand, end, end.spot(hand, 75.0), 1.2, 2.0, np.random.default_rng(0))
    assert all(0 < lesion.rim_mm <= RIM_SHARE * min(lesion.radii) * 1.1 for lesion in lesions)


def test_saucer_is_longer_than_deep(hand: Skeleton) -> None:
    end = bone_end(hand, "mc3", "head")
    lesions = saucer(hand, end, 70.0, 6.0, np.random.default_rng(0))
    bone = hand.bones["mc3"]
    deep = end.spot(hand, 70.0).point + 2.6 * end.spot(hand, 70.0).inward
    assert any(_holds(lesion, bone.local(end.spot(hand, 70.0).point)) for lesion in lesions)
    assert not any(_holds(lesion, bone.local(deep)) for lesion in lesions)


def test_trough_and_collapse_reach_the_middle(hand: Skeleton) -> None:
    end = bone_end(hand, "mc3", "head")
    bone, tip = hand.bones["mc3"], end.spot(hand, 0.0)
    below = bone.local(tip.point + 1.0 * tip.inward)
    crossed = trough(hand, end, np.linspace(80, -40, 6), 2.8, np.random.default_rng(0))
    lost = collapse(hand, end, 5.0, 5.0, 0.0, np.random.default_rng(0))
    assert any(_holds(lesion, below) for lesion in crossed)
    assert any(_holds(lesion, bone.local(tip.point + 3.5 * tip.inward)) for lesion in lost)
    assert not any(_holds(lesion, bone.local(tip.point + 9.0 * tip.inward)) for lesion in lost)
