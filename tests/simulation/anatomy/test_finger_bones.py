"""The hand's tubular bones and their variants."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.finger_bones import LOOKS, TUBES, drawn_shape, shapes


def test_a_hand_has_nineteen_tubular_bones() -> None:
    assert len(shapes()) == 19


@pytest.mark.parametrize("name", ["mc2", "pp3", "mp4"])
def test_a_finger_bone_has_variants_of_one_length(name: str) -> None:
    variants = {id(shape): shape for shape in (drawn_shape(name, np.random.default_rng(seed)) for seed in range(40))}
    assert len(variants) == LOOKS
    assert {shape.length_mm for shape in variants.values()} == {TUBES[name].length}
    first, second = list(variants.values())[:2]
    assert not np.array_equal(first.distance, second.distance)


@pytest.mark.parametrize("name", ["mc1", "pp1", "dp3"])
def test_thumb_and_end_phalanges_have_one_form(name: str) -> None:
    assert drawn_shape(name, np.random.default_rng(0)) is drawn_shape(name, np.random.default_rng(1))
