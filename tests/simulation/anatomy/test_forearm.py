"""The ends of radius and ulna: as broad as on real films, with a styloid."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM
from opensvh.simulation.anatomy.forearm import LENGTH_MM, STYLOIDS_MM, radius_shape, ulna_shape


def _width_mm(shape: BoneShape, below_mm: float) -> float:
    """Width of the bone's shadow so far below its end."""
    sheet = shape.distance[:, round((LENGTH_MM - below_mm - shape.origin[1]) / VOXEL_MM)]
    return float((sheet < 0).any(axis=1).sum()) * VOXEL_MM


def test_radius_stays_broad_for_the_last_fifteen_millimetres() -> None:
    joint, above, shaft = (_width_mm(radius_shape(), below) for below in (6.0, 17.0, 32.0))
    assert 26 < joint < 31
    assert above > 0.82 * joint
    assert 0.55 < shaft / joint < 0.72


@pytest.mark.parametrize("styloid_mm", STYLOIDS_MM)
def test_ulna_ends_in_a_styloid_on_its_ulnar_side(styloid_mm: float) -> None:
    shape = ulna_shape(styloid_mm)
    inside = np.argwhere(shape.distance < 0) * VOXEL_MM + np.array(shape.origin)
    tip = inside[inside[:, 1].argmax()]
    assert tip[1] == pytest.approx(LENGTH_MM + styloid_mm, abs=0.8)
    assert tip[0] < -3
