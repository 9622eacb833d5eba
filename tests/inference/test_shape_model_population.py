"""A population made from a known shape model gives that model back."""

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.inference.shape_model import ShapeModel
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.inference.shape_model_population import LimbShape, shape_model_of

COUNT = 200


def population(known: ShapeModel) -> list[LimbShape]:
    """Limbs of all sizes and places, turned a little; two of each patient."""
    rng = np.random.default_rng(1)
    limbs = []
    for number in range(COUNT):
        weights = rng.normal(size=len(known.modes)) * np.sqrt(known.variances)
        places = known.mean + np.tensordot(weights, known.modes, 1)
        plane = (places[:, 0] + 1j * places[:, 1]) * rng.uniform(300, 900) * np.exp(1j * rng.uniform(-0.2, 0.2))
        plane = plane + complex(*rng.uniform(0, 500, 2))
        points = {name: Point(float(at.real), float(at.imag)) for name, at in
                  zip(POINTS[known.limb], plane, strict=True)}  # fmt: skip
        limbs.append(LimbShape(f"P{number // 2}", points))
    return limbs


@pytest.mark.parametrize("limb", Limb)
def test_a_population_gives_its_model_back(limb: Limb) -> None:
    known = shipped_shape_models()[limb]
    found = shape_model_of(limb, population(known), np.random.default_rng(0))
    assert np.abs(found.mean - known.mean).max() < 0.02
    assert found.variances[:3] == pytest.approx(known.variances[:3], rel=0.35)
    assert abs(float(np.sum(found.modes[0] * known.modes[0]))) > 0.8 or found.variances[0] < 1.5 * found.variances[1]


def test_unseen_patients_lie_about_as_far_as_theory_has_it() -> None:
    """The model counts the localiser's noise in, which these points lack: nearer than one."""
    found = shape_model_of(Limb.FOOT, population(shipped_shape_models()[Limb.FOOT]), np.random.default_rng(0))
    assert np.all(np.diff(found.distances) >= 0)
    assert 0.4 < found.distances[len(found.distances) // 2] < 1
    assert found.distances[-1] < 2
