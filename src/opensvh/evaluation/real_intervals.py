"""Figures over films of several persons as plain values, each with an interval over persons, whose films stay together.

Sampling is `bootstrap`'s.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.bootstrap import Interval, patient_interval

Values = NDArray[np.float64]
Figures = dict[str, Any]

DRAWS, SEED = 500, 0


def by_person(persons: Sequence[str], values: Values) -> list[Values]:
    """The rows of `values` [n] or [n, k] of each person, persons in order of their names."""
    names = np.array(persons)
    return [values[names == person] for person in sorted(set(persons))]


def share(persons: Sequence[str], hits: Sequence[bool] | NDArray[np.bool_]) -> Figures | None:
    """The share of rows that hit."""
    return mean(persons, np.asarray(hits, dtype=float))


def mean(persons: Sequence[str], values: Values) -> Figures | None:
    """The mean of all rows; None without any."""
    groups = by_person(persons, values)
    sums, counts = np.array([group.sum() for group in groups]), np.array([len(group) for group in groups])
    return interval(len(groups), lambda rows: float(sums[rows].sum() / counts[rows].sum()))


def median(persons: Sequence[str], values: Values) -> Figures | None:
    """The median of all rows, None where half of them are infinite."""
    groups = by_person(persons, values)
    return interval(len(groups), lambda rows: lower_median(np.concatenate([groups[row] for row in rows])))


def lower_median(values: Values) -> float | None:
    """The lower middle, not the mean of two: half an infinity would hide a found joint."""
    at = (len(values) - 1) // 2
    middle = float(np.partition(values, at)[at])
    return middle if math.isfinite(middle) else None


def interval(persons: int, statistic: Callable[[NDArray[np.int64]], float | None]) -> Figures | None:
    """`value`, `low` and `high` of a statistic of the chosen persons; None where there is no value."""
    return _plain(patient_interval(statistic, persons, SEED, DRAWS)) if persons else None


def _plain(figure: Interval | None) -> Figures | None:
    return None if figure is None else {"value": figure.value, "low": figure.low, "high": figure.high}
