"""Every statistic of a prediction against gold as plain values that JSON can hold, and of two predictions' difference.

Puts together what the modules beside it measure; the words of a page are `reporting`'s. A figure with its interval is
`{"value", "low", "high"}`, or None where there is nothing to take it of.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.bootstrap import PairedDifference, estimate, estimates, paired_difference
from opensvh.evaluation.calibration_figures import calibration_figures
from opensvh.evaluation.challenge import example_rmse, score_of, site_columns
from opensvh.evaluation.change_figures import change_figures
from opensvh.evaluation.measures import GRADE_FIGURES, MEASURES, SCORE_FIGURES, SCORES
from opensvh.evaluation.pairing import Pairing
from opensvh.evaluation.subgroups import by_severity, columns_by_site, site_groups
from opensvh.evaluation.sum_figures import sum_figures

Figures = dict[str, Any]
TIE_BELOW = 3.0
"""Two entries whose Bayes factor is below this are tied, by the challenge's rule."""

TOTALS: dict[str, tuple[Kind | None, Limb | None]] = {
    "total": (None, None),
    "narrowing": (Kind.NARROWING, None),
    "erosion": (Kind.EROSION, None),
    "hands": (None, Limb.HAND),
    "feet": (None, Limb.FOOT),
}
"""The sums of a film set whose agreement is measured."""


def statistics(pairing: Pairing, threshold: float | None = None) -> Figures:
    """All statistics of one prediction; `threshold` in points of change, else the smallest detectable."""
    figures: Figures = {
        "film_sets": len(pairing.gold.table),
        "persons": len(set(pairing.resamples.persons)),
        "left_out": _left_out(pairing),
        "measures": _measures(pairing),
        "example_rmse": {kind.value: example_rmse(pairing.gold.table, pairing.predicted.table, kind) for kind in Kind},
        "totals": {
            name: sum_figures(*pairing.totals(site_columns(*which)), pairing.resamples)
            for name, which in TOTALS.items()
        },
        "groups": [_group_row(pairing, *key, columns) for key, columns in site_groups().items()],
        "severity": _severity_rows(pairing),
        "sites": [_group_row(pairing, *key, columns) for key, columns in columns_by_site().items()],
        "columns": _column_rows(pairing),
        "calibration": calibration_figures(pairing),
    }
    change = change_figures(pairing, threshold)
    return figures | ({"change": change} if change else {})


def difference_figures(first: Pairing, second: Pairing) -> Figures:
    """Of two predictions against one gold: each measure of the first less that of the second, and who wins the samples.

    The challenge's tie rule: the better one's won samples over its lost ones is the Bayes factor, below 3 is a tie. The
    factor is None where no sample was lost.
    """
    rows: Figures = {}
    for name, measure in MEASURES.items():
        parts = measure.parts(first), measure.parts(second)
        found = paired_difference(measure.figure, *parts, first.resamples, measure.lower_is_better)
        rows[name] = found and _difference_row(found)
    return rows


def _difference_row(found: PairedDifference) -> Figures:
    factor = found.bayes_factor
    return {
        **found.interval.plain(),
        "first_wins": found.wins,
        "second_wins": found.losses,
        "bayes_factor": factor if np.isfinite(factor) else None,
        "tied": factor < TIE_BELOW,
    }


def _measures(pairing: Pairing) -> Figures:
    found = {name: estimate(each.figure, each.parts(pairing), pairing.resamples) for name, each in MEASURES.items()}
    return {name: each and each.plain() for name, each in found.items()}


def _column_rows(pairing: Pairing) -> list[Figures]:
    """One row for each of the 86 columns."""
    return [
        {"column": column, "side": side.value, **_group_row(pairing, site.name, site.limb, kind, [column])}
        for column, (side, site, kind) in RA2_SITE_COLUMNS.items()
    ]


def _severity_rows(pairing: Pairing) -> list[Figures]:
    """Patients by gold total: the challenge's scores, RMSE and bias of the total, of narrowing and of erosion sites."""
    rows = []
    for severity, chosen in by_severity(pairing.gold_sums).items():
        row: Figures = {"severity": severity, "film_sets": int(chosen.sum())}
        for score in SCORES:
            parts = _kept(pairing.challenge_parts(score, None), chosen)
            row |= estimates({score: score_of}, parts, pairing.resamples)
        for name, parts in _error_parts(pairing).items():
            row[name] = estimates(SCORE_FIGURES, _kept(parts, chosen), pairing.resamples)
        rows.append(row)
    return rows


def _error_parts(pairing: Pairing) -> dict[str, NDArray[np.float64]]:
    sites = {kind.value: pairing.site_moments(site_columns(kind)) for kind in Kind}
    return {"total": pairing.total_moments(site_columns()), **sites}


def _kept(parts: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Parts of the chosen film sets, 0 of the others: the samples stay those of all."""
    return np.where(chosen.reshape(-1, *[1] * (parts.ndim - 1)), parts, 0.0)


def _group_row(pairing: Pairing, name: str, limb: Limb, kind: Kind, columns: list[str]) -> Figures:
    """Agreement of grades and errors of sites that share a scale."""
    counts, sums = pairing.confusion(columns), pairing.site_moments(columns)
    return {
        "name": name,
        "limb": limb.value,
        "kind": kind.value,
        "n": int(sums[:, 0].sum()),
        **estimates(GRADE_FIGURES, counts, pairing.resamples),
        **estimates(SCORE_FIGURES, sums, pairing.resamples),
    }


def _left_out(pairing: Pairing) -> dict[str, int]:
    """Sites without a gold score, and sites with one but no prediction."""
    gold, predicted = pairing.gold.table[site_columns()], pairing.predicted.table[site_columns()]
    return {
        "without_gold": int(gold.isna().to_numpy().sum()),
        "without_prediction": int((predicted.isna() & gold.notna()).to_numpy().sum()),
    }
