import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from opensvh.evaluation.joint_gap import trace_margin, trace_space, width_across

STEP_MM = 0.1
SIDE = 181


def places() -> tuple[np.ndarray, np.ndarray]:
    """Height above the middle and place across it of each pixel, in mm."""
    axis = (np.arange(SIDE) - SIDE // 2) * STEP_MM
    across, up = np.meshgrid(axis, -axis)
    return up, across


def bones(gap_mm: float, blur_mm: float = 0.15, slope: float = 0.0) -> np.ndarray:
    """Two bones of grey 1 with lines of grey 2, 0.8 mm thick, either side of a space that rises by `slope`."""
    up, across = places()
    depth = (np.abs(up - slope * across) - gap_mm * np.hypot(1, slope) / 2) / np.hypot(1, slope)
    grey = 2 * covered(depth) - covered(depth - 0.8)
    return gaussian_filter(grey, blur_mm / STEP_MM)


def covered(depth: np.ndarray) -> np.ndarray:
    """Share of a pixel that lies deeper than an edge."""
    return np.clip(depth / STEP_MM + 0.5, 0, 1)


@pytest.mark.parametrize("gap_mm", [0.8, 1.3, 1.7, 2.4])
def test_width_of_a_straight_space(gap_mm: float) -> None:
    trace = trace_space(bones(gap_mm), STEP_MM, half_mm=4.0, reach_mm=2.0)
    assert trace.visible.all()
    assert np.median(trace.gap_mm) == pytest.approx(gap_mm, abs=0.04)


def test_width_is_taken_at_right_angles_to_an_oblique_space() -> None:
    trace = trace_space(bones(1.5, slope=0.5), STEP_MM, half_mm=3.0, reach_mm=2.5)
    assert np.nanmedian(trace.gap_mm) == pytest.approx(1.5, abs=0.08)
    assert np.nanmedian(trace.distal - trace.proximal) > 1.6


def test_wedge_is_wider_on_its_open_side() -> None:
    up, across = places()
    half = 0.8 + 0.1 * across
    grey = gaussian_filter(np.where(np.abs(up) < half, 0.0, 1.0), 1.5)
    trace = trace_space(grey, STEP_MM, half_mm=4.0, reach_mm=2.0)
    thumb, other = trace.gap_mm[trace.across_mm > 2].mean(), trace.gap_mm[trace.across_mm < -2].mean()
    assert thumb - other == pytest.approx(6.0 * 0.2, abs=0.15)


def test_even_bone_has_no_space() -> None:
    trace = trace_space(np.ones((SIDE, SIDE)), STEP_MM, half_mm=4.0, reach_mm=2.0)
    assert not trace.visible.any()


@pytest.mark.parametrize("distal", [True, False])
def test_margin_of_a_bone_alone_lies_at_its_edge(distal: bool) -> None:
    up, _ = places()
    depth = (up if distal else -up) - 0.6
    bone = gaussian_filter(np.where(depth > 0.8, 3.0, np.where(depth > 0, 8.0, 0.0)), 1.5)
    margin = trace_margin(bone, STEP_MM, half_mm=3.0, reach_mm=2.5, distal=distal, hollow=distal)
    assert np.median(margin) == pytest.approx(0.6 if distal else -0.6, abs=0.07)


def test_lip_beyond_the_line_is_not_the_margin() -> None:
    up, _ = places()
    lip = np.where(up > -0.6, 2.0, 0.0)
    bone = gaussian_filter(np.where(up > 1.4, 3.0, np.where(up > 0.6, 9.0, lip)), 1.2)
    margin = trace_margin(bone, STEP_MM, half_mm=3.0, reach_mm=2.5, distal=True, hollow=True)
    assert np.median(margin) == pytest.approx(0.6, abs=0.07)


def test_inner_outline_of_a_bulging_bone_is_not_its_margin() -> None:
    up, across = places()
    hook = np.where((up > 2.0) & (np.abs(across) < 2.0), 9.0, 0.0)
    bone = gaussian_filter(np.where(up > 0.6, 4.0, 0.0) + hook, 1.5)
    margin = trace_margin(bone, STEP_MM, half_mm=3.0, reach_mm=2.5, distal=True, hollow=False)
    assert np.median(margin) == pytest.approx(0.6, abs=0.07)


def test_closed_joint_has_no_width_between_margins_drawn_alone() -> None:
    up, _ = places()
    head, base = (gaussian_filter(np.where(side > 0.8, 3.0, np.where(side > 0, 8.0, 0.0)), 1.5) for side in (-up, up))
    proximal = trace_margin(head, STEP_MM, 3.0, 2.5, distal=False, hollow=False)
    distal = trace_margin(base, STEP_MM, 3.0, 2.5, distal=True, hollow=True)
    across = (np.arange(len(proximal)) - len(proximal) // 2) * STEP_MM
    assert np.median(width_across(across, proximal, distal)) == pytest.approx(0.0, abs=0.15)


def test_no_bone_has_no_margin() -> None:
    assert np.isnan(trace_margin(np.zeros((SIDE, SIDE)), STEP_MM, 3.0, 2.5, distal=True, hollow=True)).all()
