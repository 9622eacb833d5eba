import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from opensvh.evaluation.bone_looks import MEASURES, bone_look
from opensvh.evaluation.joint_frames import STEP_MM

LENGTH_MM = 40.0


def bone(waist_mm: float = 8.0, cortex_mm: float = 1.6) -> np.ndarray:
    """A bone 14 mm wide at the base, 12 at the head, with cortex 3 and marrow 1."""
    along = np.linspace(1, 0, round(LENGTH_MM / STEP_MM) + 1)[:, None]
    across = np.abs((np.arange(281) - 140) * STEP_MM)[None, :]
    ends = (14 - waist_mm) * np.exp(-((along / 0.2) ** 2)) + (12 - waist_mm) * np.exp(-(((1 - along) / 0.2) ** 2))
    inside = (waist_mm + ends) / 2 - across
    return gaussian_filter(np.where(inside > cortex_mm, 1.0, np.where(inside > 0, 3.0, 0.0)), 1.5)


def test_widths_are_percent_of_the_length() -> None:
    look = bone_look(bone(waist_mm=8.0), LENGTH_MM, 66.0)
    assert set(look) == set(MEASURES)
    assert look["waist_width"] == pytest.approx(100 * 8.2 / LENGTH_MM, abs=1.0)
    assert look["base_width"] == pytest.approx(100 * 13.6 / LENGTH_MM, abs=1.5)
    assert look["slenderness"] == pytest.approx(100 * LENGTH_MM / 66.0)


def test_cortex_is_both_walls_over_the_shaft() -> None:
    thin, thick = (bone_look(bone(cortex_mm=wall), LENGTH_MM, 66.0)["cortex"] for wall in (1.2, 2.4))
    assert thin == pytest.approx(2 * 1.2 / 8.2, abs=0.06)
    assert thick == pytest.approx(2 * 2.4 / 8.2, abs=0.06)


def test_bases_that_touch_are_not_measured() -> None:
    assert np.isnan(bone_look(bone(), LENGTH_MM, 66.0, bases_touch=True)["base_width"])


def test_even_grey_has_no_outline() -> None:
    look = bone_look(np.ones((401, 281)), LENGTH_MM, 66.0)
    assert np.isnan(look["waist_width"])
    assert np.isnan(look["cortex"])
