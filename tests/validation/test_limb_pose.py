import math

import pytest
from limb_pose import SHAPES, joint_angle, limb_pose

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point


def drawn(limb: Limb, length_px: float, degrees: float) -> dict[str, Point]:
    """A limb of the mean shape, turned clockwise."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return {
        name: Point(500 + length_px * (cosine * x - sine * y), 400 + length_px * (sine * x + cosine * y))
        for name, (x, y) in SHAPES[limb].items()
    }


@pytest.mark.parametrize("limb", Limb)
def test_every_point_of_a_limb_has_a_place(limb: Limb) -> None:
    assert set(SHAPES[limb]) == set(POINTS[limb])


@pytest.mark.parametrize("limb", Limb)
@pytest.mark.parametrize("degrees", [-170.0, -30.0, 0.0, 90.0])
def test_length_and_turn_are_found(limb: Limb, degrees: float) -> None:
    pose = limb_pose(limb, drawn(limb, 800, degrees))
    assert pose is not None
    assert pose.length_px == pytest.approx(800)
    assert math.degrees(pose.angle) == pytest.approx(degrees)


def test_length_is_found_from_the_points_there_are() -> None:
    points = {name: point for name, point in drawn(Limb.HAND, 800, 10).items() if name.startswith("MCP")}
    pose = limb_pose(Limb.HAND, points)
    assert pose is not None
    assert pose.length_px == pytest.approx(800)


def test_two_points_tell_no_pose() -> None:
    points = drawn(Limb.FOOT, 800, 0)
    assert limb_pose(Limb.FOOT, {name: points[name] for name in ("MTP1", "MTP2")}) is None


def test_a_fingers_joint_lies_along_its_finger_and_the_wrist_along_the_hand() -> None:
    points = drawn(Limb.HAND, 800, 0)
    pose = limb_pose(Limb.HAND, points)
    assert pose is not None
    points["PIP2"] = Point(points["MCP2"].x + 100, points["MCP2"].y - 100)
    assert math.degrees(joint_angle(Limb.HAND, "MCP2", points, pose)) == pytest.approx(45)
    assert joint_angle(Limb.HAND, "ULNA", points, pose) == pose.angle
