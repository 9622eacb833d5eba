"""Kappa and ICC against closed forms, scikit-learn, statsmodels, R and published numbers; confusion by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from opensvh.evaluation.agreement import (
    agreement,
    balanced_accuracy_of,
    confusion,
    confusion_parts,
    exact_of,
    icc_agreement,
    kappa_of,
    to_grades,
    within_one_of,
)


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


def samples_of_patients() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    gold = rng.integers(0, 6, (30, 8)).astype(float)
    read = np.clip(gold + rng.integers(-2, 3, gold.shape), 0, 5)
    gold[3, 2], read[5, :] = np.nan, np.nan
    return gold, read


def test_figures_of_confusion_counts_are_scikit_learn_s() -> None:
    gold, read = samples_of_patients()
    known = ~(np.isnan(gold) | np.isnan(read))
    pairs = gold[known].astype(int), read[known].astype(int)
    counts = confusion_parts(gold, read, 5).sum(axis=0)[None]
    assert kappa_of(counts)[0] == pytest.approx(cohen_kappa_score(*pairs, weights="quadratic"))
    assert balanced_accuracy_of(counts)[0] == pytest.approx(balanced_accuracy_score(*pairs))
    assert exact_of(counts)[0] == pytest.approx(accuracy_score(*pairs))
    assert within_one_of(counts)[0] == pytest.approx(np.mean(np.abs(pairs[0] - pairs[1]) <= 1))
    assert counts[0].sum() == 30 * 8 - 1 - 8


def test_weighted_kappa_of_r_psych_and_of_statsmodels() -> None:
    """`cohen.kappa(cbind(a, b), w = outer(0:5, 0:5, function(i, j) 1 - (i - j)^2 / 25))`, psych 2.2.9 in R 4.2.2."""
    a = grades(0, 1, 2, 3, 4, 5, 5, 3, 2, 1, 0, 0, 1, 4)
    b = grades(0, 1, 1, 3, 5, 5, 4, 3, 3, 0, 0, 1, 1, 2)
    found = agreement(a, b, 5)
    assert found is not None
    assert found.kappa == pytest.approx(0.880341880342, rel=1e-11)
    assert found.kappa == pytest.approx(cohens_kappa(found.confusion, wt="quadratic").kappa)


def test_balanced_accuracy_weighs_rare_damage_as_much_as_normal_sites() -> None:
    gold, read = grades(*[0] * 98, 3, 3), grades(*[0] * 100)
    found = agreement(gold, read, 4)
    assert found is not None
    assert (found.exact, found.balanced_accuracy) == (0.98, 0.5)


def test_each_patient_s_counts_add_up_to_those_of_any_sample() -> None:
    gold, read = samples_of_patients()
    rows = np.array([0, 0, 7, 12])
    parts = confusion_parts(gold, read, 5)
    assert parts[rows].sum(axis=0).tolist() == confusion_parts(gold[rows], read[rows], 5).sum(axis=0).tolist()
