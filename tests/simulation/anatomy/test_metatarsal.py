"""Heads of metatarsals: tubercles behind a notch, unequal, and in several forms."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.metatarsal import METATARSALS, head_forms, metatarsal

LESSER = tuple(name for name in METATARSALS if name != "mt1")
STEP_MM = 0.2


def half_widths(shape: BoneShape, side: int) -> NDArray[np.float64]:
    """Half width on the picture by mm behind the end of the head, [30], of the bone's outline towards `side`."""
    return np.array([side * _furthest(shape, side, behind) for behind in np.arange(0.0, 15.0, 0.5)])


def _furthest(shape: BoneShape, side: int, behind: float) -> float:
    x, z = np.meshgrid(side * np.arange(0.0, 11.0, STEP_MM), np.arange(-7.0, 7.0, 0.4))
    places = np.column_stack([x.ravel(), np.full(x.size, shape.length_mm - behind), z.ravel()])
    inside = places[shape.distance_at(places) < 0, 0]
    return float(inside[np.abs(inside).argmax()]) if len(inside) else 0.0


@pytest.mark.parametrize("name", LESSER)
def test_tubercles_stand_out_behind_the_joint_surface_and_before_the_neck(name: str) -> None:
    for form in range(len(head_forms(name))):
        shape = metatarsal(name, form)
        both = half_widths(shape, 1) + half_widths(shape, -1)
        widest = int(both.argmax())
        assert 5.0 <= 0.5 * widest <= 10.5
        assert both[-1] < 0.85 * both[widest]


def test_the_side_of_the_fifth_head_away_from_the_hallux_stands_out_further() -> None:
    for form in range(len(head_forms("mt5"))):
        shape = metatarsal("mt5", form)
        assert half_widths(shape, -1).max() > half_widths(shape, 1).max() + 0.2


def test_forms_of_a_head_differ_on_the_picture() -> None:
    outlines = [
        np.concatenate([half_widths(metatarsal("mt3", form), side) for side in (-1, 1)])
        for form in range(len(head_forms("mt3")))
    ]
    assert all(np.abs(first - second).max() > 0.5 for first, second in pairwise(outlines))


@pytest.mark.parametrize("name", LESSER)
def test_a_head_of_any_form_is_closed_in_its_volume(name: str) -> None:
    for form in range(len(head_forms(name))):
        distance = metatarsal(name, form).distance
        faces = (distance[0], distance[-1], distance[:, -1], distance[:, :, 0], distance[:, :, -1])
        assert all(face.min() > 0 for face in faces)
