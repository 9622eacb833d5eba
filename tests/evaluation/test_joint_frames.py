import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.geometry import Point
from opensvh.evaluation.joint_frames import (
    BONES,
    STEP_MM,
    VIEWS,
    LimbFilm,
    bone_picture,
    is_frontal,
    joint_picture,
    seen,
)

PX_PER_MM = 5.0


def film(side: Side = Side.LEFT, turns: int = 0) -> LimbFilm:
    """A blank hand at 5 px a mm with a bright spot 4 mm distal and 2 mm thumbward of PIP3, turned clockwise."""
    points = {"CMC3": (400.0, 900.0), "MCP3": (400.0, 900.0 - 66 * PX_PER_MM), "PIP3": (400.0, 350.0)}
    thumb = 1 if side is Side.LEFT else -1
    pixels = np.zeros((1000, 800), np.float32)
    x, y = round(400 + thumb * 2 * PX_PER_MM), round(350 - 4 * PX_PER_MM)
    pixels[y - 3 : y + 4, x - 3 : x + 4] = 1.0
    for _ in range(turns):
        height = pixels.shape[0]
        pixels = np.ascontiguousarray(np.rot90(pixels, -1))
        points = {name: (height - 1 - p[1], p[0]) for name, p in points.items()}
    return LimbFilm(Limb.HAND, side, pixels, {name: Point(*p) for name, p in points.items()})


def brightest_mm(picture: np.ndarray) -> tuple[float, float]:
    """Place of the spot across and along the axis from the middle."""
    rows, columns = np.nonzero(picture > 0.5 * picture.max())
    return (columns.mean() - picture.shape[1] // 2) * STEP_MM, (picture.shape[0] // 2 - rows.mean()) * STEP_MM


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("turns", range(4))
def test_joint_lies_distal_up_and_thumb_right_whatever_the_film(side: Side, turns: int) -> None:
    picture = joint_picture(film(side, turns), "PIP3")
    assert picture is not None
    assert brightest_mm(picture) == pytest.approx((2.0, 4.0), abs=0.15)


def test_reference_millimetres_do_not_depend_on_the_resolution() -> None:
    shown = seen(film())
    assert shown.pixels_per_mm == pytest.approx(5.0)
    fine = LimbFilm(
        Limb.HAND,
        Side.LEFT,
        np.kron(film().pixels, np.ones((2, 2), np.float32)),
        {name: Point(2 * p.x + 0.5, 2 * p.y + 0.5) for name, p in film().points.items()},
    )
    coarse = seen(fine)
    assert coarse.pixels.shape == film().pixels.shape
    picture = joint_picture(coarse, "PIP3")
    assert picture is not None
    assert brightest_mm(picture) == pytest.approx((2.0, 4.0), abs=0.15)


def test_joint_without_its_axis_is_not_cut_out() -> None:
    assert joint_picture(film(), "PIP2") is None


def test_bone_runs_from_joint_to_joint() -> None:
    cut = bone_picture(film(), "MC3")
    assert cut is not None
    picture, length = cut
    assert length == pytest.approx(66.0)
    assert len(picture) == pytest.approx(66.0 / STEP_MM, abs=2)


def test_narrow_foot_is_oblique() -> None:
    def foot(breadth: float) -> LimbFilm:
        points = {"MTP1": Point(200, 100), "IP1": Point(200, 70), "MTP5": Point(200 - breadth, 100)}
        return LimbFilm(Limb.FOOT, Side.LEFT, np.zeros((200, 300), np.float32), points)

    assert is_frontal(foot(70.0))
    assert not is_frontal(foot(50.0))


def test_views_and_bones_name_points_that_the_limb_has() -> None:
    for limb in Limb:
        named = {name for site, view in VIEWS[limb].items() for name in (site, *view.axis)}
        named |= {name for ends in BONES[limb].values() for name in ends}
        assert named <= set(POINTS[limb])
