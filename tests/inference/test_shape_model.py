"""Limbs drawn from the shipped models themselves: what was done to their points is told again."""

import math

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.domain.placement import Pose
from opensvh.inference.shape_model import (
    ShapeModel,
    canonical_points,
    film_point,
    fitted,
    mirror_advantage,
    upright_pose,
)
from opensvh.inference.shape_model_file import shipped_shape_models

LENGTH_PX = 800.0


def drawn_limb(limb: Limb, rng: np.random.Generator, turn_deg: float = 0.0) -> dict[str, Point]:
    """Points of a limb of that population, `LENGTH_PX` long, turned clockwise."""
    model = shipped_shape_models()[limb]
    weights = rng.normal(size=len(model.modes)) * np.sqrt(model.variances)
    places = model.mean + np.tensordot(weights, model.modes, 1)
    places = LENGTH_PX * (places + rng.normal(size=places.shape) * model.noise[:, None])
    turned = (places[:, 0] + 1j * places[:, 1]) * np.exp(1j * math.radians(turn_deg)) + (900 + 700j)
    return {name: Point(float(at.real), float(at.imag)) for name, at in zip(POINTS[limb], turned, strict=True)}


def mirrored(points: dict[str, Point]) -> dict[str, Point]:
    return {name: Point(-x, y) for name, (x, y) in points.items()}


@pytest.fixture(params=Limb)
def limb(request: pytest.FixtureRequest) -> Limb:
    return Limb(request.param)


@pytest.fixture
def model(limb: Limb) -> ShapeModel:
    return shipped_shape_models()[limb]


@pytest.mark.parametrize("turn", [-170.0, -30.0, 0.0, 75.0])
def test_turn_and_size_of_a_limb_are_told(model: ShapeModel, limb: Limb, turn: float) -> None:
    fit = fitted(model, drawn_limb(limb, np.random.default_rng(1), turn))
    assert fit is not None
    assert (fit.turned_cw_deg - turn + 180) % 360 - 180 == pytest.approx(0, abs=6)
    assert fit.length_px == pytest.approx(LENGTH_PX, rel=0.1)


def test_members_of_the_population_lie_at_distance_one_as_theory_has_it(model: ShapeModel, limb: Limb) -> None:
    """The squared distance is chi-squared by its degrees of freedom: its mean is one."""
    rng = np.random.default_rng(2)
    fits = [fitted(model, drawn_limb(limb, rng)) for _ in range(200)]
    assert np.mean([fit.whole_distance**2 for fit in fits if fit]) == pytest.approx(1, abs=0.1)
    assert sum(bool(fit.strays) for fit in fits if fit) <= 4


def test_a_stray_joint_is_named_and_its_place_foretold(model: ShapeModel, limb: Limb) -> None:
    points = drawn_limb(limb, np.random.default_rng(3))
    name = "PIP3" if limb is Limb.HAND else "MTP3"
    true = points[name]
    fit = fitted(model, {**points, name: Point(true.x + 150, true.y - 130)})
    assert fit is not None
    assert fit.strays == (name,)
    foretold = fit.predicted[name]
    assert math.dist(foretold.point, true) < 4 * math.sqrt(2) * foretold.spread_px
    assert fit.whole_distance > fit.distance


def test_a_third_of_a_hand_s_joints_thrown_about_are_strays_and_no_others() -> None:
    rng = np.random.default_rng(4)
    points = drawn_limb(Limb.HAND, rng, turn_deg=20)
    thrown = ("PIP2", "MCP5", "STT", "ULNA", "IP1", "CMC4")
    wrong = {name: Point(points[name].x + 200 * math.cos(at), points[name].y + 200 * math.sin(at))
             for at, name in enumerate(thrown)}  # fmt: skip
    fit = fitted(shipped_shape_models()[Limb.HAND], {**points, **wrong})
    assert fit is not None
    assert set(fit.strays) == set(thrown)
    assert fit.turned_cw_deg == pytest.approx(20, abs=6)


def test_missing_joints_are_foretold_within_their_spread(model: ShapeModel, limb: Limb) -> None:
    rng = np.random.default_rng(5)
    away = []
    for _ in range(100):
        points = drawn_limb(limb, rng)
        hidden = POINTS[limb][1]
        fit = fitted(model, {name: point for name, point in points.items() if name != hidden})
        assert fit is not None
        off = np.subtract(fit.predicted[hidden].point, points[hidden]) / fit.predicted[hidden].spread_px
        away.append(off @ off / 2)
    assert np.mean(away) == pytest.approx(1, abs=0.35)


def test_the_mirror_image_fits_worse_and_says_so(model: ShapeModel, limb: Limb) -> None:
    points = drawn_limb(limb, np.random.default_rng(6))
    assert mirror_advantage(model, points) < -1
    assert mirror_advantage(model, mirrored(points)) > 1


def test_a_foot_s_points_are_no_hand_s() -> None:
    """Toes under the names of the fingers' joints, as the network's classes have them."""
    foot = drawn_limb(Limb.FOOT, np.random.default_rng(7))
    as_hand = {name.replace("MTP", "MCP"): point for name, point in foot.items()}
    fit = fitted(shipped_shape_models()[Limb.HAND], as_hand)
    assert fit is not None
    assert fit.whole_distance > 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_points_tell_no_shape(model: ShapeModel, limb: Limb, count: int) -> None:
    points = dict(list(drawn_limb(limb, np.random.default_rng(8)).items())[:count])
    assert fitted(model, points) is None
    assert mirror_advantage(model, points) == 0


def test_points_all_in_one_place_are_no_limb(model: ShapeModel, limb: Limb) -> None:
    """Size is free, so that a limb shrunk to a point would fit best of all."""
    assert fitted(model, dict.fromkeys(POINTS[limb], Point(300.0, 300.0))) is None


@pytest.mark.parametrize("pose", [Pose(90), Pose(270, mirrored=True), Pose(13, mirrored=True)])
def test_points_come_back_from_the_canonical_pose(pose: Pose) -> None:
    there = canonical_points({"IP1": Point(31.0, -7.0)}, pose)["IP1"]
    assert film_point(there, pose) == pytest.approx((31.0, -7.0))


@pytest.mark.parametrize("mirrors", [False, True])
def test_the_upright_pose_turns_a_crooked_limb_upright(limb: Limb, model: ShapeModel, mirrors: bool) -> None:
    lying = {name: film_point(point, Pose(40, mirrors)) for name, point in
             drawn_limb(limb, np.random.default_rng(9)).items()}  # fmt: skip
    told = Pose(25, mirrors)
    first = fitted(model, canonical_points(lying, told))
    assert first is not None
    second = fitted(model, canonical_points(lying, upright_pose(told, first)))
    assert second is not None
    assert second.turned_cw_deg == pytest.approx(0, abs=1e-6)
