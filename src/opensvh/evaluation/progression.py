"""Change between visits: whose film sets belong together, how two readings' changes agree, who progressed.

One change a person, from the first visit to the last. Sites count only where both readings have them at both visits:
a site that was operated on in between is no change.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.evaluation.bootstrap import Interval, Resamples

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Visits:
    """Film set -> person, and film set -> when: months or any number that orders a person's visits."""

    person: Mapping[str, str]
    when: Mapping[str, float]

    def first_and_last(self, film_sets: pd.Index) -> dict[str, tuple[str, str]]:
        """Person -> the first and the last of his film sets, for all who have two."""
        grouped: dict[str, list[str]] = {}
        for film_set in sorted(map(str, film_sets), key=lambda name: self.when.get(name, 0.0)):
            grouped.setdefault(self.person.get(film_set, film_set), []).append(film_set)
        return {person: (sets[0], sets[-1]) for person, sets in grouped.items() if len(sets) > 1}


def changes(
    gold: pd.DataFrame, predicted: pd.DataFrame, visits: Visits, columns: list[str] | None = None
) -> pd.DataFrame:
    """Per person: change of the sum over `columns` (all sites if not given) by `gold` and by `predicted`, in points."""
    pairs = visits.first_and_last(gold.index)
    first, last = [pair[0] for pair in pairs.values()], [pair[1] for pair in pairs.values()]
    wanted = list(gold.columns) if columns is None else columns
    tables = gold[wanted], predicted.reindex(gold.index)[wanted]
    gained = [table.loc[last].to_numpy(dtype=float) - table.loc[first].to_numpy(dtype=float) for table in tables]
    known = ~np.isnan(gained[0] + gained[1])
    sums = [np.where(known.any(axis=1), np.where(known, each, 0.0).sum(axis=1), np.nan) for each in gained]
    table = pd.DataFrame({"gold": sums[0], "predicted": sums[1]}, index=pd.Index(list(pairs), name="person"))
    return table.dropna()


@dataclass(frozen=True)
class Progression:
    """Who changed by more than `threshold` points by gold, and how well the predicted change tells them.

    `auc` is the chance that a predicted change is larger in one who progressed than in one who did not, ties half;
    `sensitivity` and `specificity` of a predicted change above the same threshold. None where a side is empty.
    """

    threshold: float
    progressed: int
    stayed: int
    auc: Interval | None
    sensitivity: float | None
    specificity: float | None


def progression(change: pd.DataFrame, threshold: float, resamples: Resamples) -> Progression:
    """From the table of `changes`; `resamples` over its persons, in its order."""
    gold, predicted = (change[name].to_numpy(dtype=float) for name in ("gold", "predicted"))
    above = gold > threshold
    return Progression(
        threshold=threshold,
        progressed=int(above.sum()),
        stayed=int((~above).sum()),
        auc=resamples.interval(auc_samples(above, predicted, resamples)),
        sensitivity=float((predicted[above] > threshold).mean()) if above.any() else None,
        specificity=float((predicted[~above] <= threshold).mean()) if (~above).any() else None,
    )


def auc_samples(above: NDArray[np.bool_], score: Array, resamples: Resamples) -> Array:
    """The area under the ROC curve of the whole table and of each sample, NaN where a sample lacks a side."""
    weights = np.concatenate([np.ones((1, len(score))), resamples.weights])
    ahead = np.subtract.outer(score[above], score[~above])
    wins = (ahead > 0) + 0.5 * (ahead == 0)
    progressed, stayed = weights[:, above], weights[:, ~above]
    pairs = progressed.sum(axis=1) * stayed.sum(axis=1)
    won = ((progressed @ wins) * stayed).sum(axis=1)
    return np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), np.nan)


def cumulative_shares(change: Array) -> tuple[Array, Array]:
    """A cumulative probability plot's points: share of patients in percent (rank - 0.5) / n, and their sorted changes.

    Source: Landewe and van der Heijde, Arthritis Rheum 2004;50:699.
    """
    return 100 * (np.arange(len(change)) + 0.5) / len(change), np.sort(change)
