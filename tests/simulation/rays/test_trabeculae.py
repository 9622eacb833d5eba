import numpy as np
import pytest

from opensvh.simulation.anatomy.carpals import carpal_shape
from opensvh.simulation.anatomy.finger_bones import shapes
from opensvh.simulation.rays.trabeculae import COARSE, LONG, ROUND, net_of, trabecular_pattern

UPRIGHT = 0.1 * np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
WAIST = np.ones(2, np.float32)


def _across_over_along(kind: int) -> float:
    """Mean grey slope across the bone's axis over that along it."""
    pattern = trabecular_pattern((300, 300), UPRIGHT, WAIST, kind, seed=3)
    return float(np.abs(np.diff(pattern, axis=1)).mean() / np.abs(np.diff(pattern, axis=0)).mean())


def test_struts_run_along_phalanges_less_along_coarse_bones_and_nowhere_in_carpals() -> None:
    along, coarse, every_way = (_across_over_along(kind) for kind in (LONG, COARSE, ROUND))
    assert along > 1.3 * coarse > 1.3 * every_way
    assert every_way == pytest.approx(1.0, abs=0.15)


def test_metacarpals_are_coarse_phalanges_are_not_carpals_are_round() -> None:
    bones = shapes()
    assert [net_of(bone) for bone in (bones["mc3"], bones["pp3"], carpal_shape("lunate", 0))] == [COARSE, LONG, ROUND]


def test_pattern_is_even_grey_on_the_whole_and_the_same_for_a_seed() -> None:
    first, again = (trabecular_pattern((400, 400), UPRIGHT, WAIST, COARSE, seed=1) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.mean() == pytest.approx(0.0, abs=0.1)
    assert first.std() == pytest.approx(1.0, abs=0.15)
