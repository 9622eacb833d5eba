"""Every figure of an evaluation as plain values that JSON can hold: errors, challenge scores, agreement, places.

Puts together what `challenge`, `agreement`, `places` and `bootstrap` measure; pages and plots are `reporting`'s.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.agreement import Agreement, agreement, icc_agreement, to_grades
from opensvh.evaluation.bootstrap import Resamples, patient_interval
from opensvh.evaluation.challenge import (
    challenge_scores,
    completed,
    example_rmse,
    mean_prediction,
    patient_errors,
    pooled_rmse,
    site_columns,
    site_rmse,
    total_rmse,
    weighted_mean,
)
from opensvh.evaluation.pairing import Pairing, ScoreSet
from opensvh.evaluation.places import localization_figures
from opensvh.evaluation.progression import Visits
from opensvh.evaluation.read_tables import probability_tables
from opensvh.evaluation.score_statistics import statistics
from opensvh.evaluation.truth import ReadFilm, gold_table, predicted_table

Figures = dict[str, Any]

INTERVAL_DRAWS = 1000
INTERVAL_SEED = 0
NORMAL_SHARE_GRADE = 0.5
"""An expectation from here on rounds to a grade above normal."""


@dataclass(frozen=True)
class Evaluation:
    """A model's readings of a film set beside what is known; `means` are its training means, empty if it has none.

    `visits` says which patients of the film set are one person's visits, None where nobody says.
    """

    reads: Sequence[ReadFilm]
    means: Mapping[str, float]
    visits: Visits | None = None

    @cached_property
    def gold(self) -> pd.DataFrame:
        """Gold score table; empty where no film has scores."""
        return gold_table(self.reads)

    @cached_property
    def predicted(self) -> pd.DataFrame:
        """Table of expectations of all patients, with gaps."""
        return predicted_table(self.reads)

    @cached_property
    def submitted(self) -> pd.DataFrame:
        """The predictions as the challenge wants them: gaps filled with the training means, where there are any."""
        return completed(
            self.predicted, {column: mean for column, mean in self.means.items() if column in self.predicted}
        )

    @cached_property
    def baseline(self) -> pd.DataFrame | None:
        """The training mean for everyone, None where the model lacks the mean of any column."""
        return mean_prediction(self.gold, self.means) if self.means.keys() >= set(site_columns()) else None

    @cached_property
    def pairing(self) -> Pairing:
        """What is submitted beside gold, patient by patient, with the probabilities behind it."""
        film_sets = self.gold.index
        persons = [self.visits.person.get(str(name), str(name)) if self.visits else str(name) for name in film_sets]
        predicted = ScoreSet(
            "predicted", self.submitted.reindex(film_sets), probabilities=probability_tables(self.reads, film_sets)
        )
        return Pairing(ScoreSet("gold", self.gold), predicted, Resamples(persons), self.visits)

    def figures(self) -> Figures:
        """All of it; `scores` only where there are gold scores, `localization` only where points are marked."""
        refused = [{"film": read.truth.film, "reason": read.reason} for read in self.reads if read.reading is None]
        figures: Figures = {"films": len(self.reads), "patients": len(self.predicted), "refused": refused}
        if any(read.truth.points for read in self.reads):
            figures["localization"] = localization_figures(self.reads)
        if len(self.gold):
            figures["scores"] = self._score_figures()
            figures["agreement"] = agreement_figures(self.gold, self.predicted)
            figures["statistics"] = statistics(self.pairing)
        figures["mean_predicted"] = mean_predicted(self.predicted)
        return figures

    def _score_figures(self) -> Figures:
        figures: Figures = {"model": score_figures(self.gold, self.submitted)}
        figures["model"]["intervals"] = challenge_intervals(self.gold, self.submitted)
        figures["missing_sites"] = _missing(self.gold, self.predicted)
        if self.baseline is not None:
            figures["training_mean"] = score_figures(self.gold, self.baseline)
        return figures

    def site_table(self) -> pd.DataFrame:
        """One row for each of the 86 columns: errors, the baseline's error, agreement, means of both."""
        table = site_rmse(self.gold, self.predicted)
        table["baseline_rmse"] = math.nan if self.baseline is None else site_rmse(self.gold, self.baseline)["rmse"]
        agreements = {column: _column_agreement(self.gold, self.predicted, [column]) for column in table.index}
        for name in ("kappa", "exact", "within_one", "balanced_accuracy"):
            table[name] = [getattr(each, name) if each else None for each in agreements.values()]
        table["mean_gold"] = self.gold.mean()
        table["mean_predicted"] = self.predicted.mean()
        return table


