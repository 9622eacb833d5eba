"""Kappa and ICC against closed forms and published numbers; confusion by hand."""

import numpy as np
import pytest

from opensvh.evaluation.agreement import agreement, confusion, icc_agreement, to_grades


def grades(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_quadratic_kappa_follows_its_definition() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 6, 60)
    read = np.clip(gold + rng.integers(-1, 3, 60), 0, 5)
    # For squared weights, kappa = 2 cov / (var + var + (difference of means)^2), with population moments.
    closed = 2 * np.cov(gold, read, bias=True)[0, 1] / (gold.var() + read.var() + (gold.mean() - read.mean()) ** 2)
    result = agreement(gold, read, 5)
    assert result is not None
    assert result.kappa == pytest.approx(closed)


def test_perfect_and_reversed_readings() -> None:
    scale = grades(0, 1, 2, 3, 4)
    same, reversed_ = agreement(scale, scale, 4), agreement(scale, scale[::-1], 4)
    assert same is not None
    assert reversed_ is not None
    assert (same.kappa, same.exact, same.within_one) == (1.0, 1.0, 1.0)
    assert (reversed_.kappa, reversed_.exact, reversed_.within_one) == (pytest.approx(-1), 0.2, 0.2)


def test_kappa_is_undefined_where_one_side_holds_one_grade() -> None:
    result = agreement(grades(0, 0, 0), grades(0, 1, 3), 4)
    assert result is not None
    assert (result.kappa, result.n) == (None, 3)
    assert (result.exact, result.within_one) == (pytest.approx(1 / 3), pytest.approx(2 / 3))


def test_no_pairs_no_agreement() -> None:
    assert agreement(grades(), grades(), 4) is None


def test_confusion_counts_gold_in_rows() -> None:
    counts = confusion(grades(0, 0, 2), grades(0, 1, 1), 2)
    assert counts.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_grades_round_halves_upwards_and_stay_on_the_scale() -> None:
    assert to_grades(np.array([-0.2, 0.49, 0.5, 1.5, 2.5, 4.7]), 4).tolist() == [0, 0, 1, 2, 3, 4]


def test_icc_of_shrout_and_fleiss_example() -> None:
    """Raters 1 and 4 of Shrout and Fleiss (1979), table 2, worked by hand from the mean squares."""
    first, second = np.array([9.0, 6, 8, 7, 10, 6]), np.array([8.0, 2, 6, 1, 5, 2])
    pair = np.column_stack([first, second])
    subjects = 2 * pair.mean(axis=1).var(ddof=1)
    readers = 6 * pair.mean(axis=0).var(ddof=1)
    total = ((pair - pair.mean()) ** 2).sum()
    error = (total - 5 * subjects - readers) / 5
    assert icc_agreement(first, second) == pytest.approx(
        (subjects - error) / (subjects + error + 2 * (readers - error) / 6)
    )


def test_icc_of_simulated_readers_meets_the_variance_ratio() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(0, 2, 20_000)
    first, second = truth + rng.normal(0, 1, truth.size), truth + rng.normal(0, 1, truth.size)
    assert icc_agreement(first, second) == pytest.approx(4 / 5, abs=0.01)


def test_icc_of_agreement_falls_with_a_constant_shift() -> None:
    truth = np.arange(10.0)
    assert icc_agreement(truth, truth) == pytest.approx(1)
    shifted = icc_agreement(truth, truth + 5)
    assert shifted is not None
    assert shifted < 0.5


def test_icc_without_variation_is_none() -> None:
    assert icc_agreement(np.ones(4), np.ones(4)) is None
    assert icc_agreement(np.ones(1), np.ones(1)) is None
