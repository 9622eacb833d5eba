"""A prediction beside its gold standard: the two score tables, whose each row is, and what they add to any sum.

Which figures are made of it is `measures`' and `score_statistics`'; reading tables is `io`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.evaluation.agreement import confusion_parts
from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.challenge import StatedTotals, paired_totals, patient_errors, score_parts, site_columns
from opensvh.evaluation.paired_scores import moments
from opensvh.evaluation.progression import Visits, changes
from opensvh.evaluation.subgroups import maximum_of

Array = NDArray[np.float64]
_PLACES = {column: place for place, column in enumerate(site_columns())}


@dataclass(frozen=True)
class ScoreSet:
    """One reader's or model's scores, by the `name` a page gives them.

    `table`: film sets x the 86 site columns, NaN where not scored; `totals` what it states of each film set's total,
    None where it states none; `probabilities`: column -> [film sets, classes], rows of NaN where not read, empty of
    readers.
    """

    name: str
    table: pd.DataFrame
    totals: "pd.Series[float] | None" = None
    probabilities: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Pairing:
    """`predicted` against `gold`, both of the same film sets in the same order; `resamples` over gold's rows."""

    gold: ScoreSet
    predicted: ScoreSet
    resamples: Resamples
    visits: Visits | None = None

    def __post_init__(self) -> None:
        if not self.gold.table.index.equals(self.predicted.table.index):
            raise ValueError(f"{self.predicted.name} is not of the film sets of {self.gold.name} in their order")

    @cached_property
    def stated(self) -> StatedTotals | None:
        """The totals that both state, None unless both do."""
        if self.gold.totals is None or self.predicted.totals is None:
            return None
        return StatedTotals(self.gold.totals, self.predicted.totals)

    @cached_property
    def gold_sums(self) -> Array:
        """Gold total of each film set over all its scored sites."""
        return self.gold.table[site_columns()].sum(axis=1).to_numpy(dtype=float)

    def scores(self, columns: list[str]) -> tuple[Array, Array]:
        """Gold and predicted scores [film sets, columns], NaN in both where either lacks one."""
        places = [_PLACES[column] for column in columns]
        gold, predicted = self._paired
        return gold[:, places], predicted[:, places]

    def totals(self, columns: list[str]) -> tuple[Array, Array]:
        """Gold and predicted sums of each film set over the columns both have, NaN where there is none."""
        table = paired_totals(self.gold.table, self.predicted.table, columns, self.stated)
        return table["gold"].to_numpy(dtype=float), table["predicted"].to_numpy(dtype=float)

    def challenge_parts(self, name: str, limb: Limb | None) -> Array:
        """Each film set's part in SC1, SC2 or SC3."""
        return score_parts(self._errors[limb], name)

    def site_moments(self, columns: list[str]) -> Array:
        """Each film set's part in the sums over its sites, see `paired_scores`."""
        return moments(*self.scores(columns))

    def total_moments(self, columns: list[str]) -> Array:
        """Each film set's part in the sums over totals."""
        return moments(*self.totals(columns))

    def confusion(self, columns: list[str]) -> Array:
        """Each film set's confusion counts over columns that share a scale."""
        return confusion_parts(*self.scores(columns), maximum_of(columns))

    def change(self, columns: list[str] | None = None) -> pd.DataFrame:
        """Change of each person with two visits, empty without visits."""
        if self.visits is None:
            return pd.DataFrame({"gold": [], "predicted": []}, dtype=float)
        return changes(self.gold.table, self.predicted.table, self.visits, columns or site_columns())

    @cached_property
    def _paired(self) -> tuple[Array, Array]:
        gold, predicted = (each.table[list(_PLACES)].to_numpy(dtype=float) for each in (self.gold, self.predicted))
        known = ~(np.isnan(gold) | np.isnan(predicted))
        return np.where(known, gold, np.nan), np.where(known, predicted, np.nan)

    @cached_property
    def _errors(self) -> dict[Limb | None, pd.DataFrame]:
        tables = self.gold.table, self.predicted.table
        return {limb: patient_errors(*tables, limb, self.stated) for limb in (None, *Limb)}
