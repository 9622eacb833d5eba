"""First phalanges of lesser toes: two tubercles on the sole side of the base, and a groove between them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.toes import SOLE_SIDES, TUBES, lesser_first_phalanx

FORMS = range(len(SOLE_SIDES))


def reach_to_sole(shape: BoneShape, y: float, across: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the bone reaches to the sole at each place across, in mm, at `y` from the base."""
    z = np.arange(0.0, 9.0, 0.1)
    return np.array([z[shape.distance_at(np.column_stack([0 * z + x, 0 * z + y, z])) < 0].max() for x in across])


@pytest.mark.parametrize("form", FORMS)
def test_a_base_seen_from_its_end_has_two_lobes_on_the_sole_side(form: int) -> None:
    half = TUBES["pp3"].width[0] / 2
    left, middle, right = reach_to_sole(lesser_first_phalanx(3, form), 1.5, np.array([-0.5, 0.0, 0.5]) * half)
    assert min(left, right) > middle + 0.4


@pytest.mark.parametrize("form", FORMS)
def test_the_corners_of_a_base_are_rounded(form: int) -> None:
    shape = lesser_first_phalanx(3, form)
    across = np.arange(0.0, 8.0, 0.1)
    widths = [
        0.1 * np.count_nonzero(shape.distance_at(np.column_stack([across, 0 * across + y, 0 * across])) < 0)
        for y in (-0.5, 1.8)
    ]
    assert widths[0] < widths[1]


def test_a_base_of_any_form_is_closed_in_its_volume() -> None:
    for digit in (2, 3, 4, 5):
        for form in FORMS:
            distance = lesser_first_phalanx(digit, form).distance
            faces = (distance[0], distance[-1], distance[:, 0], distance[:, -1], distance[:, :, 0], distance[:, :, -1])
            assert all(face.min() > 0 for face in faces)
