"""What is read off level curves drawn with known levels and edges."""

import numpy as np
import pytest

from opensvh.evaluation.bone_profiles import JointProfile, ShaftProfile

AT = np.linspace(-0.2, 0.2, 161)


def shaft(edge: float = 0.01) -> ShaftProfile:
    """Background 0.1, soft tissue 0.3, cortex 0.7 at 0.07 to 0.09 units, marrow 0.5; the cortex rises over `edge`."""
    r = np.abs(AT)
    rise = np.clip((0.09 + edge - r) / edge, 0, 1)
    levels = 0.3 + 0.4 * rise
    return ShaftProfile(np.where(r < 0.07, 0.5, levels), ground=0.1, reach=0.2)


def test_levels_of_a_shaft_are_read_as_drawn() -> None:
    figures = shaft().figures()
    assert figures["cortex level"] == pytest.approx(0.7)
    assert figures["soft tissue, share of cortex"] == pytest.approx(0.2 / 0.6, abs=0.01)
    assert figures["marrow below cortex, share"] == pytest.approx(0.2 / 0.6, abs=0.01)


def test_a_blurred_cortex_takes_longer_to_rise() -> None:
    sharp, blurred = (shaft(edge).figures()["rise of the cortex, % of a unit"] for edge in (0.01, 0.02))
    assert sharp == pytest.approx(1.0, rel=0.1)
    assert blurred == pytest.approx(2.0, rel=0.1)


def test_normalised_runs_from_background_to_cortex() -> None:
    curve = shaft().normalised()
    assert curve is not None
    assert curve.max() == pytest.approx(1)
    assert curve[0] == pytest.approx(0.2 / 0.6, abs=0.01)


def test_a_film_without_contrast_gives_no_curve() -> None:
    assert ShaftProfile(np.full(161, 0.1), 0.1, 0.2).normalised() is None
    assert JointProfile(np.full(161, 0.1), 0.1, 0.1).normalised() is None


def test_depth_of_a_joint_space_is_a_share_of_its_darker_flank() -> None:
    at = np.linspace(-0.1, 0.1, 161)
    levels = np.where(np.abs(at) < 0.015, 0.3, np.where(at < 0, 0.5, 0.7))
    figures = JointProfile(levels, ground=0.1, reach=0.1).figures()
    assert figures["depth of the space, share"] == pytest.approx(0.5)
    closed = JointProfile(np.full(161, 0.5), ground=0.1, reach=0.1).figures()
    assert closed["depth of the space, share"] == 0
