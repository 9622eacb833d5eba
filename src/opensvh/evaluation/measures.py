"""The measures that predictions are compared by: one table, each with the sums that it is a figure of.

All are functions of sums over film sets, so that a difference of two predictions is paired sample by sample.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb
from opensvh.evaluation.agreement import balanced_accuracy_of, exact_of, kappa_of, within_one_of
from opensvh.evaluation.bootstrap import Figure
from opensvh.evaluation.challenge import score_of, site_columns
from opensvh.evaluation.paired_scores import bias_of, icc_agreement_of, icc_consistency_of, rmse_of
from opensvh.evaluation.pairing import Pairing

Parts = Callable[[Pairing], NDArray[np.float64]]
PARTS: dict[str, Limb | None] = {"all": None, "hand": Limb.HAND, "foot": Limb.FOOT}
SCORES = {"sc1": "totals", "sc2": "narrowing", "sc3": "erosion"}


@dataclass(frozen=True)
class Measure:
    """A figure of sums and where its sums come from; `label` as a table's row shows it."""

    label: str
    figure: Figure
    parts: Parts
    lower_is_better: bool


GRADE_LABELS = {
    "kappa": "weighted kappa",
    "exact": "exact agreement",
    "within_one": "within one grade",
    "balanced_accuracy": "balanced accuracy",
}
GRADE_FIGURES: dict[str, Figure] = {
    "kappa": kappa_of,
    "exact": exact_of,
    "within_one": within_one_of,
    "balanced_accuracy": balanced_accuracy_of,
}
"""Figures of confusion counts."""
SCORE_FIGURES: dict[str, Figure] = {"rmse": rmse_of, "bias": bias_of}
"""Figures of paired scores in their own unit."""


def _measures() -> Iterator[tuple[str, Measure]]:
    for score, meaning in SCORES.items():
        for part, limb in PARTS.items():
            label = f"{score.upper()} ({meaning})" if limb is None else f"{score.upper()}, {part}"
            yield f"{score}_{part}", Measure(label, score_of, _challenge(score, limb), True)
    for kind in Kind:
        yield f"rmse_{kind}", Measure(f"RMSE {kind}, grades", rmse_of, _sites(site_columns(kind)), True)
    yield "rmse_total", Measure("RMSE total, points", rmse_of, _totals, True)
    yield "icc_2_1_total", Measure("ICC(2,1) of totals", icc_agreement_of, _totals, False)
    yield "icc_3_1_total", Measure("ICC(3,1) of totals", icc_consistency_of, _totals, False)
    for limb in Limb:
        for kind in Kind:
            counts = _confusion(site_columns(kind, limb))
            for name, figure in GRADE_FIGURES.items():
                yield f"{name}_{limb}_{kind}", Measure(f"{GRADE_LABELS[name]}, {limb} {kind}", figure, counts, False)


def _challenge(score: str, limb: Limb | None) -> Parts:
    return lambda pairing: pairing.challenge_parts(score, limb)


def _sites(columns: list[str]) -> Parts:
    return lambda pairing: pairing.site_moments(columns)


def _totals(pairing: Pairing) -> NDArray[np.float64]:
    return pairing.total_moments(site_columns())


def _confusion(columns: list[str]) -> Parts:
    return lambda pairing: pairing.confusion(columns)


MEASURES: dict[str, Measure] = dict(_measures())
"""Name in the machine-readable file -> measure."""
