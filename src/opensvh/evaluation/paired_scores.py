"""Two readings of the same things in sums alone: bias, limits of agreement, RMSE, both ICCs, SDC, regression.

Each row of a table (a film set, or a person's change) gives its part in six sums: number, gold, predicted, both
squared, and their product. Every figure here is a function of the sums, so that samples of patients need one product
(`bootstrap.estimate`). Closed intervals are `icc`'s and `bland_altman`'s.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NORMAL_95, NORMAL_80 = 1.96, 1.28
"""Two-sided quantiles of the normal distribution, rounded as the field's papers do."""


def moments(gold: Array, predicted: Array) -> Array:
    """Each row's part [rows, 6] from scores [rows] or [rows, sites]; pairs with a NaN are left out."""
    known = ~(np.isnan(gold) | np.isnan(predicted))
    x, y = np.where(known, gold, 0.0), np.where(known, predicted, 0.0)
    parts = np.stack([known.astype(float), x, y, x * x, y * y, x * y], axis=-1)
    return parts if gold.ndim == 1 else np.asarray(parts.sum(axis=1))


def bias_of(sums: Array) -> Array:
    """Mean of predicted less gold, in units of the score."""
    return np.asarray((sums[:, 2] - sums[:, 1]) / sums[:, 0])


def rmse_of(sums: Array) -> Array:
    """Root of the mean squared difference."""
    return np.sqrt(np.maximum(_squares(sums), 0.0) / sums[:, 0])


def spread_of(sums: Array) -> Array:
    """Standard deviation of the differences (n - 1); NaN for fewer than two pairs."""
    n = sums[:, 0]
    centred = np.maximum(_squares(sums) - n * bias_of(sums) ** 2, 0.0)
    return np.sqrt(np.where(n > 1, centred / np.where(n > 1, n - 1, 1), np.nan))


def lower_limit_of(sums: Array) -> Array:
    """Lower 95 % limit of agreement (Bland and Altman 1986)."""
    return bias_of(sums) - NORMAL_95 * spread_of(sums)


def upper_limit_of(sums: Array) -> Array:
    """Upper 95 % limit of agreement."""
    return bias_of(sums) + NORMAL_95 * spread_of(sums)


def icc_agreement_of(sums: Array) -> Array:
    """ICC(2,1) of two readings; NaN where nothing varies."""
    n, between, error = sums[:, 0], _between(sums), spread_of(sums) ** 2 / 2
    reader = n * bias_of(sums) ** 2 / 2
    return _ratio(between - error, between + error + 2 * (reader - error) / n)


def icc_consistency_of(sums: Array) -> Array:
    """ICC(3,1) of two readings; NaN where nothing varies."""
    between, error = _between(sums), spread_of(sums) ** 2 / 2
    return _ratio(between - error, between + error)


def sdc_of(sums: Array) -> Array:
    """Smallest detectable change at 95 %, of sums of two readings' changes (Bruynesteyn, ARD 2005;64:179): k = 1.

    1.96 SD of the difference of the changes over the root of 2: what one of the two readings alone can tell from error.
    Where the mean of k readings is used, divide by the root of k.
    """
    return np.asarray(NORMAL_95 / np.sqrt(2) * spread_of(sums))


def sdc_80_of(sums: Array) -> Array:
    """The same at 80 %."""
    return np.asarray(NORMAL_80 / np.sqrt(2) * spread_of(sums))


def slope_of(sums: Array) -> Array:
    """Slope of gold on predicted: 1 where expectations are as spread as what they expect, below 1 where too spread."""
    n = sums[:, 0]
    return _ratio(sums[:, 5] - sums[:, 1] * sums[:, 2] / n, sums[:, 4] - sums[:, 2] ** 2 / n)


def intercept_of(sums: Array) -> Array:
    """Gold where the regression on predicted meets a prediction of 0."""
    return np.asarray((sums[:, 1] - slope_of(sums) * sums[:, 2]) / sums[:, 0])


def _squares(sums: Array) -> Array:
    return np.asarray(sums[:, 3] + sums[:, 4] - 2 * sums[:, 5])


def _between(sums: Array) -> Array:
    """Mean square between subjects, two readings each."""
    n, whole = sums[:, 0], sums[:, 1] + sums[:, 2]
    squared = sums[:, 3] + sums[:, 4] + 2 * sums[:, 5]
    return np.where(n > 1, (squared - whole**2 / n) / (2 * np.where(n > 1, n - 1, 1)), np.nan)


def _ratio(above: Array, below: Array) -> Array:
    usable = below > 1e-12
    return np.where(usable, above / np.where(usable, below, 1.0), np.nan)
