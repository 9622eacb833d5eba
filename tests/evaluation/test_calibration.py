"""Reliability and calibration errors against scikit-learn and by hand; a calibrated model has an ECE near 0."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.calibration import brier, calibration, class_targets

PEOPLE = Resamples([str(person) for person in range(200)], draws=50)


def probabilities() -> np.ndarray:
    return np.random.default_rng(0).beta(0.6, 1.5, (200, 15))


def test_bins_are_those_of_scikit_learn() -> None:
    said = probabilities()
    was = (np.random.default_rng(1).random(said.shape) < said**1.5).astype(float)
    found = calibration(said, was, 1.0, PEOPLE)
    observed, expected = calibration_curve(was.ravel(), said.ravel(), n_bins=10)
    assert [each.expected for each in found.bins] == pytest.approx(expected)
    assert [each.observed for each in found.bins] == pytest.approx(observed)
    counts = np.array([each.n for each in found.bins])
    assert found.ece is not None
    assert found.ece.value == pytest.approx((counts * np.abs(observed - expected)).sum() / counts.sum())


def test_what_means_what_it_says_has_almost_no_error() -> None:
    said = probabilities()
    was = (np.random.default_rng(2).random(said.shape) < said).astype(float)
    true, overconfident = calibration(said, was, 1.0, PEOPLE).ece, calibration(said**0.5, was, 1.0, PEOPLE).ece
    assert true is not None
    assert overconfident is not None
    assert true.value < 0.03  # 300 sites a bin leave 0.8 sqrt(0.25 / 300) = 0.023 at most to chance
    assert overconfident.low > 0.1


def test_expectations_are_measured_in_grades_and_gaps_left_out() -> None:
    said, was = np.array([[0.5, 2.0], [3.0, np.nan]]), np.array([[1.0, 2.0], [np.nan, 4.0]])
    found = calibration(said, was, 4, Resamples(["A", "B"], draws=10))
    assert [(each.n, each.expected, each.observed) for each in found.bins] == [(1, 0.5, 1.0), (1, 2.0, 2.0)]
    assert found.ece is not None
    assert found.ece.value == 0.25


def test_odd_foot_grades_lie_half_in_each_of_their_two_classes() -> None:
    shares = class_targets(np.array([0.0, 3.0, 10.0, np.nan]), 10, 6)
    assert shares[:3].tolist() == [[1, 0, 0, 0, 0, 0], [0, 0.5, 0.5, 0, 0, 0], [0, 0, 0, 0, 0, 1]]
    assert np.isnan(shares[3]).all()
    assert class_targets(np.array([2.0]), 4, 5).tolist() == [[0, 0, 1, 0, 0]]


def test_brier_is_twice_that_of_scikit_learn_for_two_classes() -> None:
    said = probabilities()
    was = (np.random.default_rng(3).random(said.shape) < said).astype(float)
    found = brier(np.stack([1 - said, said], axis=2), np.stack([1 - was, was], axis=2), PEOPLE)
    assert found is not None
    assert found.value == pytest.approx(2 * brier_score_loss(was.ravel(), said.ravel()))
