"""Harmless edits change the film a little near its joints, and only there."""

from collections.abc import Mapping

import numpy as np

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.ends import Joints
from opensvh.simulation.edited_films.grain import Grain
from opensvh.simulation.edited_films.harmless import harmless
from opensvh.simulation.edited_films.places import Picture, joint_places


def test_tone_and_grain_change_a_little_near_joints(foot: tuple[Picture, Mapping[str, Point]]) -> None:
    pixels, points = foot
    joints = Joints(Side.LEFT, points, 6.0, joint_places(Limb.FOOT, Side.LEFT, points), {})
    result = harmless(pixels, joints, Grain.of(pixels), np.random.default_rng(5))
    change = np.abs(result - pixels)
    assert 0 < change.max() < 0.15
    assert change[:12].max() == 0, "far from any joint"
