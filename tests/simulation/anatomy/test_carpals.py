"""Carpals: the same bone in several people's shapes, and the same shape whoever builds it."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.carpals import CARPALS, VARIANTS, carpal_shape
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM


def _volume_mm3(name: str, variant: int) -> float:
    return float((carpal_shape(name, variant).distance < 0).sum()) * VOXEL_MM**3


@pytest.mark.parametrize("name", ["capitate", "lunate"])
def test_people_have_carpals_of_different_shape(name: str) -> None:
    volumes = [_volume_mm3(name, variant) for variant in range(VARIANTS)]
    assert np.std(volumes) > 0.02 * np.mean(volumes)
    assert max(volumes) < 1.6 * min(volumes)


def test_a_variant_is_the_same_bone_in_every_process() -> None:
    first = carpal_shape("pisiform", 1).distance
    carpal_shape.cache_clear()
    assert np.array_equal(carpal_shape("pisiform", 1).distance, first)


def test_capitate_has_a_waist_between_its_base_and_its_head() -> None:
    shapes = [carpal_shape("capitate", variant) for variant in range(VARIANTS)]
    base, waist = (np.mean([_width_mm(shape.distance, shape.origin, y) for shape in shapes]) for y in (7.0, 0.0))
    assert waist < 0.92 * base
    assert 11.0 < base < 15.0


def test_every_carpal_holds_its_own_origin() -> None:
    for name in CARPALS:
        assert carpal_shape(name, 0).distance_at(np.zeros((1, 3)))[0] < -1.5, name


def _width_mm(distance: np.ndarray, origin: tuple[float, float, float], y: float) -> float:
    """Widest reach across at height `y`, through all depths."""
    sheet = distance[:, round((y - origin[1]) / VOXEL_MM)]
    return float((sheet < 0).any(axis=1).sum()) * VOXEL_MM
