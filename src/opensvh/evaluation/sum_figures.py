"""Agreement of sums in points, as plain values: RMSE, both ICCs, Bland and Altman; closed and bootstrap intervals."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.bland_altman import bland_altman
from opensvh.evaluation.bootstrap import Figure, Resamples, estimates
from opensvh.evaluation.icc import icc_2_1_interval, icc_3_1_interval, mean_squares
from opensvh.evaluation.paired_scores import (
    icc_agreement_of,
    icc_consistency_of,
    lower_limit_of,
    moments,
    rmse_of,
    upper_limit_of,
)

Figures = dict[str, Any]
_FIGURES: dict[str, Figure] = {
    "rmse": rmse_of,
    "icc_2_1": icc_agreement_of,
    "icc_3_1": icc_consistency_of,
    "lower": lower_limit_of,
    "upper": upper_limit_of,
}
_F_INTERVALS = {"icc_2_1": icc_2_1_interval, "icc_3_1": icc_3_1_interval}


def sum_figures(gold: NDArray[np.float64], predicted: NDArray[np.float64], resamples: Resamples) -> Figures | None:
    """From paired sums [rows], NaN in both where there is none; None without any pair."""
    known = ~(np.isnan(gold) | np.isnan(predicted))
    if not known.any():
        return None
    squares = mean_squares(np.column_stack([gold, predicted])[known])
    limits = bland_altman(gold[known], predicted[known], resamples.level)
    found = estimates(_FIGURES, moments(gold, predicted), resamples)
    for name, bounds in _F_INTERVALS.items():
        if (each := found[name]) is not None and squares is not None:
            each["f_interval"] = bounds(squares, resamples.level)
    resampled = {name: found.pop(name) for name in ("lower", "upper")}
    return {"n": int(known.sum()), **found, "bland_altman": limits and asdict(limits) | {"bootstrap": resampled}}
