"""Heads of metacarpals and phalanges: where the fossae lie, and what they leave."""

from dataclasses import replace

import numpy as np
import pytest

from opensvh.simulation.anatomy.bones import BoneShape, Tube, tubular
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM
from opensvh.simulation.anatomy.knuckles import Fossa, Knuckle, varied

PLAIN = Tube(60.0, (14.0, 9.0, 14.0), (14.0, 8.0, 14.0), "ball", 0.25, 3.0)
HEAD = Knuckle((Fossa(0.8, 5.0, (5.0, 12.0)), Fossa(0.5, 5.0, (5.0, 12.0))), widest_mm=7.0, flare_mm=(10.0, 4.0))


def _reach(bone: BoneShape, from_end_mm: float, z: float) -> tuple[float, float]:
    """How far the bone goes to the ulnar and to the radial side, in mm, at a height and depth."""
    x = np.arange(-9.0, 9.1, 0.1)
    places = np.column_stack([x, np.full_like(x, bone.length_mm - from_end_mm), np.full_like(x, z)])
    inside = x[bone.distance_at(places) < 0]
    return float(-inside.min()), float(inside.max())


def test_fossae_hollow_the_dorsal_half_of_a_head_and_the_radial_one_more() -> None:
    bone = tubular(replace(PLAIN, knuckle=HEAD))
    ulnar, radial = _reach(bone, 5.5, z=-4.0)
    assert radial < ulnar - 1.0
    assert radial < _reach(bone, 5.5, z=2.0)[1] - 1.5


def test_a_head_keeps_its_end_and_its_length() -> None:
    bones = [tubular(replace(PLAIN, knuckle=replace(HEAD, fossae=fossae))) for fossae in _with_and_without()]
    tops = [np.argwhere(bone.distance < 0)[:, 1].max() * VOXEL_MM for bone in bones]
    assert tops[0] == pytest.approx(tops[1], abs=0.01)


def test_the_recess_behind_the_condyles_is_cut_from_the_palm_only() -> None:
    phalanx = replace(PLAIN, head="condyles", knuckle=HEAD)
    whole, cut = (
        tubular(replace(phalanx, knuckle=replace(HEAD, recess=recess))).distance for recess in (None, (7.0, 2.5))
    )
    lost = np.argwhere((whole < 0) & (cut >= 0))
    assert len(lost) > 20
    assert lost[:, 2].min() > whole.shape[2] / 2
    from_end = (whole.shape[1] - lost[:, 1]) * VOXEL_MM
    assert 5.0 < from_end.min() < from_end.max() < 20.0


def test_heads_differ_from_bone_to_bone_but_little() -> None:
    heads = [varied(HEAD, np.random.default_rng(seed)) for seed in range(40)]
    waists = np.array([head.fossae[1].waist for head in heads])
    assert 0.03 < waists.std() < 0.12
    assert waists.mean() == pytest.approx(HEAD.fossae[1].waist, abs=0.05)
    assert varied(HEAD, np.random.default_rng(3)) == heads[3]


def _with_and_without() -> tuple[tuple[Fossa, Fossa], tuple[Fossa, Fossa]]:
    ulnar, radial = HEAD.fossae
    nowhere = (replace(ulnar, waist=5.0), replace(radial, waist=5.0))
    return HEAD.fossae, nowhere
