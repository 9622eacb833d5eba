"""Soft tissue: thickness under each pixel, edge, strands."""

import numpy as np

from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.rays.hand_outline import hand_cones
from opensvh.simulation.rays.projection import Detector
from opensvh.simulation.rays.tissue import Cone, Strand, soft_thickness

FINGER = Detector(200, 200, 0.2, -20.0, 20.0)
TUBE = Cone(np.array([0.0, -60.0, 0.0]), np.array([0.0, 60.0, 0.0]), (9.0, 9.0), (8.0, 8.0))


def _soft(*parts: Cone | Strand, stoutness: float = 1.0) -> np.ndarray:
    return soft_thickness(parts, stoutness, FINGER, np.random.default_rng(0))


def test_a_straight_finger_is_as_wide_and_deep_as_its_cone() -> None:
    row = _soft(TUBE)[100]
    assert abs((row > 0).sum() * FINGER.pixel_mm - 18.0) < 1.0
    assert 14.0 < row[100] < 18.0
    assert row[0] == row[-1] == 0


def test_a_stouter_hand_is_thicker_and_wider() -> None:
    slim, stout = _soft(TUBE, stoutness=0.8), _soft(TUBE, stoutness=1.3)
    assert stout.sum() > 1.8 * slim.sum()


def test_fold_adds_and_crease_takes_away_where_it_lies() -> None:
    line = np.array([-5.0, 0.0, 0.0]), np.array([5.0, 0.0, 0.0])
    plain = _soft(TUBE)
    for add in (0.8, -0.8):
        difference = _soft(TUBE, Strand(*line, 1.2, add)) - plain
        assert abs(difference[100, 100] - add) < 0.3
        assert difference[140, 100] == 0


def test_a_strand_adds_nothing_outside_the_limb() -> None:
    outside = Strand(np.array([14.0, -5.0, 0.0]), np.array([14.0, 5.0, 0.0]), 2.0, 3.0)
    assert np.array_equal(_soft(TUBE, outside) > 0, _soft(TUBE) > 0)


def test_a_small_hand_has_thinner_soft_tissue() -> None:
    thickest = []
    for size in (0.6, 1.0):
        hand = pose_hand(Build(size=size), HandPose(), {}, np.random.default_rng(0))
        x, y = hand.bones["pp3"].along(0.5)[:2]
        detector = Detector(60, 20, 0.3, float(x) - 9, float(y) + 3)
        thickest.append(soft_thickness(hand_cones(hand), 1.0, detector, np.random.default_rng(0)).max())
    assert thickest[0] < 0.75 * thickest[1]
