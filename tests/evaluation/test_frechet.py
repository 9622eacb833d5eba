"""Distances of feature clouds against closed forms."""

import numpy as np
import pytest

from opensvh.evaluation.frechet import frechet_distance, kernel_distance, standardised


def cloud(seed: int, count: int, features: int = 4, shift: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return shift + scale * np.random.default_rng(seed).normal(size=(count, features))


def test_a_set_lies_at_no_distance_from_itself() -> None:
    assert frechet_distance(cloud(0, 50), cloud(0, 50)) == pytest.approx(0, abs=1e-9)


def test_a_shift_costs_its_square_in_every_feature() -> None:
    own = cloud(0, 50)
    assert frechet_distance(own, own + 3) == pytest.approx(4 * 9)


def test_a_scale_costs_the_square_of_the_difference_of_deviations() -> None:
    own = cloud(0, 400, features=1)
    spread = own.std(ddof=1)
    assert frechet_distance(own - own.mean(), 3 * (own - own.mean())) == pytest.approx((2 * spread) ** 2)


def test_correlated_gaussians_follow_the_closed_form() -> None:
    # Covariances [[a, 0], [0, b]] and the same turned by a quarter: they commute, so the deviations differ per axis.
    axes = np.array([[1.0, 0], [-1, 0], [0, 2], [0, -2]])
    a, b = axes[:, 0].std(ddof=1), axes[:, 1].std(ddof=1)
    assert frechet_distance(axes, axes[:, ::-1]) == pytest.approx(2 * (a - b) ** 2)


def test_fewer_samples_than_features_are_no_obstacle() -> None:
    assert frechet_distance(cloud(0, 5, 30), cloud(1, 6, 30)) > 0


def test_kernel_distance_of_equal_distributions_is_nothing_on_average() -> None:
    drawn = [kernel_distance(cloud(seed, 30), cloud(seed + 1000, 30)) for seed in range(60)]
    assert abs(np.mean(drawn)) < 3 * np.std(drawn) / np.sqrt(60)
    assert kernel_distance(cloud(0, 30), cloud(1, 30, shift=1.0)) > max(drawn)


def test_one_sample_gives_no_distance() -> None:
    for distance in (frechet_distance, kernel_distance):
        with pytest.raises(ValueError, match="two samples"):
            distance(cloud(0, 1), cloud(1, 9))


def test_standardised_gives_every_feature_the_same_weight() -> None:
    features = standardised(np.array([[1.0, 500.0, 7.0], [3.0, 900.0, 7.0]]))
    assert features == pytest.approx(np.array([[-1, -1, 0], [1, 1, 0]]))
