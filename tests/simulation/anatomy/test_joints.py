"""Digits put together: the space that a film shows is the one asked for."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.finger_bones import shapes
from opensvh.simulation.anatomy.joints import FUSED_GAP_MM, Chain, JointSpace, joined
from opensvh.simulation.anatomy.skeleton import PosedBone


def _chain(space: JointSpace, flatten: float) -> Chain:
    chain = Chain({"pp3": PosedBone(shapes()["pp3"], np.eye(3), np.zeros(3))})
    distal = PosedBone(shapes()["mp3"], np.eye(3), np.zeros(3))
    joined(chain, "PIP3", "pp3", "mp3", distal, space, 1.0, np.random.default_rng(0), flatten)
    return chain


@pytest.mark.parametrize(("flatten", "hidden"), [(0.3, 0.0), (0.9, 0.135)])
def test_a_base_is_set_back_by_what_its_lips_hide(flatten: float, hidden: float) -> None:
    chain = _chain(JointSpace(share=0.5), flatten)
    assert chain.contacts[0].gap_mm == pytest.approx(chain.gaps_mm["PIP3"] + hidden)


def test_a_fused_joint_is_closed_whatever_its_lips() -> None:
    assert _chain(JointSpace(fused=True), 1.2).contacts[0].gap_mm == FUSED_GAP_MM


def test_a_space_wider_on_one_side_leans_no_bone() -> None:
    even, wedged = _chain(JointSpace(), 0.9), _chain(JointSpace(wedge=0.05), 0.9)
    assert wedged.contacts[0].wedge == pytest.approx(0.05)
    assert np.allclose(wedged.bones["mp3"].rotation, even.bones["mp3"].rotation)
