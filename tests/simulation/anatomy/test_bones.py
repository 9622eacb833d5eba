"""Bone volumes are signed distances with the measures asked for."""

import numpy as np
import pytest

from opensvh.simulation.anatomy import finger_bones
from opensvh.simulation.anatomy.bones import BoneShape, Tube, irregular, tubular
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM
from opensvh.simulation.anatomy.foot import metatarsal_shapes
from opensvh.simulation.anatomy.tarsus import tarsal_shapes
from opensvh.simulation.anatomy.toes import toe_shapes

FOOT = metatarsal_shapes() | tarsal_shapes() | toe_shapes()
TUBE = Tube(40.0, (14.0, 8.0, 11.0), (12.0, 7.0, 9.0), "condyles", 0.2)


def test_tubular_bone_has_its_length_and_widths() -> None:
    bone = tubular(TUBE)
    inside = np.argwhere(bone.distance < 0) * VOXEL_MM + np.asarray(bone.origin)
    shaft = inside[np.abs(inside[:, 1] - 20.0) < 0.5]
    head = inside[np.abs(inside[:, 1] - 36.0) < 0.5]
    assert np.ptp(shaft[:, 0]) == pytest.approx(8.0, abs=1.6)
    assert np.ptp(head[:, 0]) > np.ptp(shaft[:, 0])
    assert inside[:, 1].max() == pytest.approx(40.0, abs=1.0)


def test_distance_is_zero_on_the_surface_and_grows_by_a_millimetre_a_millimetre_outside() -> None:
    bone = irregular((8.0, 10.0, 7.0), power=2.0)
    along_x = np.column_stack([np.array([8.0, 9.0, 10.0]), np.zeros(3), np.zeros(3)])
    assert bone.distance_at(along_x) == pytest.approx([0.0, 1.0, 2.0], abs=0.25)


@pytest.mark.parametrize("name", sorted(finger_bones.shapes()))
def test_every_bone_of_the_hand_is_closed_in_its_volume(name: str) -> None:
    _assert_closed(finger_bones.shapes()[name])


@pytest.mark.parametrize("name", sorted(FOOT))
def test_every_bone_of_the_foot_is_closed_in_its_volume(name: str) -> None:
    _assert_closed(FOOT[name])


def _assert_closed(bone: BoneShape) -> None:
    """A surface cut off by the edge of its volume would show as a straight line; an endless bone is open below."""
    distance = bone.distance
    assert distance.min() < -1.0
    faces = [distance[0], distance[-1], distance[:, -1], distance[:, :, 0], distance[:, :, -1]]
    if not bone.endless:
        faces.append(distance[:, 0])
    assert min(float(face.min()) for face in faces) > 0
