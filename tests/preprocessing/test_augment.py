"""Image and points vary together; nothing leaves [0, 1]; the same seed gives the same picture."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.geometry import Point
from opensvh.preprocessing.augment import AugmentationConfig, augment, cut_off

GEOMETRY_ONLY = AugmentationConfig(
    rotation_deg=25, gamma=0, contrast=0, brightness=0, blur_share=0, edge_share=0, noise=0, patch_share=0
)


def _dots() -> tuple[NDArray[np.float32], dict[str, Point]]:
    """Three dots of different size on black, [232, 216]."""
    image = np.zeros((232, 216), dtype=np.float32)
    points = {"a": Point(70, 80), "b": Point(140, 90), "c": Point(100, 150)}
    for level, point in zip((0.5, 0.75, 1.0), points.values(), strict=True):
        cv2.circle(image, (int(point.x), int(point.y)), 5, level, -1)
    return image, points


@pytest.mark.parametrize("flip_share", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_points_stay_on_their_dots(seed: int, flip_share: float) -> None:
    image, points = _dots()
    config = GEOMETRY_ONLY.model_copy(update={"flip_share": flip_share})
    varied, moved = augment(image, points, np.random.default_rng(seed), config)
    for level, name in zip((0.5, 0.75, 1.0), points, strict=True):
        y, x = np.nonzero(np.abs(varied - level) < 0.02)
        assert moved[name] == pytest.approx((np.median(x), np.median(y)), abs=1.5)


def test_flip_exchanges_left_and_right_only() -> None:
    image, points = _dots()
    still = GEOMETRY_ONLY.model_copy(update={"rotation_deg": 0, "scale": 0, "stretch": 0, "shift": 0, "flip_share": 1})
    varied, moved = augment(image, points, np.random.default_rng(0), still)
    assert np.allclose(varied, image[:, ::-1], atol=1e-3)
    assert moved["a"] == pytest.approx((215 - 70, 80))


def test_nothing_asked_changes_nothing() -> None:
    image, points = _dots()
    still = GEOMETRY_ONLY.model_copy(update={"rotation_deg": 0, "scale": 0, "stretch": 0, "shift": 0})
    varied, moved = augment(image, points, np.random.default_rng(0), still)
    assert np.allclose(varied, image, atol=1e-3)
    assert moved == {name: pytest.approx(point) for name, point in points.items()}


@pytest.mark.parametrize("seed", range(12))
def test_what_is_cut_off_is_even_and_the_rest_as_it_was(seed: int) -> None:
    image = np.random.default_rng(1).random((232, 216), dtype=np.float32)
    cut, kept = cut_off(image, np.random.default_rng(seed), AugmentationConfig(cut_share=1, cut_depth=0.4))
    assert 0.6 * image.size <= kept.width * kept.height <= 0.96 * image.size
    inside = (slice(kept.top, kept.bottom), slice(kept.left, kept.right))
    assert np.array_equal(cut[inside], image[inside])
    beyond = np.ones(image.shape, bool)
    beyond[inside] = False
    assert np.ptp(cut[beyond]) == 0


def test_input_is_left_alone_and_output_stays_in_range() -> None:
    image = np.random.default_rng(1).random((232, 216), dtype=np.float32)
    before = image.copy()
    strong = AugmentationConfig(noise=0.5, patch_share=1, edge_share=1, edge_gain=3, blur_share=1, inversion_share=0.5)
    for seed in range(20):
        varied, _ = augment(image, {}, np.random.default_rng(seed), strong)
        assert varied.dtype == np.float32
        assert varied.shape == image.shape
        assert varied.min() >= 0
        assert varied.max() <= 1
    assert np.array_equal(image, before)


def test_point_that_leaves_the_picture_keeps_its_place() -> None:
    image, _ = _dots()
    far = AugmentationConfig(shift=0.4, rotation_deg=0, scale=0, stretch=0)
    moved = [augment(image, {"edge": Point(2, 2)}, np.random.default_rng(s), far)[1]["edge"] for s in range(20)]
    assert any(point.x < 0 or point.y < 0 for point in moved)


def test_same_seed_gives_the_same_picture_and_another_does_not() -> None:
    image, points = _dots()
    first, second, other = (augment(image, points, np.random.default_rng(s), AugmentationConfig()) for s in (3, 3, 4))
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
    assert not np.array_equal(first[0], other[0])


def test_draws_spread_over_their_range() -> None:
    """Rotation alone, read back from two points, is even over -20..20 degrees: mean 0, SD 20 / sqrt 3."""
    image = np.zeros((64, 64), dtype=np.float32)
    config = GEOMETRY_ONLY.model_copy(update={"rotation_deg": 20, "scale": 0, "stretch": 0, "shift": 0})
    rng = np.random.default_rng(9)
    angles = []
    for _ in range(400):
        moved = augment(image, {"a": Point(10, 30), "b": Point(50, 30)}, rng, config)[1]
        angles.append(np.degrees(np.arctan2(moved["b"].y - moved["a"].y, moved["b"].x - moved["a"].x)))
    assert abs(np.mean(angles)) < 3 * 20 / np.sqrt(3 * 400)
    assert np.std(angles) == pytest.approx(20 / np.sqrt(3), rel=0.1)
    assert np.max(np.abs(angles)) <= 20.001


def _flat(**config: float) -> AugmentationConfig:
    """Nothing but what is named."""
    none = {"rotation_deg": 0, "scale": 0, "stretch": 0, "shift": 0, "noise": 0}
    return GEOMETRY_ONLY.model_copy(update={**none, **config})


def test_grain_is_as_strong_as_white_noise_and_hangs_together() -> None:
    grey = np.full((200, 200), 0.5, np.float32)
    strengths, neighbours = [], []
    for seed in range(40):
        varied, _ = augment(grey, {}, np.random.default_rng(seed), _flat(noise=0.04, grain_px=2))
        residual = varied - varied.mean()
        strengths.append(residual.std())
        neighbours.append((residual[:, 1:] * residual[:, :-1]).mean() / residual.var())
    assert 0.015 < np.mean(strengths) < 0.025
    assert np.mean(neighbours) > 0.4


def test_shade_is_even_from_border_to_border() -> None:
    grey = np.full((120, 80), 0.5, np.float32)
    varied, _ = augment(grey, {}, np.random.default_rng(3), _flat(shade=0.3))
    assert varied[60, 40] == pytest.approx(0.5, abs=0.01)
    assert np.ptp(varied) > 0.02
    assert np.allclose(np.diff(varied, 2, axis=0), 0, atol=1e-5)


def test_jpeg_leaves_its_traces_and_no_more() -> None:
    image, _ = _dots()
    varied, _ = augment(image, {}, np.random.default_rng(0), _flat(jpeg_share=1, jpeg_quality=40))
    assert 0.0001 < np.abs(varied - image).mean() < 0.03
