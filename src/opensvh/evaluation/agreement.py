"""Agreement of predicted and gold grades: weighted kappa, exact and within-one agreement, balanced accuracy, confusion.

Grades come in as whole numbers of one scale, paired and without gaps; `challenge` holds the errors of expectations.
Every figure here is one of confusion counts, so that samples of patients need only be counted again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.icc import icc_2_1, mean_squares

Grades = NDArray[np.int64]
Scores = NDArray[np.float64]
Counts = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """How two sets of grades of the same sites agree.

    `kappa` is quadratically weighted, None where one side holds a single grade (then kappa is undefined);
    `exact` and `within_one` are shares in [0, 1], `balanced_accuracy` the mean share read exactly over the gold grades
    that occur; `confusion[g, p]` counts gold grade g read as p.
    """

    n: int
    kappa: float | None
    exact: float
    within_one: float
    balanced_accuracy: float
    confusion: NDArray[np.int64]


def agreement(gold: Grades, predicted: Grades, maximum: int) -> Agreement | None:
    """Agreement on a scale 0..maximum; None without pairs."""
    if len(gold) == 0:
        return None
    counts = confusion(gold, predicted, maximum)
    kappa = float(kappa_of(counts[None])[0])
    return Agreement(
        n=len(gold),
        kappa=None if np.isnan(kappa) else kappa,
        exact=float(exact_of(counts[None])[0]),
        within_one=float(within_one_of(counts[None])[0]),
        balanced_accuracy=float(balanced_accuracy_of(counts[None])[0]),
        confusion=counts,
    )


def confusion_parts(gold: Scores, predicted: Scores, maximum: int) -> Scores:
    """Confusion counts of each patient [patients, gold, predicted] from scores [patients, sites], NaN left out."""
    known = ~(np.isnan(gold) | np.isnan(predicted))
    counts = np.zeros((len(gold), maximum + 1, maximum + 1))
    rows = np.nonzero(known)[0]
    np.add.at(counts, (rows, to_grades(gold[known], maximum), to_grades(predicted[known], maximum)), 1.0)
    return counts


def kappa_of(counts: Counts) -> Scores:
    """Quadratically weighted kappa of each sample's counts [samples, gold, predicted] (Cohen 1968).

    NaN where one side holds a single grade: then kappa is undefined.
    """
    gold, read, n = counts.sum(axis=2), counts.sum(axis=1), counts.sum(axis=(1, 2))
    grades = np.arange(counts.shape[-1])
    apart = (grades[:, None] - grades[None, :]) ** 2
    observed = (counts * apart).sum(axis=(1, 2)) / n
    expected = np.einsum("sg,sp,gp->s", gold, read, apart) / n**2
    varied = ((gold > 0).sum(axis=1) > 1) & ((read > 0).sum(axis=1) > 1)
    return np.where(varied, 1 - observed / np.where(varied, expected, 1.0), np.nan)


def exact_of(counts: Counts) -> Scores:
    """Share of sites read at the gold grade, of each sample."""
    return np.asarray(np.trace(counts, axis1=1, axis2=2) / counts.sum(axis=(1, 2)))


def within_one_of(counts: Counts) -> Scores:
    """Share of sites read within one grade of gold, of each sample."""
    grades = np.arange(counts.shape[-1])
    near = np.abs(grades[:, None] - grades[None, :]) <= 1
    return np.asarray((counts * near).sum(axis=(1, 2)) / counts.sum(axis=(1, 2)))


def balanced_accuracy_of(counts: Counts) -> Scores:
    """Mean over the gold grades that occur of the share read exactly, of each sample."""
    gold = counts.sum(axis=2)
    recall = np.diagonal(counts, axis1=1, axis2=2) / np.where(gold > 0, gold, 1.0)
    return np.asarray(recall.sum(axis=1) / (gold > 0).sum(axis=1))


def confusion(gold: Grades, predicted: Grades, maximum: int) -> NDArray[np.int64]:
    """Counts [gold grade, predicted grade] on a scale 0..maximum."""
    counts = np.zeros((maximum + 1, maximum + 1), dtype=np.int64)
    np.add.at(counts, (gold, predicted), 1)
    return counts


def to_grades(expected: NDArray[np.float64], maximum: int) -> Grades:
    """The whole grade nearest to each expectation, halves upwards, kept on the scale."""
    return np.clip(np.floor(expected + 0.5), 0, maximum).astype(np.int64)


def icc_agreement(first: Scores, second: Scores) -> float | None:
    """ICC(2,1): two-way random effects, absolute agreement, single reading (Shrout and Fleiss 1979), of two readers.

    None for fewer than two subjects or where nothing varies.
    """
    squares = mean_squares(np.column_stack([first, second]).astype(float))
    return None if squares is None else icc_2_1(squares)
