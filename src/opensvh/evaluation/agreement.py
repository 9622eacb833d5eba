"""Agreement of predicted and gold grades: weighted kappa, exact and within-one agreement, confusion, ICC.

Grades come in as whole numbers of one scale, paired and without gaps; `challenge` holds the errors of expectations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

Grades = NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """How two sets of grades of the same sites agree.

    `kappa` is quadratically weighted, None where one side holds a single grade (then kappa is undefined);
    `exact` and `within_one` are shares in [0, 1]; `confusion[g, p]` counts gold grade g read as p.
    """

    n: int
    kappa: float | None
    exact: float
    within_one: float
    confusion: NDArray[np.int64]


def agreement(gold: Grades, predicted: Grades, maximum: int) -> Agreement | None:
    """Agreement on a scale 0..maximum; None without pairs."""
    if len(gold) == 0:
        return None
    distance = np.abs(gold - predicted)
    return Agreement(
        n=len(gold),
        kappa=_weighted_kappa(gold, predicted, maximum),
        exact=float((distance == 0).mean()),
        within_one=float((distance <= 1).mean()),
        confusion=confusion(gold, predicted, maximum),
    )


def confusion(gold: Grades, predicted: Grades, maximum: int) -> NDArray[np.int64]:
    """Counts [gold grade, predicted grade] on a scale 0..maximum."""
    counts = np.zeros((maximum + 1, maximum + 1), dtype=np.int64)
    np.add.at(counts, (gold, predicted), 1)
    return counts


def to_grades(expected: NDArray[np.float64], maximum: int) -> Grades:
    """The whole grade nearest to each expectation, halves upwards, kept on the scale."""
    return np.clip(np.floor(expected + 0.5), 0, maximum).astype(np.int64)


def icc_agreement(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """ICC(2,1): two-way random effects, absolute agreement, single reading (Shrout and Fleiss 1979), of two readers.

    None for fewer than two subjects or where nothing varies.
    """
    scores = np.column_stack([first, second]).astype(float)
    n, k = scores.shape
    if n < 2:
        return None
    grand = scores.mean()
    between = k * ((scores.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    readers = n * ((scores.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    residual = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0, keepdims=True) + grand
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    whole = between + (k - 1) * error + k * (readers - error) / n
    return float((between - error) / whole) if whole > 0 else None


def _weighted_kappa(gold: Grades, predicted: Grades, maximum: int) -> float | None:
    if len(np.unique(gold)) < 2 or len(np.unique(predicted)) < 2:
        return None
    return float(cohen_kappa_score(gold, predicted, labels=list(range(maximum + 1)), weights="quadratic"))
