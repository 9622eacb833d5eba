"""Limits of agreement of two readings, with the closed intervals of bias and limits.

Sources: Bland and Altman, Lancet 1986;1:307, and Stat Methods Med Res 1999;8:135, section 2.4 (the standard error of a
limit). The same figures by resampling patients are `paired_scores`' with `bootstrap`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.paired_scores import NORMAL_95

Bounds = tuple[float, float]


@dataclass(frozen=True)
class BlandAltman:
    """Predicted less gold: `bias`, `sd`, the 95 % limits, each with its 95 % interval, in units of the score.

    `trend` is the slope of difference on mean: other than 0 where the two drift apart with damage.
    """

    n: int
    bias: float
    sd: float
    lower: float
    upper: float
    bias_interval: Bounds
    lower_interval: Bounds
    upper_interval: Bounds
    trend: float | None


def bland_altman(gold: NDArray[np.float64], predicted: NDArray[np.float64], level: float = 0.95) -> BlandAltman | None:
    """From paired readings without gaps; None for fewer than two."""
    from scipy.stats import t

    n = len(gold)
    if n < 2:
        return None
    difference, mean = predicted - gold, (predicted + gold) / 2
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    quantile = float(t.ppf(1 - (1 - level) / 2, n - 1))
    half = quantile * sd / n**0.5
    half_limit = quantile * sd * (1 / n + NORMAL_95**2 / (2 * (n - 1))) ** 0.5
    lower, upper = bias - NORMAL_95 * sd, bias + NORMAL_95 * sd
    return BlandAltman(
        n=n,
        bias=bias,
        sd=sd,
        lower=lower,
        upper=upper,
        bias_interval=(bias - half, bias + half),
        lower_interval=(lower - half_limit, lower + half_limit),
        upper_interval=(upper - half_limit, upper + half_limit),
        trend=_slope(mean, difference),
    )


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    spread = ((x - x.mean()) ** 2).sum()
    return float(((x - x.mean()) * (y - y.mean())).sum() / spread) if spread > 0 else None
