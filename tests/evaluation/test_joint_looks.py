import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from opensvh.evaluation.joint_frames import HAND_VIEWS, STEP_MM
from opensvh.evaluation.joint_looks import MEASURES, joint_look

VIEW = HAND_VIEWS["MCP3"]
SIDE = 241


def places() -> tuple[np.ndarray, np.ndarray]:
    axis = (np.arange(SIDE) - SIDE // 2) * STEP_MM
    across, up = np.meshgrid(axis, -axis)
    return up, across


def joint(
    gap_mm: float = 1.4, line: float = 1.0, line_mm: float = 1.0, head: float = 0.0, blur_mm: float = 0.2
) -> np.ndarray:
    """Bone of grey 1 on soft tissue of 0, with a line of `line` more on the base, `line_mm` thick, and a head
    brighter by `head`."""
    up, across = places()
    depth = np.abs(up) - gap_mm / 2
    base = np.where(depth > 0, 1.0, 0.0) + np.where((up > 0) & (depth > 0) & (depth < line_mm), line, 0.0)
    bones = np.where(up > 0, base, np.where(depth > 0, 1.0 + head, 0.0))
    return gaussian_filter(np.where(np.abs(across) < 7.0, bones, 0.0), blur_mm / STEP_MM)


def test_every_figure_is_given() -> None:
    look = joint_look(joint(), VIEW)
    assert look is not None
    assert set(look) == set(MEASURES)


def test_space_and_lines_are_measured_as_drawn() -> None:
    look = joint_look(joint(gap_mm=1.4, line=0.8, line_mm=1.5), VIEW)
    assert look is not None
    assert look["gap"] == pytest.approx(1.4, abs=0.12)
    assert look["gap_unevenness"] < 0.05
    assert look["floor"] == pytest.approx(0.0, abs=0.05)
    assert look["distal_line"] == pytest.approx(0.8, abs=0.1)
    assert look["distal_thickness"] == pytest.approx(1.5, abs=0.25)
    assert look["proximal_line"] == pytest.approx(0.0, abs=0.05)


def test_figures_do_not_depend_on_brightness_and_contrast_of_the_film() -> None:
    plain, shifted = joint_look(joint(), VIEW), joint_look(0.3 + 0.2 * joint(), VIEW)
    assert plain is not None
    assert shifted is not None
    for name in MEASURES:
        assert shifted[name] == pytest.approx(plain[name], abs=1e-6, nan_ok=True)


def test_blur_shows_as_a_flatter_margin() -> None:
    sharp, soft = joint_look(joint(blur_mm=0.15), VIEW), joint_look(joint(blur_mm=0.5), VIEW)
    assert sharp is not None
    assert soft is not None
    assert sharp["proximal_slope"] > 1.5 * soft["proximal_slope"]


def test_texture_is_that_of_the_bone_it_is_in() -> None:
    up, _ = places()
    noise = gaussian_filter(np.random.default_rng(0).standard_normal((SIDE, SIDE)), 3.0)
    look = joint_look(joint() + np.where(up > 2.0, noise / noise.std() * 0.2, 0.0), VIEW)
    assert look is not None
    assert look["distal_texture"] > 5 * look["proximal_texture"]


def test_struts_along_the_axis_have_grain_above_one() -> None:
    up, _ = places()
    struts = gaussian_filter(np.random.default_rng(0).standard_normal((SIDE, SIDE)), (12.0, 3.0))
    look = joint_look(joint() + np.where(np.abs(up) > 2.0, struts / struts.std() * 0.2, 0.0), VIEW)
    assert look is not None
    assert look["distal_grain"] > 1.5


def test_denser_head_shows_in_the_balance() -> None:
    look = joint_look(joint(head=0.5), VIEW)
    assert look is not None
    assert look["balance"] > 0.3
