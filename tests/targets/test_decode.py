"""Joints -> mask -> joints is the identity, also where neighbours cut a joint's disc."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import JOINT_CLASSES, POINTS, Limb, joint_class
from opensvh.domain.geometry import Point, Size
from opensvh.targets.decode import MaskRadii, decode_joints
from opensvh.targets.masks import joint_mask

SIZE = Size(160, 200)


def certain(points: Mapping[str, Point], limb: Limb, radii: MaskRadii) -> NDArray[np.float32]:
    """Probabilities of a network that is sure of the mask; ignored pixels go to the background."""
    by_class = {joint_class(limb, name): point for name, point in points.items()}
    mask = np.maximum(joint_mask(by_class, SIZE, radii.inner_px, radii.outer_px), 0)
    return (np.arange(len(JOINT_CLASSES) + 1)[:, None, None] == mask).astype(np.float32)


def worst_error(points: Mapping[str, Point], limb: Limb, radii: MaskRadii, known: bool = True) -> float:
    found = decode_joints(certain(points, limb, radii), limb, radii if known else None)
    errors = []
    for name, point in points.items():
        place = found[name].point
        assert place is not None
        errors.append(np.hypot(place.x - point.x, place.y - point.y))
    return float(max(errors))


def apart(limb: Limb) -> dict[str, Point]:
    """Every joint of a limb on a grid, no disc near another."""
    return {name: Point(15.3 + 30 * (i % 5), 15.7 + 30 * (i // 5)) for i, name in enumerate(POINTS[limb])}


def test_joints_apart_come_back_where_they_were() -> None:
    for limb in Limb:
        assert worst_error(apart(limb), limb, MaskRadii(6, 8)) < 0.15


def test_joints_whose_discs_cut_each_other_come_back_too() -> None:
    radii = MaskRadii(8, 10)
    points = {"CNL": Point(80, 100), "LUNATE": Point(86, 108), "RADCAR": Point(75, 109), "CMC3": Point(82, 90)}
    with_radii, without = (worst_error(points, Limb.HAND, radii, known) for known in (True, False))
    assert with_radii < 0.6
    assert without > 2 * with_radii


def test_a_class_that_is_likely_nowhere_is_not_found() -> None:
    maps = certain({"MCP2": Point(50, 50)}, Limb.HAND, MaskRadii(6, 8))
    maps[joint_class(Limb.HAND, "MCP3"), 20, 20] = 0.3
    found = decode_joints(maps, Limb.HAND)["MCP3"]
    assert found.point is None
    assert found.confidence == np.float32(0.3)


def test_of_two_regions_of_a_class_the_surer_is_the_joint() -> None:
    maps = certain({"MCP2": Point(50, 50)}, Limb.HAND, MaskRadii(6, 8))
    maps[joint_class(Limb.HAND, "MCP2"), 145:156, 115:126] = 0.9
    maps[0, 145:156, 115:126] = 0.1
    point = decode_joints(maps, Limb.HAND)["MCP2"].point
    assert point is not None
    assert np.hypot(point.x - 50, point.y - 50) < 0.5