def score_figures(gold: pd.DataFrame, predicted: pd.DataFrame) -> Figures:
    """RMSE as the paper takes it and pooled, the RMSE of totals, and SC1-SC3 with hand and foot variants."""
    return {
        "example_rmse": {kind.value: example_rmse(gold, predicted, kind) for kind in Kind},
        "pooled_rmse": {
            kind.value: {
                "all": pooled_rmse(gold, predicted, kind),
                **{limb.value: pooled_rmse(gold, predicted, kind, limb) for limb in Limb},
            }
            for kind in Kind
        },
        "total_rmse": total_rmse(gold, predicted),
        "total_icc": _total_icc(gold, predicted),
        "challenge": {
            name: asdict(challenge_scores(gold, predicted, limb))
            for name, limb in (("all", None), ("hand", Limb.HAND), ("foot", Limb.FOOT))
        },
    }


def challenge_intervals(gold: pd.DataFrame, predicted: pd.DataFrame) -> Figures:
    """95 % intervals of SC1 to SC3 over samples of patients."""
    errors = patient_errors(gold, predicted)

    def statistic(name: str) -> Callable[[Any], float | None]:
        pair = errors[[name, "weight"]].to_numpy(dtype=float)
        return lambda rows: weighted_mean(*pair[rows].T)

    intervals = {
        name: patient_interval(statistic(name), len(gold), INTERVAL_SEED, INTERVAL_DRAWS)
        for name in ("sc1", "sc2", "sc3")
    }
    return {name: [interval.low, interval.high] for name, interval in intervals.items() if interval is not None}


def agreement_figures(gold: pd.DataFrame, predicted: pd.DataFrame) -> Figures:
    """Kappa, exact and within-one agreement by limb and kind: of all sites together, and by site over both sides."""
    figures: Figures = {}
    for limb in Limb:
        for kind in Kind:
            columns = site_columns(kind, limb)
            pooled = _column_agreement(gold, predicted, columns)
            if pooled is not None:
                sites = {site: _column_agreement(gold, predicted, each) for site, each in _by_site(columns).items()}
                figures.setdefault(limb.value, {})[kind.value] = {
                    **_plain_agreement(pooled),
                    "confusion": pooled.confusion.tolist(),
                    "sites": {site: _plain_agreement(each) for site, each in sites.items() if each is not None},
                }
    return figures


def mean_predicted(predicted: pd.DataFrame) -> Figures:
    """By limb and kind, and by site over both sides: mean expectation and the share of sites read above normal.

    On films without arthritis both should be 0.
    """
    return {
        limb.value: {
            kind.value: {
                **_mean_and_share(predicted, columns),
                "sites": {site: _mean_and_share(predicted, each) for site, each in _by_site(columns).items()},
            }
            for kind in Kind
            if not predicted[columns := site_columns(kind, limb)].isna().all(axis=None)
        }
        for limb in Limb
    }


def _by_site(columns: Iterable[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for column in columns:
        grouped.setdefault(RA2_SITE_COLUMNS[column][1].name, []).append(column)
    return grouped


def _missing(gold: pd.DataFrame, predicted: pd.DataFrame) -> int:
    gaps = predicted.reindex(index=gold.index, columns=gold.columns).isna() & gold.notna()
    return int(gaps.to_numpy().sum())


def _total_icc(gold: pd.DataFrame, predicted: pd.DataFrame) -> float | None:
    both = predicted.reindex(index=gold.index).where(gold.notna())
    return icc_agreement(gold.where(both.notna()).sum(axis=1).to_numpy(), both.sum(axis=1).to_numpy())


def _column_agreement(gold: pd.DataFrame, predicted: pd.DataFrame, columns: list[str]) -> Agreement | None:
    """Agreement of whole grades at these columns, which share a range; unscored and unassessable sites left out."""
    _, site, kind = RA2_SITE_COLUMNS[columns[0]]
    maximum = site.maximum(kind) or 0
    truth = gold[columns].to_numpy(dtype=float).ravel()
    guess = predicted.reindex(index=gold.index, columns=columns).to_numpy(dtype=float).ravel()
    known = ~(np.isnan(truth) | np.isnan(guess))
    return agreement(to_grades(truth[known], maximum), to_grades(guess[known], maximum), maximum)


def _plain_agreement(figures: Agreement) -> Figures:
    names = ("n", "kappa", "exact", "within_one", "balanced_accuracy")
    return {name: getattr(figures, name) for name in names}


def _mean_and_share(predicted: pd.DataFrame, columns: list[str]) -> Figures:
    values = predicted[columns].to_numpy(dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return {"n": 0, "mean": None, "above_normal": None}
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "above_normal": float((values >= NORMAL_SHARE_GRADE).mean()),
    }
