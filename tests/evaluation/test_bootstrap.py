"""Intervals cover the truth as often as they promise, and are the same for the same seed."""

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.bootstrap import patient_interval


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
