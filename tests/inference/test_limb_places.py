"""A limb of the shipped mean shape on a film that ends somewhere: what lies beyond is told by the rest."""

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.inference.limb_places import film_field, laid_limb, on_field
from opensvh.inference.shape_model import canonical_points, film_point
from opensvh.inference.shape_model_file import shipped_shape_models

LENGTH_PX = 1000.0
MODEL = shipped_shape_models()[Limb.HAND]
FILM = Box(0, 0, 1200, 1400)


def hand(pose: Pose = Pose()) -> dict[str, Point]:  # noqa: B008
    """Its joints in film pixels, the middle of the mean at (600, 700)."""
    upright = {name: Point(float(x), float(y)) for name, (x, y) in zip(POINTS[Limb.HAND], MODEL.mean, strict=True)}
    turned = {name: film_point(at, pose) for name, at in upright.items()}
    return {name: Point(600 + LENGTH_PX * x, 700 + LENGTH_PX * y) for name, (x, y) in turned.items()}


def ending_below(row: float) -> Box:
    return Box(0, 0, 1200, round(row))


def test_a_whole_limb_lies_where_it_was_found() -> None:
    laid = laid_limb(MODEL, hand(), Pose(), FILM)
    assert laid.places == hand()
    assert laid.shown == frozenset(POINTS[Limb.HAND])


@pytest.mark.parametrize("pose", [Pose(), Pose(200, mirrored=True)])
def test_joints_beyond_the_edge_lie_where_the_others_put_them(pose: Pose) -> None:
    points = hand(pose)
    rows = sorted(at.y for at in points.values())
    field = ending_below((rows[11] + rows[12]) / 2)
    seen = {name: at for name, at in points.items() if on_field(at, field)}
    assert len(seen) == 12
    laid = laid_limb(MODEL, seen, pose, field)
    assert laid.shown == seen.keys()
    assert laid.fit is not None
    assert laid.fit.length_px == pytest.approx(LENGTH_PX, rel=0.05)
    off = [np.hypot(*np.subtract(laid.places[name], at)) for name, at in points.items()]
    assert max(off) < 0.1 * LENGTH_PX


def test_a_joint_squeezed_to_the_edge_is_not_on_the_film() -> None:
    points = hand()
    field = ending_below(points["RADCAR"].y + 8)
    x, _ = points["RADIUS"]
    squeezed = {**points, "RADIUS": Point(x + 60, field.bottom - 30.0)}
    del squeezed["ULNA"]
    laid = laid_limb(MODEL, squeezed, Pose(), field)
    assert not laid.shown & {"RADIUS", "ULNA"}
    assert "LUNATE" in laid.shown


def test_a_joint_by_the_edge_that_suits_the_others_is_on_the_film() -> None:
    points = hand()
    laid = laid_limb(MODEL, points, Pose(), ending_below(points["ULNA"].y + 25))
    assert laid.places == points


def test_of_three_joints_nothing_more_is_told() -> None:
    few = {name: at for name, at in hand().items() if name in ("PIP2", "PIP3", "PIP4")}
    laid = laid_limb(MODEL, few, Pose(), FILM)
    assert (laid.fit, laid.places, laid.shown) == (None, few, frozenset(POINTS[Limb.HAND]))


def test_film_points_and_canonical_ones_are_inverse() -> None:
    pose = Pose(130, mirrored=True)
    back = {name: film_point(at, pose) for name, at in canonical_points(hand(), pose).items()}
    assert max(np.hypot(*np.subtract(back[name], at)) for name, at in hand().items()) < 1e-6


def test_a_field_without_its_even_borders() -> None:
    pixels = np.random.default_rng(0).uniform(0.2, 0.8, (50, 40)).astype(np.float32)
    pixels[:7] = pixels[:, 33:] = 0
    assert film_field(pixels) == Box(0, 7, 33, 50)
    assert film_field(np.zeros((50, 40), np.float32)) == Box(0, 0, 40, 50)
