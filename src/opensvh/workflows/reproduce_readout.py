"""From what a run read of a part to the scores that are compared: the paper's way, or as an arm says (`ReadoutConfig`).

The paper's readout is the expected grade, and the sum of these (section 3). The challenge's scores ask for another.
SC2 and SC3 square differences of log2(grade + 1): the best answer is the grade whose logarithm is the expected one.
SC1 asks for a weighted median of totals (`evaluation.readout_total`). And labels smoothed by p make a model that is
right say p / 2 of a grade at every healthy site: at p = 0.1 five points of a healthy patient's total, since the feet's
erosion counts twice. What is fitted learns from the development patients; for these themselves from others of them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.pairing import ScoreSet
from opensvh.evaluation.readout_sites import SiteModel, SiteValues, log_scores
from opensvh.evaluation.readout_total import TotalModel
from opensvh.evaluation.site_distributions import Distributions
from opensvh.io.ra2 import PATIENT
from opensvh.targets.smoothing import Smoothing
from opensvh.workflows.reproduce_config import ReadoutConfig

FOLDS = 8
"""In which development patients are read with what was learnt from the other ones."""


@dataclass(frozen=True)
class Read:
    """What a run, or an ensemble, read of a part: `smoothing` of the labels it learnt from, and the training means
    that stand where nothing was read."""

    distributions: Distributions
    smoothing: Smoothing
    means: Mapping[str, float]

    def values(self, config: ReadoutConfig) -> SiteValues:
        """What the readout starts from."""
        distributions = unsmoothed(self.distributions, self.smoothing) if config.unsmoothed else self.distributions
        return SiteValues.of(distributions, self.means)


@dataclass(frozen=True)
class Gold:
    """Gold scores of a part's film sets, and whose each is."""

    table: pd.DataFrame
    persons: Sequence[str]


def plain_readout(name: str, read: Read, config: ReadoutConfig) -> ScoreSet:
    """Scores of a readout that needs no patients to learn from."""
    values = read.values(config)
    sites = values.expected if config.sites == "expected" else log_scores(values)
    return _scores(name, read, sites, values.expected.sum(axis=1))


def fitted_readout(name: str, read: Read, config: ReadoutConfig, known: Read, gold: Gold) -> ScoreSet:
    """Scores of other film sets than those in `known`, whose gold scores are `gold`, in the same order."""
    own, learnt = read.values(config), known.values(config)
    return _scores(name, read, *_fitted(own, learnt, gold.table, config))


def crossed_readout(name: str, read: Read, config: ReadoutConfig, gold: Gold) -> ScoreSet:
    """Scores of the film sets that are learnt from: each person's by what the other folds' persons teach."""
    values = read.values(config)
    folds = np.array([_fold(person) for person in gold.persons])
    sites, totals = np.empty_like(values.expected), np.empty(len(folds))
    for fold in np.unique(folds):
        held = folds == fold
        others = gold.table[~held]
        sites[held], totals[held] = _fitted(values.rows(held), values.rows(~held), others, config)
    return _scores(name, read, sites, totals)


def _fitted(
    own: SiteValues, learnt: SiteValues, gold: pd.DataFrame, config: ReadoutConfig
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sites [film sets, 86] and totals [film sets]."""
    if config.sites in ("fitted", "context"):
        sites = SiteModel.fit(learnt, gold, config.sites == "context").scores(own)
    else:
        sites = own.expected if config.sites == "expected" else log_scores(own)
    if config.total == "fitted":
        return sites, TotalModel.fit(learnt, gold).totals(own)
    return sites, own.expected.sum(axis=1)


def _scores(name: str, read: Read, sites: NDArray[np.float64], totals: NDArray[np.float64]) -> ScoreSet:
    index = pd.Index(read.distributions.film_sets, name=PATIENT)
    return ScoreSet(name, pd.DataFrame(sites, index=index, columns=site_columns()), pd.Series(totals, index=index))


def unsmoothed(read: Distributions, smoothing: Smoothing) -> Distributions:
    """What was said before labels were smoothed: the smoothing undone, what falls below 0 cut off."""
    if not smoothing.p:
        return read
    by_column = {}
    for column, rows in read.by_column.items():
        undone = np.linalg.pinv(smoothing.matrix(rows.shape[1]).astype(np.float64))
        sharp = np.clip(rows @ undone, 0, None)
        by_column[column] = sharp / sharp.sum(axis=1, keepdims=True)
    return replace(read, by_column=by_column)


def _fold(person: str) -> int:
    return int(hashlib.sha256(person.encode()).hexdigest(), 16) % FOLDS
