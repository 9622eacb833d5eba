"""Every figure of the six sums equals what it is by its own definition, and by statsmodels and scipy."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import linregress

from opensvh.evaluation import paired_scores
from opensvh.evaluation.icc import icc_2_1, icc_3_1, mean_squares
from opensvh.evaluation.paired_scores import moments


def pairs(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    gold = rng.gamma(1.0, 20, n)
    return gold, gold * 0.9 + rng.normal(2, 5, n)


def of_sums(name: str, gold: np.ndarray, predicted: np.ndarray) -> float:
    return float(getattr(paired_scores, name)(moments(gold, predicted).sum(axis=0)[None])[0])


def test_iccs_are_those_of_the_mean_squares() -> None:
    gold, predicted = pairs()
    squares = mean_squares(np.column_stack([gold, predicted]))
    assert squares is not None
    assert of_sums("icc_agreement_of", gold, predicted) == pytest.approx(icc_2_1(squares))
    assert of_sums("icc_consistency_of", gold, predicted) == pytest.approx(icc_3_1(squares))


def test_bias_spread_limits_and_rmse_by_definition() -> None:
    gold, predicted = pairs()
    apart = predicted - gold
    assert of_sums("bias_of", gold, predicted) == pytest.approx(apart.mean())
    assert of_sums("spread_of", gold, predicted) == pytest.approx(apart.std(ddof=1))
    assert of_sums("lower_limit_of", gold, predicted) == pytest.approx(apart.mean() - 1.96 * apart.std(ddof=1))
    assert of_sums("upper_limit_of", gold, predicted) == pytest.approx(apart.mean() + 1.96 * apart.std(ddof=1))
    assert of_sums("rmse_of", gold, predicted) == pytest.approx(np.sqrt((apart**2).mean()))


def test_regression_is_that_of_statsmodels_and_scipy() -> None:
    gold, predicted = pairs()
    intercept, slope = sm.OLS(gold, sm.add_constant(predicted)).fit().params
    assert of_sums("slope_of", gold, predicted) == pytest.approx(slope)
    assert of_sums("intercept_of", gold, predicted) == pytest.approx(intercept)
    assert of_sums("slope_of", gold, predicted) == pytest.approx(linregress(predicted, gold).slope)


def test_detectable_change_of_two_readings_is_1_96_sd_over_the_root_of_two() -> None:
    # Differences of changes -2, 0, 2: SD 2.
    gold, predicted = np.array([0.0, 5, 1]), np.array([-2.0, 5, 3])
    assert of_sums("sdc_of", gold, predicted) == pytest.approx(1.96 * 2 / np.sqrt(2))
    assert of_sums("sdc_80_of", gold, predicted) == pytest.approx(1.28 * 2 / np.sqrt(2))


def test_gaps_are_left_out_in_pairs() -> None:
    gold, predicted = pairs()
    gappy_gold, gappy = np.append(gold, [np.nan, 4.0]), np.append(predicted, [3.0, np.nan])
    assert of_sums("rmse_of", gappy_gold, gappy) == pytest.approx(of_sums("rmse_of", gold, predicted))
    by_site = moments(gold.reshape(10, 4), predicted.reshape(10, 4))
    assert by_site.shape == (10, 6)
    assert by_site.sum(axis=0) == pytest.approx(moments(gold, predicted).sum(axis=0))


def test_one_pair_has_no_spread_and_no_icc() -> None:
    one = np.array([3.0])
    assert np.isnan(of_sums("spread_of", one, one + 1))
    assert np.isnan(of_sums("icc_agreement_of", one, one + 1))
    assert of_sums("bias_of", one, one + 1) == 1
