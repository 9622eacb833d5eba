"""Intraclass correlations of readers who all read the same subjects, with the intervals of their F distributions.

Sources: Shrout and Fleiss, Psychol Bull 1979;86:420 (the names ICC(2,1) and ICC(3,1)); McGraw and Wong, Psychol Methods
1996;1:30, table 7 (the intervals of single readings). Intervals by resampling patients are `bootstrap`'s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bounds = tuple[float, float]


@dataclass(frozen=True)
class MeanSquares:
    """The two-way table's mean squares between subjects, between readers, and of error, in squared units."""

    subjects: int
    readers: int
    between: float
    reader: float
    error: float


def mean_squares(scores: NDArray[np.float64]) -> MeanSquares | None:
    """From scores [subjects, readers] without gaps; None for fewer than two of either."""
    n, k = scores.shape
    if n < 2 or k < 2:
        return None
    grand, rows, columns = scores.mean(), scores.mean(axis=1, keepdims=True), scores.mean(axis=0, keepdims=True)
    return MeanSquares(
        subjects=n,
        readers=k,
        between=float(k * ((rows - grand) ** 2).sum() / (n - 1)),
        reader=float(n * ((columns - grand) ** 2).sum() / (k - 1)),
        error=float(((scores - rows - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))),
    )


def icc_2_1(squares: MeanSquares) -> float | None:
    """ICC(2,1): two-way random effects, absolute agreement, single reading; None where nothing varies."""
    n, k = squares.subjects, squares.readers
    whole = squares.between + (k - 1) * squares.error + k * (squares.reader - squares.error) / n
    return (squares.between - squares.error) / whole if whole > 0 else None


def icc_3_1(squares: MeanSquares) -> float | None:
    """ICC(3,1): two-way mixed effects, consistency, single reading; None where nothing varies within the readers."""
    whole = squares.between + (squares.readers - 1) * squares.error
    return (squares.between - squares.error) / whole if whole > 0 else None


def icc_2_1_interval(squares: MeanSquares, level: float = 0.95) -> Bounds | None:
    """Interval of ICC(2,1) by Satterthwaite's degrees of freedom; None where there is no error to measure by."""
    from scipy.stats import f

    icc, n, k = icc_2_1(squares), squares.subjects, squares.readers
    if icc is None or squares.error <= 0 or icc >= 1:
        return None
    reader = k * icc / (n * (1 - icc)) * squares.reader
    error = (1 + k * icc * (n - 1) / (n * (1 - icc))) * squares.error
    freedom = (reader + error) ** 2 / (reader**2 / (k - 1) + error**2 / ((n - 1) * (k - 1)))
    tail, within = 1 - (1 - level) / 2, k * squares.reader + (k * n - k - n) * squares.error
    lower, upper = f.ppf(tail, n - 1, freedom), f.ppf(tail, freedom, n - 1)
    return (
        float(n * (squares.between - lower * squares.error) / (lower * within + n * squares.between)),
        float(n * (upper * squares.between - squares.error) / (within + n * upper * squares.between)),
    )


def icc_3_1_interval(squares: MeanSquares, level: float = 0.95) -> Bounds | None:
    """Exact interval of ICC(3,1) for normal subjects and errors; None where there is no error to measure by."""
    from scipy.stats import f

    n, k = squares.subjects, squares.readers
    if squares.error <= 0:
        return None
    ratio, tail = squares.between / squares.error, 1 - (1 - level) / 2
    lower = ratio / f.ppf(tail, n - 1, (n - 1) * (k - 1))
    upper = ratio * f.ppf(tail, (n - 1) * (k - 1), n - 1)
    return float((lower - 1) / (lower + k - 1)), float((upper - 1) / (upper + k - 1))
