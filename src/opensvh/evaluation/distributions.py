"""How the same figures differ between two sets: medians, spread, standardised difference and Kolmogorov-Smirnov."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp

IQR_PER_SD = 1.349
"""Interquartile range of a normal distribution of SD 1."""
FEWEST = 4
"""Samples smaller than this are not compared."""
FACTS = ("film", "limb", "class", "site")
"""Columns that say what was measured; all others are figures."""


@dataclass(frozen=True)
class Spread:
    """Size, median and quartiles of a sample."""

    n: int
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "Spread":
        low, median, high = (float(value) for value in np.quantile(values, (0.25, 0.5, 0.75)))
        return cls(len(values), median, low, high)


@dataclass(frozen=True)
class Difference:
    """One figure of one class of joints or bones: simulated less real, in robust SD; KS statistic and its p."""

    limb: str
    group: str
    measure: str
    real: Spread
    simulated: Spread
    difference: float
    ks: float
    p: float


def differences(real: pd.DataFrame, simulated: pd.DataFrame) -> list[Difference]:
    """Every figure of every class that both tables have, the largest difference first; see `FACTS` for the columns."""
    found = []
    for (limb, group), members in real.groupby(["limb", "class"], sort=False):
        others = simulated[(simulated["limb"] == limb) & (simulated["class"] == group)]
        for measure in (column for column in real.columns if column not in FACTS and column in others):
            compared = _compared(members[measure], others[measure])
            if compared is not None:
                found.append(Difference(str(limb), str(group), str(measure), *compared))
    return sorted(found, key=lambda each: -abs(each.difference))


def _compared(real: Iterable[float], simulated: Iterable[float]) -> tuple[Spread, Spread, float, float, float] | None:
    """The difference of the medians over the pooled robust SD (mean of both interquartile ranges over 1.349), so that
    single mismeasured joints do not count; None where either sample has fewer than `FEWEST`."""
    a, b = (_finite(values) for values in (real, simulated))
    if min(len(a), len(b)) < FEWEST:
        return None
    one, other = Spread.of(a), Spread.of(b)
    sd = ((one.high - one.low) + (other.high - other.low)) / 2 / IQR_PER_SD
    test = ks_2samp(a, b)
    difference = (other.median - one.median) / sd if sd > 0 else 0.0
    return one, other, float(difference), float(test.statistic), float(test.pvalue)


def _finite(values: Iterable[float]) -> NDArray[np.float64]:
    listed = np.array(list(values), dtype=np.float64)
    return np.asarray(listed[np.isfinite(listed)])
