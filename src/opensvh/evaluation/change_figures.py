"""Statistics of change between two visits, as plain values: agreement, smallest detectable change, who progressed."""

from typing import Any

import numpy as np

from opensvh.evaluation.bootstrap import Resamples, estimate, estimates
from opensvh.evaluation.paired_scores import moments, sdc_80_of, sdc_of
from opensvh.evaluation.pairing import Pairing
from opensvh.evaluation.progression import Progression, progression
from opensvh.evaluation.sum_figures import sum_figures

Figures = dict[str, Any]
LEAST_PERSONS = 3
"""Below this number of changes nothing is said of them."""


def change_figures(pairing: Pairing, threshold: float | None = None) -> Figures | None:
    """None without visits or with fewer than `LEAST_PERSONS` persons who have two."""
    change = pairing.change()
    if len(change) < LEAST_PERSONS:
        return None
    resamples = Resamples(list(change.index), pairing.resamples.draws, pairing.resamples.seed, pairing.resamples.level)
    gold, predicted = change.to_numpy(dtype=float).T
    parts = moments(gold, predicted)
    detectable = estimate(sdc_of, parts, resamples)
    used = threshold if threshold is not None else (detectable.value if detectable else 0.0)
    return {
        **(sum_figures(gold, predicted, resamples) or {}),
        "persons": len(change),
        "mean": {name: float(np.mean(change[name])) for name in change},
        "sdc": detectable and detectable.plain(),
        **estimates({"sdc_80": sdc_80_of}, parts, resamples),
        "progression": _progression_figures(progression(change, used, resamples), threshold is not None),
        "by_person": {
            str(person): list(map(float, row)) for person, row in zip(change.index, change.to_numpy(), strict=True)
        },
    }


def _progression_figures(found: Progression, given: bool) -> Figures:
    return {
        "threshold": found.threshold,
        "threshold_is": "given" if given else "smallest detectable change",
        "progressed": found.progressed,
        "stayed": found.stayed,
        "auc": found.auc and found.auc.plain(),
        "sensitivity": found.sensitivity,
        "specificity": found.specificity,
    }
