"""A patient's total fitted for SC1: the weighted mean of |log2(total + 1) - log2(gold + 1)|, weights by the gold total.

What makes such a mean least, given what a model saw, is the weighted median of the totals that there may be. A sum of
expected grades is their mean: above the median where totals have a long tail, and for a healthy patient the small
probabilities of all 86 sites added up. So log2(total + 1) is fitted by weighted least absolute deviations, a linear
programme, from the logarithms of three sums: of expected grades, of the grades expected by their logarithm, and of
damaged sites.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from opensvh.evaluation.challenge import patient_weights, site_columns
from opensvh.evaluation.readout_sites import SiteValues, log_scores
from opensvh.evaluation.site_distributions import highest_grade

Array = NDArray[np.float64]
HIGHEST_TOTAL = float(sum(highest_grade(column) for column in site_columns()))
PENALTY = 0.002
"""Of the absolute coefficients, in units of SC1: few patients must not bend the sum far."""


@dataclass(frozen=True)
class TotalModel:
    """log2(total + 1) is that of the expected sum, corrected by `coefficients` of `_features`."""

    coefficients: Array

    @classmethod
    def fit(cls, values: SiteValues, gold: pd.DataFrame) -> "TotalModel":
        """From film sets and their gold scores, in the same order."""
        totals = gold[site_columns()].sum(axis=1).to_numpy(dtype=float)
        features = _features(values)
        return cls(least_absolute(features, np.log2(totals + 1) - features[:, 1], patient_weights(totals)))

    def totals(self, values: SiteValues) -> Array:
        """[film sets], 0 to 448."""
        features = _features(values)
        return np.clip(2 ** (features[:, 1] + features @ self.coefficients) - 1, 0, HIGHEST_TOTAL)


def least_absolute(features: Array, target: Array, weights: Array) -> Array:
    """Coefficients with the least weighted mean absolute error, all but the first slightly drawn to 0."""
    count, width = features.shape
    shares = weights / weights.sum()
    penalty = np.full(width, PENALTY)
    penalty[0] = 0.0
    # Coefficients and errors, each as a difference of two numbers that are not negative.
    costs = np.concatenate([penalty, penalty, shares, shares])
    equal = np.concatenate([features, -features, np.eye(count), -np.eye(count)], axis=1)
    solved = linprog(costs, A_eq=equal, b_eq=target, bounds=(0, None), method="highs")
    assert solved.x is not None  # large enough errors satisfy every such programme
    return np.asarray(solved.x[:width] - solved.x[width : 2 * width])


def _features(values: SiteValues) -> Array:
    """[film sets, 4]: 1 and log2(1 + sum) of expected grades, of grades expected by logarithm, of damaged sites."""
    sums = [each.sum(axis=1) for each in (values.expected, log_scores(values), values.damaged)]
    return np.stack([np.ones(len(sums[0])), *(np.log2(1 + each) for each in sums)], axis=1)
