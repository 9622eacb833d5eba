"""The RA2 DREAM challenge's weighted log2 errors SC1 to SC3, and the plain errors a paper reports, from score tables.

A score table is a pandas frame with one row a patient (index) and the 86 site columns of `anatomy.RA2_SITE_COLUMNS`,
NaN where there is no score. Reading and writing such tables is `io.ra2`'s; agreement of grades is `agreement`'s.

Source: the organisers' description and post-challenge analysis (FACTS: weights by the gold total, log2(x + 1), negative
predictions taken as 0).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb, film_code

TOTAL_UPPER_BOUNDS = (0, 1, 3, 7, 20, 55, 148)
"""Highest gold total of each weight class; a total above the last belongs to one more."""
TOTAL_WEIGHTS = (1.0, 2.0, 2.143547, 3.863745, 8.0, 16.0, 32.0, 64.0)


@dataclass(frozen=True)
class ChallengeScores:
    """SC1 (total), SC2 (narrowing sites), SC3 (erosion sites) of a group of patients; lower is better, None if empty.

    `patients` were scored; `left_out` is the number of sites that lacked a gold score or a prediction.
    """

    sc1: float | None
    sc2: float | None
    sc3: float | None
    patients: int
    left_out: int


def site_columns(kind: Kind | None = None, limb: Limb | None = None) -> list[str]:
    """The challenge's site columns, only those of a kind or limb if given, in its order."""
    return [
        column
        for column, (_, site, its_kind) in RA2_SITE_COLUMNS.items()
        if kind in (None, its_kind) and limb in (None, site.limb)
    ]


def film_columns(kind: Kind) -> dict[str, list[str]]:
    """The columns of one kind by film code: what one example of the network holds."""
    grouped: dict[str, list[str]] = {}
    for column, (side, site, its_kind) in RA2_SITE_COLUMNS.items():
        if its_kind is kind:
            grouped.setdefault(film_code(site.limb, side), []).append(column)
    return grouped


