"""Confidence intervals by resampling patients; joints and films of one patient always stay together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """A figure with its percentile interval; `draws` samples gave a figure."""

    value: float
    low: float
    high: float
    draws: int


def patient_interval(
    statistic: Callable[[NDArray[np.int64]], float | None],
    n_patients: int,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
) -> Interval | None:
    """The statistic over all patients, and its interval over `draws` samples of `n_patients` with replacement.

    `statistic` takes row numbers of patients and may answer None where a sample allows no figure; None where the
    whole group allows none.
    """
    value = statistic(np.arange(n_patients))
    if value is None:
        return None
    rng = np.random.default_rng(seed)
    figures = [statistic(rng.integers(0, n_patients, n_patients)) for _ in range(draws)]
    known = np.array([figure for figure in figures if figure is not None])
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail]) if len(known) else (value, value)
    return Interval(value, float(low), float(high), len(known))
