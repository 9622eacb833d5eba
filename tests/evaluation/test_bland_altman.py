"""Limits of agreement against statsmodels, the formulas written out, and simulated coverage."""

import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from opensvh.evaluation.bland_altman import bland_altman


def test_bias_and_its_interval_are_statsmodels_() -> None:
    rng = np.random.default_rng(0)
    gold = rng.gamma(1.0, 20, 35)
    predicted = gold + rng.normal(1, 4, 35)
    found, oracle = bland_altman(gold, predicted), DescrStatsW(predicted - gold)
    assert found is not None
    assert (found.bias, found.sd) == pytest.approx((oracle.mean, oracle.std_ddof(1)))
    assert found.bias_interval == pytest.approx(oracle.tconfint_mean())


def test_limits_are_1_96_sd_from_the_bias_and_their_error_is_bland_and_altman_s() -> None:
    gold, predicted = np.zeros(5), np.array([-2.0, -1, 0, 1, 2])
    found = bland_altman(gold, predicted)
    assert found is not None
    sd, t_of_4 = np.sqrt(2.5), 2.7764451
    assert (found.lower, found.upper) == pytest.approx((-1.96 * sd, 1.96 * sd))
    half = t_of_4 * sd * np.sqrt(1 / 5 + 1.96**2 / 8)
    assert found.upper_interval == pytest.approx((1.96 * sd - half, 1.96 * sd + half))
    assert found.lower_interval == pytest.approx((-1.96 * sd - half, -1.96 * sd + half))


def test_a_prediction_that_falls_short_of_damage_shows_in_the_trend() -> None:
    gold = np.linspace(0, 100, 21)
    short = bland_altman(gold, 0.5 * gold)
    assert short is not None
    # Difference -0.5 g on mean 0.75 g.
    assert short.trend == pytest.approx(-2 / 3)
    assert bland_altman(gold[:1], gold[:1]) is None


@pytest.mark.slow
def test_intervals_cover_bias_and_limit_as_often_as_promised() -> None:
    rng, covered, none = np.random.default_rng(1), np.zeros(2), np.zeros(40)
    for _ in range(1500):
        found = bland_altman(none, rng.normal(1, 3, 40))
        assert found is not None
        covered += [
            found.bias_interval[0] <= 1 <= found.bias_interval[1],
            found.upper_interval[0] <= 1 + 1.96 * 3 <= found.upper_interval[1],
        ]
    # Four standard errors of 1,500 trials; the limits' error is an approximation.
    assert covered / 1500 == pytest.approx([0.95, 0.95], abs=0.025)
