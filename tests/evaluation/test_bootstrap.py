"""Intervals cover the truth as often as they promise, and are the same for the same seed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.evaluation.agreement import confusion_parts, kappa_of
from opensvh.evaluation.bootstrap import Resamples, estimate, estimates, paired_difference, patient_interval


def test_intervals_cover_the_true_mean_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        values = rng.normal(10, 3, 40)
        interval = patient_interval(lambda rows, values=values: float(values[rows].mean()), 40, trial, 200, level=0.9)
        assert interval is not None
        covered += interval.low <= 10 <= interval.high
    # Four standard errors of 200 trials around 0.9, less the percentile method's small shortfall at n = 40.
    assert 0.80 <= covered / 200 <= 0.98


def test_the_width_is_that_of_the_mean_s_standard_error() -> None:
    values = np.random.default_rng(1).normal(0, 2, 400)
    interval = patient_interval(lambda rows: float(values[rows].mean()), 400, seed=0)
    assert interval is not None
    assert abs((interval.high - interval.low) / (2 * 1.96 * 2 / 20) - 1) < 0.15
    assert interval.value == values.mean()


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(30.0)

    def mean(rows: NDArray[np.int64]) -> float:
        return float(values[rows].mean())

    assert patient_interval(mean, 30, seed=5, draws=50) == patient_interval(mean, 30, seed=5, draws=50)
    assert patient_interval(mean, 30, seed=5, draws=50) != patient_interval(mean, 30, seed=6, draws=50)


def test_samples_without_a_figure_are_left_out_and_counted() -> None:
    def only_with_first(rows: NDArray[np.int64]) -> float | None:
        return 1.0 if 0 in rows else None

    interval = patient_interval(only_with_first, 3, seed=0, draws=300)
    assert interval is not None
    # A patient is drawn at least once with probability 1 - (2/3)^3 = 0.704.
    assert 0.6 < interval.draws / 300 < 0.8
    assert patient_interval(lambda rows: None, 3, seed=0) is None


def mean_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(sums[:, 0] / sums[:, 1])


def mean_parts(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([values, np.ones_like(values)], axis=1)


def people(number: int, draws: int = 1000, seed: int = 0) -> Resamples:
    return Resamples([f"P{person}" for person in range(number)], draws, seed)


def test_both_ways_of_resampling_give_the_same_interval() -> None:
    values = np.random.default_rng(1).gamma(1.0, 3, 150)
    by_sums = estimate(mean_of, mean_parts(values), people(150, draws=4000))
    by_rows = patient_interval(lambda rows: float(values[rows].mean()), 150, seed=1, draws=4000)
    assert by_sums is not None
    assert by_rows is not None
    assert by_sums.value == pytest.approx(by_rows.value)
    assert (by_sums.low, by_sums.high) == pytest.approx((by_rows.low, by_rows.high), rel=0.01)


def test_visits_of_one_person_are_drawn_together() -> None:
    """Twice the same visit adds nothing: the interval is that of the persons, not of twice as many."""
    values = np.random.default_rng(2).normal(0, 1, 60)
    persons = [f"P{person}" for person in range(60)]
    once = estimate(mean_of, mean_parts(values), Resamples(persons))
    twice = estimate(mean_of, mean_parts(np.tile(values, 2)), Resamples(persons * 2))
    assert once is not None
    assert twice is not None
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))


def test_one_person_has_a_figure_and_no_interval() -> None:
    found = estimates({"mean": mean_of}, mean_parts(np.array([2.0, 4.0])), Resamples(["A", "A"]))
    assert found == {"mean": {"value": 3.0, "low": None, "high": None}}
    alone = mean_parts(np.array([2.0, 4.0, 9.0])) * np.array([[1], [0], [0]])
    assert estimates({"mean": mean_of}, alone, people(3)) == {"mean": {"value": 2.0, "low": None, "high": None}}
    assert estimates({"mean": mean_of}, np.zeros((0, 2)), Resamples([])) == {"mean": None}
    assert estimate(mean_of, np.zeros((3, 2)), people(3)) is None


def test_a_paired_difference_is_far_narrower_than_two_intervals() -> None:
    rng = np.random.default_rng(3)
    first = rng.gamma(1.0, 10, 100)
    second = first + rng.normal(0.5, 0.5, 100)
    found = paired_difference(mean_of, mean_parts(first), mean_parts(second), people(100), lower_is_better=True)
    alone = estimate(mean_of, mean_parts(first), people(100))
    assert found is not None
    assert alone is not None
    assert found.interval.high < 0
    assert (found.interval.high - found.interval.low) * 5 < alone.high - alone.low
    assert (found.wins, found.losses) == (1000, 0)
    assert found.bayes_factor == float("inf")


def test_bayes_factor_is_won_samples_over_lost_ones_whoever_is_first() -> None:
    rng = np.random.default_rng(5)
    first = rng.normal(0, 1, 50)
    second = first + rng.normal(0.1, 1, 50)
    parts = mean_parts(first), mean_parts(second)
    one = paired_difference(mean_of, *parts, people(50), lower_is_better=True)
    other = paired_difference(mean_of, *reversed(parts), people(50), lower_is_better=True)
    assert one is not None
    assert other is not None
    assert (one.wins, one.losses) == (other.losses, other.wins)
    assert one.wins + one.losses == 1000
    assert one.bayes_factor == other.bayes_factor == max(one.wins, one.losses) / min(one.wins, one.losses)


def test_the_same_prediction_twice_is_an_even_match() -> None:
    parts = mean_parts(np.arange(20.0))
    found = paired_difference(mean_of, parts, parts, people(20), lower_is_better=False)
    assert found is not None
    assert (found.interval.value, found.wins, found.losses, found.bayes_factor) == (0.0, 500.0, 500.0, 1.0)


@pytest.mark.slow
def test_the_interval_of_kappa_covers_the_true_kappa_of_a_large_cohort() -> None:
    """300 studies of 60 patients with 10 sites whose errors go together within a patient."""

    def cohort(number: int, seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        gold = rng.binomial(4, rng.beta(0.5, 1.5, (number, 1)), (number, 10)).astype(float)
        read = np.clip(np.round(gold + rng.normal(0, 0.4, (number, 1)) + rng.normal(0, 0.6, gold.shape)), 0, 4)
        return confusion_parts(gold, read, 4)

    truth = kappa_of(cohort(40_000, 0).sum(axis=0)[None])[0]
    covered = 0
    for trial in range(300):
        found = estimate(kappa_of, cohort(60, trial + 1), people(60, 400, trial))
        assert found is not None
        covered += found.low <= truth <= found.high
    # Four standard errors of 300 trials around 0.95, less the percentile method's shortfall at n = 60.
    assert 0.88 <= covered / 300 <= 0.99