def patient_weights(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """The challenge's weight of each patient from the gold totals, 0 to 448."""
    return np.asarray(TOTAL_WEIGHTS)[np.searchsorted(TOTAL_UPPER_BOUNDS, totals, side="left")]


@dataclass(frozen=True)
class StatedTotals:
    """The `Overall_Tol` column of gold and prediction by patient, NaN where a file states none.

    A submission's total is an answer of its own: it need not be the sum of its sites.
    """

    gold: "pd.Series[float]"
    predicted: "pd.Series[float]"

    def of(self, patients: pd.Index) -> tuple["pd.Series[float]", "pd.Series[float]"]:
        """Both in the order of `patients`; negative predictions become 0."""
        return self.gold.reindex(patients), self.predicted.reindex(patients).clip(lower=0.0)


def challenge_scores(
    gold: pd.DataFrame, predicted: pd.DataFrame, limb: Limb | None = None, stated: StatedTotals | None = None
) -> ChallengeScores:
    """SC1 to SC3 over the patients of `gold`, or their hand or foot variants.

    Weights always come from the patient's whole gold total. A site without gold score or prediction is left out on
    both sides; `completed` fills predictions first, as a submission must.
    """
    truth, _ = _paired(gold, predicted, site_columns(limb=limb))
    errors = patient_errors(gold, predicted, limb, stated)
    return ChallengeScores(**weighted_scores(errors), patients=len(gold), left_out=int(truth.isna().to_numpy().sum()))


def patient_errors(
    gold: pd.DataFrame, predicted: pd.DataFrame, limb: Limb | None = None, stated: StatedTotals | None = None
) -> pd.DataFrame:
    """Each patient's part in the scores: log2 errors `sc1`, `sc2`, `sc3` (NaN where nothing is paired) and `weight`.

    Where both sides state a patient's total and have all his sites, SC1 takes these; else sums over the sites that both
    have. Hand and foot variants are always sums: no file states them. The weight is that of the gold total as stated,
    else as summed.
    """
    columns = site_columns(limb=limb)
    truth, guess = _paired(gold, predicted, columns)
    totals = paired_totals(gold, predicted, columns, stated)
    whole = gold[site_columns()].sum(axis=1)
    if stated is not None:
        whole = stated.of(gold.index)[0].fillna(whole)
    squared = (np.log2(truth + 1) - np.log2(guess + 1)) ** 2
    return pd.DataFrame(
        {
            "sc1": np.abs(np.log2(totals["gold"] + 1) - np.log2(totals["predicted"] + 1)),
            "sc2": np.sqrt(squared[site_columns(Kind.NARROWING, limb)].mean(axis=1)),
            "sc3": np.sqrt(squared[site_columns(Kind.EROSION, limb)].mean(axis=1)),
            "weight": patient_weights(whole.to_numpy(dtype=float)),
        }
    )


def paired_totals(
    gold: pd.DataFrame, predicted: pd.DataFrame, columns: list[str], stated: StatedTotals | None = None
) -> pd.DataFrame:
    """Sums `gold` and `predicted` of each patient over those of `columns` that both have, NaN where there is none.

    Over all columns, the totals that both sides state go before their sums, unless either lacks a site: then the two
    totals would be of different sites.
    """
    truth, guess = _paired(gold, predicted, columns)
    known = truth.notna().any(axis=1)
    totals = pd.DataFrame({"gold": truth.sum(axis=1).where(known), "predicted": guess.sum(axis=1).where(known)})
    if stated is not None and len(columns) == len(RA2_SITE_COLUMNS):
        told_gold, told_predicted = stated.of(gold.index)
        both = told_gold.notna() & told_predicted.notna() & truth.notna().all(axis=1)
        totals = totals.assign(
            gold=totals["gold"].mask(both, told_gold), predicted=totals["predicted"].mask(both, told_predicted)
        )
    return totals


def weighted_scores(errors: pd.DataFrame) -> dict[str, float | None]:
    """SC1 to SC3 from `patient_errors`: the weighted means of the patients who have one, None without any."""
    weights = errors["weight"].to_numpy(dtype=float)
    return {name: weighted_mean(errors[name].to_numpy(dtype=float), weights) for name in ("sc1", "sc2", "sc3")}


def score_parts(errors: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Each patient's weighted error and weight [patients, 2] of one score of `patient_errors`: 0 where he has none."""
    error, weight = (errors[column].to_numpy(dtype=float) for column in (name, "weight"))
    known = ~np.isnan(error)
    return np.stack([np.where(known, error * weight, 0.0), np.where(known, weight, 0.0)], axis=1)


def score_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """SC1, SC2 or SC3 of each sample from sums of `score_parts` [samples, 2]."""
    return np.asarray(sums[:, 0] / sums[:, 1])


def completed(predicted: pd.DataFrame, means: Mapping[str, float]) -> pd.DataFrame:
    """Predictions with every gap filled by the training mean of its column, as the challenge's CSV demands."""
    return predicted.fillna(value=dict(means))


def mean_prediction(gold: pd.DataFrame, means: Mapping[str, float]) -> pd.DataFrame:
    """The baseline to beat: the training mean of each column for every patient of `gold`."""
    row = [float(means[column]) for column in site_columns()]
    return pd.DataFrame([row] * len(gold), index=gold.index, columns=site_columns())


def site_rmse(gold: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """Per column: kind, limb, number of pairs, RMSE and mean error (predicted minus gold) in grades."""
    truth, guess = _paired(gold, predicted, site_columns())
    error = guess - truth
    rows = [RA2_SITE_COLUMNS[column] for column in error.columns]
    return pd.DataFrame(
        {
            "site": [site.name for _, site, _ in rows],
            "side": [side.value for side, _, _ in rows],
            "limb": [site.limb.value for _, site, _ in rows],
            "kind": [kind.value for _, _, kind in rows],
            "n": error.notna().sum(axis=0).to_numpy(),
            "rmse": np.sqrt((error**2).mean(axis=0)).to_numpy(),
            "bias": error.mean(axis=0).to_numpy(),
        },
        index=pd.Index(error.columns, name="column"),
    )


def example_rmse(gold: pd.DataFrame, predicted: pd.DataFrame, kind: Kind) -> float | None:
    """RMSE over the joints of a film, averaged over films: "for all joints, averaged over all examples" (section 4).

    The paper's network sees one film at a time, so an example is taken to be a film. None where nothing is paired.
    """
    truth, guess = _paired(gold, predicted, site_columns(kind))
    squared = (guess - truth) ** 2
    films = [np.sqrt(squared[columns].mean(axis=1)) for columns in film_columns(kind).values()]
    errors = pd.concat(films).dropna()
    return None if errors.empty else float(errors.mean())


def pooled_rmse(gold: pd.DataFrame, predicted: pd.DataFrame, kind: Kind, limb: Limb | None = None) -> float | None:
    """Plain RMSE in grades over every scored site of every patient; None where nothing is paired."""
    truth, guess = _paired(gold, predicted, site_columns(kind, limb))
    squared = ((guess - truth) ** 2).to_numpy(dtype=float)
    return None if np.isnan(squared).all() else float(np.sqrt(np.nanmean(squared)))


def total_rmse(gold: pd.DataFrame, predicted: pd.DataFrame) -> float | None:
    """RMSE of the patient's total in units of 0 to 448, over the sites both have."""
    truth, guess = _paired(gold, predicted, site_columns())
    return float(np.sqrt(((guess.sum(axis=1) - truth.sum(axis=1)) ** 2).mean())) if len(truth) else None


def _paired(gold: pd.DataFrame, predicted: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables over gold's patients with NaN wherever either lacks a score; negative predictions become 0."""
    truth = gold[columns].to_numpy(dtype=float)
    guess = np.maximum(predicted.reindex(index=gold.index, columns=columns).to_numpy(dtype=float), 0.0)
    both = ~(np.isnan(truth) | np.isnan(guess))
    tables = (pd.DataFrame(np.where(both, each, np.nan), gold.index, columns) for each in (truth, guess))
    return next(tables), next(tables)


def weighted_mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    """Over the values that are there, None without any."""
    known = ~np.isnan(values)
    return float(np.average(values[known], weights=weights[known])) if known.any() else None
