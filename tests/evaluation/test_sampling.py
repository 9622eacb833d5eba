"""Squares and profiles of films whose levels are known."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point
from opensvh.evaluation.sampling import patch, profile, unit_px

SLOPE = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (101, 1))


def test_profile_follows_its_direction_and_length() -> None:
    across = profile(SLOPE, Point(50, 50), (2.0, 0.0), reach_px=20, width_px=4, samples=5)
    assert across == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7], abs=1e-3)
    assert profile(SLOPE, Point(50, 50), (0.0, 1.0), 20, 4, 5) == pytest.approx(0.5, abs=1e-3)


def test_patch_is_centred_at_any_scale() -> None:
    for size in (10, 40, 80):
        square = patch(SLOPE, Point(50, 50), side_px=40, size=size)
        assert square.shape == (size, size)
        assert square.mean() == pytest.approx(0.5, abs=0.01)
        assert square[0, -1] - square[0, 0] == pytest.approx(0.4 * (1 - 1 / size), abs=0.02)


def test_beyond_the_film_its_edge_goes_on() -> None:
    assert patch(SLOPE, Point(100, 50), 40, 20)[:, -5:] == pytest.approx(1, abs=0.01)


def test_unit_of_a_foot_is_not_shortened_by_an_oblique_view() -> None:
    straight = {"MTP1": Point(0, 100), "MTP5": Point(92, 120), "IP1": Point(0, 60)}
    oblique = {**straight, "MTP5": Point(40, 120)}
    ratio = unit_px(Limb.FOOT, oblique) / unit_px(Limb.FOOT, straight)  # type: ignore[operator]
    assert ratio == pytest.approx(1, abs=0.05)


def test_no_unit_without_its_points() -> None:
    assert unit_px(Limb.HAND, {"MCP3": Point(0, 0)}) is None
    assert unit_px(Limb.HAND, {"MCP3": Point(0, 0), "CMC3": Point(30, 40)}) == 50
